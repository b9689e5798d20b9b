import { randomUUID } from "node:crypto";
import { appendLine } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { holdProcessLock } from "../lake/processLock.ts";
import { runLock } from "../serving/runs.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";

/** The result of a run. */
export interface RunEnd {
  /** Rows served at the end; null if the run did not get there. */
  rows: number | null;
  seconds: number;
  exit: number;
  /** The error's code, if it failed. */
  error?: string;
}

/**
 * Writes the start of a run to `data/runs.jsonl`. The line written at its end has the same `run`; without that line
 * the run was interrupted or is still running, and a lock that ends with the process distinguishes the two.
 * @param log the run's own log, relative to the workspace
 * @returns a function that writes the line of its end
 */
export async function recordRun(
  workspace: Workspace,
  command: string,
  log: string,
): Promise<(end: RunEnd) => Promise<void>> {
  const run = randomUUID().slice(0, 8);
  const release = await holdProcessLock(workspace, runLock(""), runLock(run));
  const write = async (event: "start" | "end", facts: object) => {
    const at = toIso(workspace.clock() as EpochMs);
    const line = { schema: 1, run, event, at, command, ...facts, log };
    await appendLine(inWorkspace(workspace, "data", "runs.jsonl"), line);
  };
  await write("start", { pid: process.pid });
  return async (end) => {
    await write("end", end);
    await release();
  };
}
