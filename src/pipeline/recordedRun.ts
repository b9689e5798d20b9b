import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { monotonicClock } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import { rememberWorkspace } from "../lake/lastWorkspace.ts";
import { storageError } from "../lake/storageError.ts";
import { openLog } from "./logFile.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";
import { type RunEnd, recordRun } from "./runLog.ts";

/**
 * A run that is recorded in `data/runs.jsonl` and in its own log, whatever its result: both start when the source is
 * chosen, so that a run that is killed is recorded too. A run that is refused before it has a workspace is not
 * recorded.
 * @throws CandlebookError as `run` does
 */
export async function recordedRun(
  workspace: Workspace,
  options: RunOptions,
  effects: Effects,
): Promise<RunResult> {
  const started = monotonicClock();
  const elapsed = () => monotonicClock() - started;
  const log = openLog("run", effects, elapsed);
  let end: ((end: RunEnd) => Promise<void>) | null = null;
  const begin = async (where: Workspace) => {
    end = await recordRun(where, "run", await log.open(where));
    await rememberWorkspace(where.root);
  };
  const finish = async (facts: Omit<RunEnd, "seconds">) => {
    await end?.({ ...facts, seconds: Math.round(elapsed()) / 1000 });
  };
  try {
    const result = await run(workspace, { ...options, chosen: begin }, log.effects);
    for (const remark of result.remarks) log.add(remark);
    for (const { stage, note, skipped } of result.stages) {
      log.add(`${stage}: ${note}${skipped ? " (skipped)" : ""}`);
    }
    log.add("done");
    await finish({ rows: result.rows, exit: 0 });
    return result;
  } catch (error) {
    const { exit, code } = error instanceof CandlebookError ? error : { exit: 1, code: "unexpected" };
    try {
      if (end === null && exit !== 2) await begin(workspace);
      log.add(`failed (exit ${exit}, ${code}): ${wordsOf(error)}`);
      await finish({ rows: null, exit, error: code });
    } catch {
      // A full disk or a read-only folder: the error of the run itself is the one to report.
    }
    throw error instanceof CandlebookError ? error : storageError(error, "data/runs.jsonl");
  }
}

/** Without the stack, which contains paths of the machine. */
function wordsOf(error: unknown): string {
  if (error instanceof CandlebookError) return `${error.message} ${error.next}`;
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}
