import { appendFile, mkdir } from "node:fs/promises";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";

/** One line of `data/runs.jsonl`. */
export interface RunRecord {
  command: string;
  /** Rows served at the end; null where the run did not get there. */
  rows: number | null;
  seconds: number;
  exit: number;
  /** The error's code, where it failed. */
  error?: string;
  /** The run's own log, relative to the workspace. */
  log?: string;
}

/** Adds a run to the workspace's record. */
export async function recordRun(workspace: Workspace, record: RunRecord): Promise<void> {
  const at = toIso(workspace.clock() as EpochMs);
  await mkdir(inWorkspace(workspace, "data"), { recursive: true });
  await appendFile(
    inWorkspace(workspace, "data", "runs.jsonl"),
    `${JSON.stringify({ schema: 1, at, ...record })}\n`,
  );
}
