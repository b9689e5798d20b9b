import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import { checkSeries } from "../forecast/check.ts";
import type { Forecast, Forecaster, LeftOut, Series } from "../forecast/forecaster.ts";
import { type ForecastRunner, inThisThread } from "../forecast/runner.ts";
import { daysWithData } from "../forecast/series.ts";
import type { Day } from "../time/day.ts";
import {
  type Cutoff,
  type CutoffPlan,
  MIN_CUTOFFS,
  makeCutoffs,
  plannedCutoffs,
  resolvePlan,
} from "./cutoffs.ts";
import { checkFeatures } from "./leakMeter.ts";
import { ORACLE, oracleWindows } from "./oracle.ts";
import type { Window } from "./outcome.ts";
import { type ModelScore, scoreModel } from "./score.ts";
import { makeWindow } from "./window.ts";

/** What an evaluation leaves out for want of data. */
export interface FilledDays {
  /** Filled days of the history: no outcome in any score, no return to any model. */
  days: number;
  /** Cutoffs that are filled days themselves, or have less than half of their window's days. */
  cutoffs: number;
}

/** A rolling-origin evaluation of several models on the same cutoffs. */
export interface Evaluation {
  symbol: string;
  horizon: number;
  step: number;
  initial: number;
  /** Oldest first. */
  cutoffs: Day[];
  /** False with fewer than 8 cutoffs: every score and skill is null, and `windows` is empty. */
  scored: boolean;
  /** What counts for nothing, because no source has the days. */
  filled: FilledDays;
  /** In the order in which the models were passed. */
  models: ModelScore[];
  /** What a forecast that knew the window's volatility would have scored; marked `leaked`. */
  ceiling: ModelScore;
  /** Models that could not be scored, and members of models that some cutoffs were too early for. */
  leftOut: LeftOut[];
  /** Every forecast with its quantiles, so that any score can be computed again; by model, then by cutoff. */
  windows: Window[];
}

export interface BacktestOptions extends CutoffPlan {
  /** Where the fits run; in this thread by default. The answer is the same. */
  runner?: ForecastRunner;
}

/**
 * Forecasts from every cutoff with every model, each seeing only the days up to the cutoff, and scores them.
 * @param models one of them called `naive`, the benchmark of every skill
 * @throws CandlebookError `no_naive`, `bad_horizon`, `bad_cutoffs`, those of `checkSeries` and of `checkFeatures`
 *   (exit 2); `interrupted` (exit 130)
 */
export async function backtest(
  series: Series,
  models: readonly Forecaster[],
  options: BacktestOptions = {},
  { progress, signal }: Effects = {},
): Promise<Evaluation> {
  checkModels(models);
  checkSeries(series);
  const { horizon, step, initial } = resolvePlan({ ...options, days: series.days, filled: series.filled });
  const plan = { days: series.days, filled: series.filled, horizon, step, initial };
  for (const model of models) checkFeatures(model, series, horizon);
  const cutoffs = makeCutoffs(plan);
  const scored = cutoffs.length >= MIN_CUTOFFS;
  const [able, tooYoung] = scored ? partitionByHistory(models, series, cutoffs[0]) : [[], []];
  const tasks = able.flatMap((model) => cutoffs.map(({ trainDays }) => ({ model, trainDays, horizon })));
  let done = 0;
  const onDone = ({ model }: { model: Forecaster }) => {
    done += 1;
    progress?.({ stage: "evaluate", note: `${series.symbol} ${model.name}`, done, total: tasks.length });
  };
  const { runner = inThisThread } = options;
  const answers = await runner(series, tasks, { signal, onDone });

  const leftOut = [...tooYoung];
  const windows = new Map<string, Window[]>();
  able.forEach((model, m) => {
    const own = answers.slice(m * cutoffs.length, (m + 1) * cutoffs.length);
    const refusal = own.find((answer) => answer instanceof CandlebookError);
    if (refusal) leftOut.push({ model: model.name, reason: refusal.message });
    else {
      const forecasts = own as Forecast[];
      const ownWindows = forecasts.map((forecast, i) => makeWindow(model.name, series, cutoffs[i], forecast));
      windows.set(model.name, ownWindows);
    }
    leftOut.push(...membersLeftOut(model.name, own as Forecast[]));
  });
  const benchmark = windows.get("naive") ?? [];
  const spacing = Math.ceil(horizon / step);
  const oracle = scored ? oracleWindows(series, cutoffs, horizon) : [];
  return {
    symbol: series.symbol,
    horizon,
    step,
    initial,
    cutoffs: cutoffs.map(({ day }) => day),
    scored,
    filled: {
      days: series.days.length - daysWithData(series),
      cutoffs: plannedCutoffs(plan).length - cutoffs.length,
    },
    models: models.map((model) => scoreModel(model, windows.get(model.name) ?? [], benchmark, spacing)),
    ceiling: scoreModel({ name: ORACLE, leaked: true }, oracle, benchmark, spacing),
    leftOut,
    windows: [...windows.values()].flat(),
  };
}

function checkModels(models: readonly Forecaster[]): void {
  const names = models.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw inputError(
      "model_twice",
      `The model ${twice} is given twice.`,
      "Give each model a name of its own.",
    );
  }
  if (names.includes("naive")) return;
  const found = `No naive forecast among ${names.join(", ") || "no models"}: there is nothing to compare with.`;
  throw inputError("no_naive", found, "Add `naive` to the models.");
}

function partitionByHistory(
  models: readonly Forecaster[],
  series: Series,
  { day, trainDays }: Cutoff,
): [Forecaster[], LeftOut[]] {
  const known = daysWithData(series, trainDays);
  const tooYoung = models
    .filter(({ needs }) => needs.days > known)
    .map(({ name, needs }) => ({
      model: name,
      reason: `needs ${needs.days} days of history; the first cutoff, ${day}, has ${known}`,
    }));
  return [models.filter(({ needs }) => needs.days <= known), tooYoung];
}

// A member's reason is told once, with the number of cutoffs that it holds for.
function membersLeftOut(model: string, forecasts: readonly Forecast[]): LeftOut[] {
  const count = new Map<string, number>();
  for (const member of forecasts.flatMap(({ leftOut = [] }) => leftOut)) {
    count.set(member.model, (count.get(member.model) ?? 0) + 1);
  }
  return [...count].map(([member, times]) => ({
    model: `${model}: ${member}`,
    reason: `too little history at ${times} of ${forecasts.length} cutoffs`,
  }));
}
