import type { Effects } from "../core/effects.ts";
import { throwIfAborted } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { backtest } from "../evaluation/backtest.ts";
import { defaultInitial } from "../evaluation/cutoffs.ts";
import { type ResultRow, resultRows } from "../evaluation/evaluationRows.ts";
import { forecasters, MODEL_NAMES } from "../forecast/registry.ts";
import { daysWithData, headOf } from "../forecast/series.ts";
import { onWorkers } from "../forecast/workerPool.ts";
import { remembering } from "./forecastCache.ts";
import type { SymbolForecast } from "./forecastResult.ts";
import { readSeries, requireInput } from "./inputSeries.ts";
import { readForecasts, readResults } from "./readForecasts.ts";

/** Days from one cutoff to the next in the pictures; the tables' windows don't overlap. */
const PICTURE_STEP = 7;

/** A published forecast, its scores from four times as many cutoffs as the tables', and those windows' days. */
export interface PictureBacktest extends SymbolForecast {
  /** Days from one cutoff to the next. */
  step: number;
  /** What was forecast beside what came, by model, then by cutoff. */
  rows: ResultRow[];
}

/**
 * The backtest that figures of error, coverage and actual against predicted are drawn from: the models and days of
 * the published forecast and of its tables, with a cutoff every 7 days. Its windows overlap, so curves are smoother
 * than the tables' and no surer. Fits run in worker threads; from the same days they are made once and read back.
 * A model of one's own is not run again: its scores and days are those of the tables.
 * @returns null where the symbol has no forecast, or an unscored one
 * @throws CandlebookError `no_input` (exit 2); `interrupted` (exit 130)
 */
export async function pictureBacktest(
  workspace: Workspace,
  { symbol }: { symbol: string },
  effects: Effects = {},
): Promise<PictureBacktest | null> {
  throwIfAborted(effects.signal);
  const { symbols } = await readForecasts(workspace, effects);
  const fan = symbols.find((one) => one.symbol === symbol);
  if (fan === undefined || !fan.scored) return null;
  const [series] = await readSeries(workspace, await requireInput(workspace), [symbol], effects);
  const horizon = fan.forecasts[0].steps.length;
  const seen = headOf(series, fan.days);
  const initial = defaultInitial(daysWithData(seen), horizon, horizon);
  const plan = { horizon, step: PICTURE_STEP, initial };
  const runner = remembering(workspace, onWorkers(workspace.resources.threads));
  const shipped = (model: string) => MODEL_NAMES.includes(model);
  const models = forecasters(fan.scores.map(({ model }) => model).filter(shipped));
  const found = await backtest(seen, models, { ...plan, runner }, effects);
  const stored = await readResults(workspace, { symbol }, effects);
  return {
    ...fan,
    step: PICTURE_STEP,
    cutoffs: found.cutoffs,
    scores: fan.scores.map((score) => found.models.find(({ model }) => model === score.model) ?? score),
    ceiling: found.ceiling,
    rows: [...found.windows.flatMap(resultRows), ...stored.filter(({ model }) => !shipped(model))],
  };
}
