// Ingest, clean and daily as the commands run them. Usage: candlebook.ts FILES… OUT
import { clean } from "../../src/batch/clean.ts";
import { daily } from "../../src/batch/daily.ts";
import { ingest } from "../../src/batch/ingest.ts";
import type { Workspace } from "../../src/core/workspace.ts";

const files = process.argv.slice(2, -1).map((path) => ({ path }));
const workspace: Workspace = {
  root: process.argv[process.argv.length - 1],
  clock: () => Date.UTC(2026, 0, 1),
  resources: { threads: 2, memory: "512MB" },
};
let from = performance.now();
const lap = (stage: string) => {
  const { user, system } = process.cpuUsage();
  const now = performance.now();
  if (process.env.LAPS) {
    console.error(
      stage,
      ((now - from) / 1000).toFixed(1),
      "s, CPU so far",
      ((user + system) / 1e6).toFixed(1),
      "s",
    );
  }
  from = now;
};
await ingest(workspace, { files });
lap("ingest");
await clean(workspace);
lap("clean");
await daily(workspace);
lap("daily");
