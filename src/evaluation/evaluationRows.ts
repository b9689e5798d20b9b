import {
  type BandEnds,
  bandEnds,
  type Forecast,
  type ForecastStep,
  QUANTILE_LEVELS,
} from "../forecast/forecaster.ts";
import type { Day } from "../time/day.ts";
import type { Evaluation } from "./backtest.ts";
import { LOSSES, type LossName } from "./losses.ts";
import type { Window } from "./outcome.ts";
import type { GroupScore, Scores } from "./score.ts";

const LOSS_NAMES = Object.keys(LOSSES) as LossName[];

/** Those in `metrics.csv`; a new loss is in `details.csv` alone, so that these columns stay as published. */
const METRICS = ["mae", "rmse", "mape", "mase", "crps", "coverage80", "coverage95", "width80"] as const;

/** A row of `metrics.csv`, columns in the contract's order. */
export interface MetricRow extends Pick<Scores, (typeof METRICS)[number]> {
  symbol: string;
  model: string;
  cutoffs: number;
  horizon: number;
  skill: number | null;
  dm_t: number | null;
  leaked: boolean;
}

/** The columns of `metricRows`, in order. */
export const METRIC_COLUMNS: readonly string[] = [
  ...["symbol", "model", "cutoffs", "horizon"],
  ...METRICS,
  ...["skill", "dm_t", "leaked"],
];

/** A row of `details.csv`: all scores of some of the days. */
export interface DetailRow extends Scores {
  symbol: string;
  model: string;
  /** Which days: all, those so many steps ahead, or those of a year. */
  by: "all" | "step" | "year";
  at: number | null;
  days: number;
  skill: number | null;
  relative_mae: number | null;
  leaked: boolean;
}

/** The columns that identify a forecast of a day. */
export interface ForecastKey {
  symbol: string;
  model: string;
  cutoff: Day;
  ds: Day;
  steps_ahead: number;
}

/** A row of `forecast_quantiles`. */
export interface QuantileRow extends ForecastKey {
  quantile: number;
  value: number;
}

/** The columns that forecasts and results share. */
export interface ForecastColumns extends ForecastKey, BandEnds {
  yhat: number;
}

/** A row of `prophet_forecasts`. */
export interface ForecastRow extends ForecastColumns {
  trend: number | null;
  weekly: number | null;
  yearly: number | null;
  skill: number | null;
}

/** A row of `<asset>_forecast.csv`: forecasts beside observed closes. */
export interface ResultRow extends ForecastColumns {
  actual: number;
}

/** One row for each model of the evaluation, and one for the ceiling where there are scores. */
export function metricRows({ symbol, horizon, scored, models, ceiling }: Evaluation): MetricRow[] {
  return [...models, ...(scored ? [ceiling] : [])].map((score) => ({
    symbol,
    model: score.model,
    cutoffs: score.cutoffs,
    horizon,
    ...pick(score, METRICS),
    skill: score.skill,
    dm_t: score.dmT,
    leaked: score.leaked,
  }));
}

/** Every score of every model: over all days, by step ahead and by year. */
export function detailRows({ symbol, scored, models, ceiling }: Evaluation): DetailRow[] {
  if (!scored) return [];
  return [...models, ceiling].flatMap((score) => {
    const { model, leaked, byStep, byYear } = score;
    const row = (by: DetailRow["by"], at: number | null, group: GroupScore): DetailRow => {
      const { days, skill, relativeMae } = group;
      return {
        symbol,
        model,
        by,
        at,
        days,
        ...pick(group, LOSS_NAMES),
        skill,
        relative_mae: relativeMae,
        leaked,
      };
    };
    return [
      row("all", null, score),
      ...byStep.map((group) => row("step", group.stepsAhead, group)),
      ...byYear.map((group) => row("year", group.year, group)),
    ];
  });
}

/** The columns of `detailRows`, in order. */
export const DETAIL_COLUMNS: readonly string[] = [
  ...["symbol", "model", "by", "at", "days"],
  ...LOSS_NAMES,
  ...["skill", "relative_mae", "leaked"],
];

/** One row for each day and quantile level of a forecast. */
export function quantileRows(forecast: Forecast): QuantileRow[] {
  const { symbol, model, cutoff } = forecast;
  return forecast.steps.flatMap(({ ds, stepsAhead, quantiles }) =>
    QUANTILE_LEVELS.map((quantile, i) => ({
      symbol,
      model,
      cutoff,
      ds,
      steps_ahead: stepsAhead,
      quantile,
      value: quantiles[i],
    })),
  );
}

/** @param skill the model's, from its backtest; null where it is unscored */
export function forecastRows(forecast: Forecast, skill: number | null): ForecastRow[] {
  return forecast.steps.map((step) => ({
    ...forecastColumns(forecast, step),
    trend: step.components?.trend ?? null,
    weekly: step.components?.weekly ?? null,
    yearly: step.components?.yearly ?? null,
    skill,
  }));
}

/** One row for each day of a backtest's window that has an outcome. */
export function resultRows({ forecast, actual }: Window): ResultRow[] {
  return forecast.steps.flatMap((step, i) =>
    Number.isNaN(actual[i]) ? [] : [{ ...forecastColumns(forecast, step), actual: actual[i] }],
  );
}

function pick<Name extends LossName>(scores: Scores, names: readonly Name[]): Pick<Scores, Name> {
  return Object.fromEntries(names.map((name) => [name, scores[name]])) as Pick<Scores, Name>;
}

function forecastColumns({ symbol, model, cutoff }: Forecast, step: ForecastStep): ForecastColumns {
  const { ds, stepsAhead, yhat, quantiles } = step;
  return { symbol, model, cutoff, ds, steps_ahead: stepsAhead, yhat, ...bandEnds(quantiles) };
}
