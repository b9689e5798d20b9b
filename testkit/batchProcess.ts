// Ingest, clean and daily in a process of their own, which tells what the tables hold: batchProcess.ts WORKSPACE FILE…
import { resolve } from "node:path";
import type { Workspace } from "../src/core/workspace.ts";
import { runBatch } from "./batch.ts";
import { contentsOf } from "./contents.ts";

const [root, ...files] = process.argv.slice(2);
const workspace: Workspace = {
  root: resolve(root),
  clock: () => Date.UTC(2026, 0, 1),
  resources: { threads: 2, memory: "512MB" },
};
await runBatch(workspace, files);
console.log(JSON.stringify(await contentsOf(workspace)));
