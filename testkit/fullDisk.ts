// The batch layer on a disk of its own that fills up, run in a mount namespace where that is this process's alone:
// fullDisk.ts FOLDER SIZES OLD… -- NEW…. Prints a JSON line for each size tried.
import { execFileSync } from "node:child_process";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../src/core/workspace.ts";
import { runBatch } from "./batch.ts";
import { contentsOf } from "./contents.ts";

const [folder, sizes, ...words] = process.argv.slice(2);
const oldFiles = words.slice(0, words.indexOf("--"));
const newFiles = words.slice(words.indexOf("--") + 1);
const PLENTY = 1024;

const workspace: Workspace = {
  root: join(folder, "workspace"),
  clock: () => Date.UTC(2026, 0, 1),
  resources: { threads: 2, memory: "256MB" },
};
const mount = (options: string) => execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
const used = async () => {
  const { blocks, bfree, bsize } = await statfs(folder);
  return Math.ceil(((blocks - bfree) * bsize) / 1024);
};

mount(`size=${PLENTY}m`);
await runBatch(workspace, oldFiles);
const before = await contentsOf(workspace);
const least = await used();
await runBatch(workspace, newFiles);
const after = await contentsOf(workspace);
await runBatch(workspace, oldFiles);
// Old and new versions and the backups lie side by side at the end, and the pieces while files are read.
const most = 2 * (await used());
for (let i = 0; i < Number(sizes); i += 1) {
  const room = least + 8 + Math.floor(((most - least) * i) / Number(sizes));
  const start = await used();
  mount(`remount,size=${Math.max(room, start + 4)}k`);
  const error = await runBatch(workspace, newFiles).then(
    () => null,
    (thrown) => ({
      code: thrown.code ?? String(thrown),
      exit: thrown.exit ?? null,
      message: String(thrown.message),
    }),
  );
  const left = await contentsOf(workspace);
  const whole = Object.entries(left).every(([table, hash]) => [before[table], after[table]].includes(hash));
  mount(`remount,size=${PLENTY}m`);
  await runBatch(workspace, newFiles);
  const completed = JSON.stringify(await contentsOf(workspace)) === JSON.stringify(after);
  console.log(JSON.stringify({ room, error, whole, completed }));
  await runBatch(workspace, oldFiles);
}
