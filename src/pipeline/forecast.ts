import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { backtest } from "../evaluation/backtest.ts";
import type { ModelScore } from "../evaluation/score.ts";
import { checkHorizon, checkSeries } from "../forecast/check.ts";
import {
  type Forecast,
  type Forecaster,
  type ForecastStep,
  type LeftOut,
  QUANTILE_LEVELS,
  type Series,
} from "../forecast/forecaster.ts";
import { forecasters, MODEL_NAMES } from "../forecast/registry.ts";
import { publishedAlready } from "../lake/publish.ts";
import { readTable } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import type { Day } from "../time/day.ts";
import { type Computed, FORECAST_TABLES, publishForecast } from "./forecastTables.ts";
import { readSeries, requireInput } from "./series.ts";

const STAGE_VERSION = 1;

export interface ForecastOptions {
  /** Default: all of the input. */
  symbols?: readonly string[];
  /** Days ahead; 30 by default. */
  horizon?: number;
}

/** What is known of a symbol's forecasts besides the forecasts themselves. */
export interface ForecastFacts {
  symbol: string;
  /** The last day that the models have seen. */
  cutoff: Day;
  /** Days of history. */
  days: number;
  /** Close of the cutoff day, quote currency. */
  lastClose: number;
  /** The backtest's cutoffs, oldest first; with fewer than 8 no model has a score. */
  cutoffs: Day[];
  scored: boolean;
  scores: ModelScore[];
  /** Models and members that could not be used, each with the reason. */
  leftOut: LeftOut[];
}

export interface SymbolForecast extends ForecastFacts {
  /** One for each model. */
  forecasts: Forecast[];
}

/** A symbol that no model may forecast, and why: too short a history, most often. */
export interface RefusedSymbol {
  symbol: string;
  code: string;
  reason: string;
  next: string;
}

export interface ForecastResult {
  horizon: number;
  symbols: SymbolForecast[];
  refused: RefusedSymbol[];
  source: Source;
  skipped: boolean;
}

/**
 * Forecasts every symbol with every model, evaluates the models on rolling origins, and publishes forecasts,
 * quantiles, results and scores. A symbol with too short a history is refused by itself: the others go on.
 * @throws CandlebookError `no_input`, `unknown_symbol`, `bad_horizon` (exit 2)
 */
export async function forecast(
  workspace: Workspace,
  options: ForecastOptions = {},
  effects: Effects = {},
): Promise<ForecastResult> {
  const { horizon = 30, symbols } = options;
  checkHorizon(horizon);
  const input = await requireInput(workspace);
  const recipe = {
    stage: "forecast",
    parameters: { version: STAGE_VERSION, horizon, symbols: symbols ?? "all", models: MODEL_NAMES },
    inputs: [{ name: "prophet_input", version: input.manifest.id }],
    source: input.manifest.source,
  };
  const ready = await Promise.all(
    FORECAST_TABLES.map((table) => publishedAlready(workspace, { ...recipe, table })),
  );
  const skipped = ready.every((table) => table !== null);
  if (!skipped) {
    const series = await readSeries(workspace, input, symbols, effects);
    const refused = series.map(refusalOf).filter((refusal) => refusal !== null);
    const computed: Computed[] = [];
    for (const one of series.filter(({ symbol }) => refused.every((refusal) => refusal.symbol !== symbol))) {
      computed.push(await compute(one, forecasters(), horizon, effects));
    }
    await publishForecast(workspace, effects, recipe, computed, refused);
  }
  return { horizon, ...(await readForecasts(workspace, effects)), source: recipe.source, skipped };
}

function refusalOf(series: Series): RefusedSymbol | null {
  try {
    checkSeries(series);
    return null;
  } catch (error) {
    if (!(error instanceof CandlebookError)) throw error;
    return { symbol: series.symbol, code: error.code, reason: error.message, next: error.next };
  }
}

async function compute(
  series: Series,
  models: readonly Forecaster[],
  horizon: number,
  effects: Effects,
): Promise<Computed> {
  const evaluation = await backtest(series, models, { horizon }, effects);
  const able = models.filter((model) => model.minDays <= series.days.length);
  const forecasts = able.map((model) => model.fit(series).predict(horizon));
  const last = series.days.length - 1;
  const facts: ForecastFacts = {
    symbol: series.symbol,
    cutoff: series.days[last],
    days: series.days.length,
    lastClose: series.close[last],
    cutoffs: evaluation.cutoffs,
    scored: evaluation.scored,
    scores: evaluation.models,
    leftOut: evaluation.leftOut,
  };
  return { forecasts, evaluation, facts };
}

interface QuantileRow {
  symbol: string;
  model: string;
  cutoff: Day;
  ds: Day;
  stepsAhead: number;
  value: number;
}
type StepRow = Omit<ForecastStep, "quantiles" | "components"> &
  Omit<QuantileRow, "value"> & { trend: number | null; weekly: number | null; yearly: number | null };

/** The published forecasts, as `forecast` returned them. */
export async function readForecasts(
  workspace: Workspace,
  effects: Effects = {},
): Promise<Pick<ForecastResult, "symbols" | "refused">> {
  const [steps, quantiles, metrics] = await Promise.all(
    ["prophet_forecasts", "forecast_quantiles", "prophet_metrics"].map((table) =>
      readTable(workspace, table),
    ),
  );
  if (steps === null || quantiles === null || metrics === null) return { symbols: [], refused: [] };
  const key = 'symbol, model, cutoff::VARCHAR AS cutoff, ds::VARCHAR AS ds, steps_ahead AS "stepsAhead"';
  return withLake(workspace, effects, async (lake) => {
    const stepRows = await lake.rows<StepRow>(
      `SELECT ${key}, yhat, trend, weekly, yearly FROM ${steps.sql} ORDER BY steps_ahead`,
    );
    const quantileRows = await lake.rows<QuantileRow>(
      `SELECT ${key}, value FROM ${quantiles.sql}
       WHERE (symbol, cutoff) IN (SELECT DISTINCT symbol, cutoff FROM ${steps.sql}) ORDER BY steps_ahead, quantile`,
    );
    const { symbols, refused } = metrics.manifest.facts as {
      symbols: ForecastFacts[];
      refused: RefusedSymbol[];
    };
    return {
      symbols: symbols.map((facts) => ({ ...facts, forecasts: forecastsOf(facts, stepRows, quantileRows) })),
      refused,
    };
  });
}

function forecastsOf(
  fact: ForecastFacts,
  steps: readonly StepRow[],
  quantiles: readonly QuantileRow[],
): Forecast[] {
  const { symbol, cutoff } = fact;
  const models = [...new Set(steps.filter((row) => row.symbol === symbol).map((row) => row.model))];
  return models.map((model) => {
    const mine = (row: { symbol: string; model: string }) => row.symbol === symbol && row.model === model;
    const values = quantiles.filter(mine).map((row) => row.value);
    const width = QUANTILE_LEVELS.length;
    return {
      symbol,
      model,
      cutoff,
      steps: steps.filter(mine).map((row, i) => ({
        ds: row.ds,
        stepsAhead: row.stepsAhead,
        yhat: row.yhat,
        quantiles: Float64Array.from(values.slice(i * width, (i + 1) * width)),
        components: componentsOf(row),
      })),
    };
  });
}

function componentsOf({ trend, weekly, yearly }: StepRow): ForecastStep["components"] {
  if (trend === null && weekly === null && yearly === null) return undefined;
  return { trend: trend ?? undefined, weekly: weekly ?? undefined, yearly: yearly ?? undefined };
}
