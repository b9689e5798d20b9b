import { randomUUID } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { holdProcessLock } from "../lake/processLock.ts";
import { runLock } from "../serving/runs.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";

/** What is known of a run when it has ended. */
export interface RunEnd {
  /** Rows served at the end; null where the run did not get there. */
  rows: number | null;
  seconds: number;
  exit: number;
  /** The error's code, where it failed. */
  error?: string;
}

/**
 * Writes into `data/runs.jsonl` that a run starts. The line that is written at its end carries the same `run`; where it
 * never comes, the run was cut short, and the lock that dies with the process tells it from one that works still.
 * @param log the run's own log, relative to the workspace
 * @returns writes the line of its end
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
    await addLine(workspace, { schema: 1, run, event, at, command, ...facts, log });
  };
  await write("start", { pid: process.pid });
  return async (end) => {
    await write("end", end);
    await release();
  };
}

/** A line that a crash cut short must not swallow the one after it. */
async function addLine(workspace: Workspace, line: object): Promise<void> {
  await mkdir(inWorkspace(workspace, "data"), { recursive: true });
  const file = await open(inWorkspace(workspace, "data", "runs.jsonl"), "a+");
  try {
    const { size } = await file.stat();
    const last = size === 0 ? "\n" : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    await file.appendFile(`${last === "\n" ? "" : "\n"}${JSON.stringify(line)}\n`);
  } finally {
    await file.close();
  }
}
