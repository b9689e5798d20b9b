import { join } from "node:path";
import { assetOf } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Evaluation } from "../evaluation/backtest.ts";
import {
  DETAIL_COLUMNS,
  detailRows,
  forecastRows,
  METRIC_COLUMNS,
  metricRows,
  quantileRows,
  resultRows,
} from "../evaluation/evaluationRows.ts";
import { SUMMARY_COLUMNS, summaryRows } from "../evaluation/summary.ts";
import type { Forecast } from "../forecast/forecaster.ts";
import { FORECAST_KEY } from "../lake/columns.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { publishRows } from "../lake/publishRows.ts";
import { type Columns, columnsOf, writeCsv } from "../lake/write.ts";
import type { RiskRow } from "../risk/riskRows.ts";
import type { ForecastFacts } from "./forecastResult.ts";
import { RISK_COLUMNS, riskFacts } from "./riskTable.ts";
import { summariesOf } from "./summaries.ts";

/** The tables that a forecast publishes besides its figures; the scores come last and stand for the whole. */
export const FORECAST_TABLES = [
  "prophet_forecasts",
  "forecast_quantiles",
  "prophet_results",
  "risk_forecasts",
  "prophet_metrics",
] as const;

type ForecastTable = (typeof FORECAST_TABLES)[number];

const POINT_AND_BANDS = { ...FORECAST_KEY, ...columnsOf("DOUBLE", "yhat", "lo80", "hi80", "lo95", "hi95") };
const FORECASTS: Columns = {
  ...POINT_AND_BANDS,
  ...columnsOf("DOUBLE", "trend", "weekly", "yearly", "skill"),
};
const QUANTILES: Columns = { ...FORECAST_KEY, ...columnsOf("DOUBLE", "quantile", "value") };
const RESULTS = [...Object.keys(POINT_AND_BANDS), "actual"];

/** What one symbol's forecast found: the forecasts from its last day, the backtest behind them, and its risk. */
export interface Computed {
  forecasts: Forecast[];
  evaluation: Evaluation;
  facts: ForecastFacts;
  risk: readonly RiskRow[];
}

/** Publishes the tables of a forecast, each as one step. */
export async function publishForecast(
  workspace: Workspace,
  effects: Effects,
  recipe: Omit<Recipe, "table">,
  { computed, refused }: { computed: readonly Computed[]; refused: readonly object[] },
): Promise<void> {
  const writers: Record<ForecastTable, (of: Recipe) => Promise<Published>> = {
    prophet_forecasts: (of) =>
      publishRows(workspace, effects, of, {
        columns: FORECASTS,
        pages: () => [computed.flatMap(publishedRows)],
      }),
    forecast_quantiles: (of) =>
      publishRows(workspace, effects, of, {
        columns: QUANTILES,
        pages: () => [computed.flatMap(allQuantiles)],
      }),
    prophet_results: (of) =>
      publishTable(workspace, of, async (folder) => {
        for (const { evaluation } of computed) {
          const rows = evaluation.windows.flatMap(resultRows);
          await writeCsv(join(folder, `${assetOf(evaluation.symbol)}_forecast.csv`), RESULTS, rows);
        }
        return { rows: computed.flatMap(({ evaluation }) => evaluation.windows).length };
      }),
    risk_forecasts: (of) =>
      publishRows(workspace, effects, of, {
        columns: RISK_COLUMNS,
        pages: () => computed.map(({ risk }) => risk),
        facts: () => riskFacts(computed.map(({ risk }) => risk)),
      }),
    prophet_metrics: (of) =>
      publishTable(workspace, of, async (folder) => {
        const rows = computed.flatMap(({ evaluation }) => metricRows(evaluation));
        await writeCsv(join(folder, "metrics.csv"), METRIC_COLUMNS, rows);
        const details = computed.flatMap(({ evaluation }) => detailRows(evaluation));
        await writeCsv(join(folder, "details.csv"), DETAIL_COLUMNS, details);
        const found = computed.map(({ facts: known, forecasts }) => ({ ...known, forecasts }));
        const summary = summaryRows(summariesOf(workspace, found));
        await writeCsv(join(folder, "summary.csv"), SUMMARY_COLUMNS, summary);
        return { rows: rows.length, facts: { symbols: computed.map(({ facts }) => facts), refused } };
      }),
  };
  for (const table of FORECAST_TABLES) await writers[table]({ ...recipe, table });
}

function publishedRows({ forecasts, evaluation }: Computed) {
  return forecasts.flatMap((forecast) => {
    const score = evaluation.models.find((model) => model.model === forecast.model);
    return forecastRows(forecast, score?.skill ?? null);
  });
}

function allQuantiles({ forecasts, evaluation }: Computed) {
  return [...evaluation.windows.map((window) => window.forecast), ...forecasts].flatMap(quantileRows);
}
