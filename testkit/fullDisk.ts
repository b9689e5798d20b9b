// The batch layer on a disk of its own that fills up or can't be written to, run in a mount namespace where that is this process's alone:
// fullDisk.ts FOLDER SIZES OLD… -- NEW…. Prints a JSON line for each size tried, the last for a disk that is read-only.
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
/** Tries the new files on a disk in a bad state, then on a good one, and puts the old tables back. */
async function attempt(room: number | "read-only", bad: string, good: string): Promise<void> {
  mount(`remount,${bad}`);
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
  mount(`remount,${good}`);
  await runBatch(workspace, newFiles);
  const completed = JSON.stringify(await contentsOf(workspace)) === JSON.stringify(after);
  console.log(JSON.stringify({ room, error, whole, completed }));
  await runBatch(workspace, oldFiles);
}

for (let i = 0; i < Number(sizes); i += 1) {
  const room = Math.max(least + 8 + Math.floor(((most - least) * i) / Number(sizes)), (await used()) + 4);
  await attempt(room, `size=${room}k`, `size=${PLENTY}m`);
}
await attempt("read-only", "ro", "rw");
