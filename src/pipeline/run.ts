import type { Effects } from "../core/effects.ts";
import { inputError, throwIfAborted } from "../core/errors.ts";
import { monotonicClock } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { requireCheckout } from "../notebooks/notebookTasks.ts";
import { type ChosenSource, chooseSource, type SourceChoice } from "./runSource.ts";
import { type Findings, SIDE_BY_SIDE, STAGE_NAMES, type Stage, type StageOptions, stages } from "./stages.ts";

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
  const last = options.until === undefined ? stages.length - 1 : STAGE_NAMES.indexOf(options.until);
  for (const group of inGroups(stages.slice(0, last + 1))) {
    throwIfAborted(effects.signal);
    for (const { found, remark, ...outcome } of await runGroup(group, { chosen, options, effects })) {
      Object.assign(result, found);
      if (remark !== undefined) result.remarks.push(remark);
      result.stages.push({ ...outcome, without: remark !== undefined });
    }
  }
  return result;
}

/** The stages in their order; those that run side by side are one group. */
function inGroups(all: typeof stages): (typeof stages)[] {
  const beside = all.filter(({ name }) => SIDE_BY_SIDE.includes(name));
  return all.flatMap((stage) => {
    if (!beside.includes(stage)) return [[stage]];
    return stage === beside[0] ? [beside] : [];
  });
}

/** Runs stages side by side; a failure stops the others, and is thrown when they have ended. */
async function runGroup(
  group: typeof stages,
  { chosen, options, effects }: { chosen: ChosenSource; options: RunOptions; effects: Effects },
) {
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(effects.signal ? [effects.signal] : [])]);
  let first: { error: unknown } | null = null;
  const ends = await Promise.all(
    group.map(async ({ name, work }) => {
      const started = monotonicClock();
      try {
        const outcome = await work(chosen, options, { ...effects, signal });
        return [{ stage: name, ...outcome, seconds: (monotonicClock() - started) / 1000 }];
      } catch (error) {
        first ??= { error };
        failed.abort();
        return [];
      }
    }),
  );
  if (first !== null) throw (first as { error: unknown }).error;
  return ends.flat();
}
