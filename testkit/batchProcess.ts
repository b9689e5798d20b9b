// Ingest, clean and daily in a process of their own: batchProcess.ts WORKSPACE FILE…
import { resolve } from "node:path";
import { runBatch } from "./batch.ts";

const [root, ...files] = process.argv.slice(2);
await runBatch(
  { root: resolve(root), clock: () => Date.UTC(2026, 0, 1), resources: { threads: 2, memory: "512MB" } },
  files,
);
