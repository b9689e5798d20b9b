import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { backtest, type Evaluation } from "../evaluation/backtest.ts";
import type { CutoffPlan } from "../evaluation/cutoffs.ts";
import type { Series } from "../forecast/forecaster.ts";
import { onWorkers } from "../forecast/workerPool.ts";
import { remembering } from "./forecastCache.ts";
import { readSeries, requireInput } from "./inputSeries.ts";
import { chosenModels, type ModelChoice } from "./ownModels.ts";

export interface EvaluateOptions extends CutoffPlan {
  /** Default: all of the input. */
  symbols?: readonly string[];
  /** Shipped models by their names, `naive` among them, and models of one's own; default: all shipped ones. */
  models?: readonly ModelChoice[];
}

/** Evaluations, one for each symbol, with whose prices they are. */
export interface EvaluateResult {
  source: Source;
  evaluations: Evaluation[];
}

/**
 * Rolling-origin evaluation alone: nothing is published. Fits run in worker threads; what was forecast before from
 * the same days is read back, so that the evaluation behind a published forecast costs nothing again.
 *
 * ```ts
 * const { evaluations } = await evaluate(workspace, { symbols: ["BTCUSDT"], step: 7 });
 * ```
 * @throws CandlebookError `no_input`, `unknown_symbol`, `unknown_model`, `no_naive`, `bad_horizon`, `bad_cutoffs`,
 *   `series_too_short` (exit 2); `interrupted` (exit 130)
 */
export async function evaluate(
  workspace: Workspace,
  { symbols, models, ...plan }: EvaluateOptions = {},
  effects: Effects = {},
): Promise<EvaluateResult> {
  const chosen = chosenModels(models);
  const { source, series } = await seriesOf(workspace, symbols, effects);
  const runner = remembering(workspace, onWorkers(workspace.resources.threads));
  const evaluations: Evaluation[] = [];
  for (const one of series) evaluations.push(await backtest(one, chosen, { ...plan, runner }, effects));
  return { source, evaluations };
}

/**
 * The models' input as series, for those who bring a model or a feature function of their own.
 * @throws CandlebookError `no_input`, `unknown_symbol` (exit 2)
 */
export async function seriesOf(
  workspace: Workspace,
  symbols?: readonly string[],
  effects: Effects = {},
): Promise<{ source: Source; series: Series[] }> {
  const input = await requireInput(workspace);
  return {
    source: input.manifest.source,
    series: await readSeries(workspace, input, symbols, effects),
  };
}
