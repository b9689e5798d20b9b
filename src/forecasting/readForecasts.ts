import { join } from "node:path";
import { assetOf } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import type { ResultRow } from "../evaluation/evaluationRows.ts";
import { type Forecast, type ForecastStep, QUANTILE_LEVELS } from "../forecast/forecaster.ts";
import { readTable } from "../lake/read.ts";
import { literal, readRows, withLake } from "../lake/session.ts";
import type { Day } from "../time/day.ts";
import type { ForecastFacts, ForecastResult, RefusedSymbol } from "./forecastResult.ts";

/**
 * The backtest behind the published forecasts, day by day: what was forecast from each cutoff, and what came.
 * @param symbol default: all
 */
export async function readResults(
  workspace: Workspace,
  { symbol, model }: { symbol?: string; model?: string } = {},
  effects: Effects = {},
): Promise<ResultRow[]> {
  const table = await readTable(workspace, "prophet_results");
  if (table === null) return [];
  const files = table.manifest.parts
    .map(({ path }) => path)
    .filter((path) => symbol === undefined || path === `${assetOf(symbol)}_forecast.csv`);
  if (files.length === 0) return [];
  const list = files.map((path) => literal(join(table.folder, path))).join(", ");
  return readRows<ResultRow>(
    workspace,
    effects,
    `SELECT * REPLACE (cutoff::VARCHAR AS cutoff, ds::VARCHAR AS ds, steps_ahead::INTEGER AS steps_ahead)
     FROM read_csv([${list}], header = true) WHERE $model IS NULL OR model = $model ORDER BY symbol, model, ds`,
    { model: model ?? null },
  );
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
      symbols: symbols.map((facts) => ({
        ...facts,
        // Tables of older versions don't know of filled days.
        filled: facts.filled ?? { days: 0, cutoffs: 0 },
        forecasts: forecastsOf(facts, stepRows, quantileRows),
      })),
      refused,
    };
  });
}

function forecastsOf(
  fact: ForecastFacts,
  steps: readonly StepRow[],
  quantiles: readonly QuantileRow[],
): Forecast[] {
  const { symbol, cutoff, scores } = fact;
  const there = new Set(steps.filter((row) => row.symbol === symbol).map((row) => row.model));
  const models = scores.map(({ model }) => model).filter((model) => there.has(model));
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
