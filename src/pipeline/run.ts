import type { Effects } from "../core/effects.ts";
import { inputError, throwIfAborted } from "../core/errors.ts";
import { monotonicClock } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { requireCheckout } from "../notebooks/notebookTasks.ts";
import { type ChosenSource, chooseSource, type SourceChoice } from "./runSource.ts";
import { type Findings, STAGE_NAMES, type Stage, type StageOptions, stages } from "./stages.ts";

export interface RunOptions extends SourceChoice, StageOptions {
  /** The last stage to run; default: all. */
  until?: Stage;
  /** Called before the first stage with the workspace of the run. */
  chosen?: (workspace: Workspace) => Promise<void>;
}

export interface StageOutcome {
  stage: Stage;
  /** Nothing had changed, so nothing was done. */
  skipped: boolean;
  seconds: number;
  /** The run continued without it: a remark gives the reason. */
  without: boolean;
  /** The result, in a few words. */
  note: string;
}

export interface RunResult extends Findings {
  /** The workspace of the run: for the simulated market, a separate one. */
  workspace: Workspace;
  /** What was missing in the run, each in a sentence. */
  remarks: string[];
  stages: StageOutcome[];
}

/**
 * Runs all stages in order, from raw files to the report; a stage whose inputs did not change does nothing. A
 * workspace has one run at a time: tables of two would belong to neither's source.
 * @throws CandlebookError `no_such_stage`; `table_locked` with the process id of another run; `no_checkout` before any work; the errors of `chooseSource` and the stages
 */
export async function run(
  workspace: Workspace,
  options: RunOptions = {},
  effects: Effects = {},
): Promise<RunResult> {
  const { until } = options;
  if (until !== undefined && !STAGE_NAMES.includes(until)) {
    throw inputError("no_such_stage", `There is no stage ${until}.`, `Stages: ${STAGE_NAMES.join(", ")}.`);
  }
  if (until === undefined || STAGE_NAMES.indexOf(until) >= STAGE_NAMES.indexOf("notebooks"))
    requireCheckout();
  const chosen = await chooseSource(workspace, options, effects);
  return withTableLock(chosen.workspace, "run", () => runStages(chosen, options, effects), 0);
}

async function runStages(chosen: ChosenSource, options: RunOptions, effects: Effects): Promise<RunResult> {
  await options.chosen?.(chosen.workspace);
  const result: RunResult = {
    source: chosen.source,
    workspace: chosen.workspace,
    remarks: [...chosen.remarks],
    stages: [],
    balance: null,
    rows: null,
    report: null,
  };
  for (const { name, work } of stages) {
    throwIfAborted(effects.signal);
    const started = monotonicClock();
    const { skipped, note, found, remark } = await work(chosen, options, effects);
    Object.assign(result, found);
    if (remark !== undefined) result.remarks.push(remark);
    const seconds = (monotonicClock() - started) / 1000;
    result.stages.push({ stage: name, skipped, without: remark !== undefined, seconds, note });
    if (name === options.until) break;
  }
  return result;
}
