import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { QUANTILE_LEVELS, type Series } from "../forecast/forecaster.ts";
import { MODEL_NAMES, MODELS_VERSION } from "../forecast/registry.ts";
import { type Published, publishTable } from "../lake/publish.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { literal, withLake } from "../lake/session.ts";
import { type Columns, DAILY_FORMAT, fillTable } from "../lake/write.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { DIARY, quantileColumn, readDiaryTable } from "./diaryTable.ts";
import type { SymbolForecast } from "./forecastResult.ts";
import { dataHash } from "./inputSeries.ts";

const STAGE_VERSION = 1;

const COLUMNS: Columns = {
  symbol: "VARCHAR",
  model: "VARCHAR",
  cutoff: "DATE",
  data_hash: "VARCHAR",
  published: "VARCHAR",
  last_close: "DOUBLE",
  ds: "DATE",
  steps_ahead: "INTEGER",
  yhat: "DOUBLE",
  ...Object.fromEntries(QUANTILE_LEVELS.map((level) => [quantileColumn(level), "DOUBLE" as const])),
  actual: "DOUBLE",
  models_version: "INTEGER",
};

const KEY = "symbol, model, cutoff, data_hash, ds";

/** Published forecasts, and the days behind them. */
export interface DiaryInput {
  /** The table `prophet_input`, and its series. */
  input: TableVersion;
  series: readonly Series[];
  symbols: readonly Pick<SymbolForecast, "symbol" | "cutoff" | "lastClose" | "forecasts">[];
}

/**
 * Adds the published forecasts to the diary and enters the closes that have come since. A forecast is in it once,
 * as it was first published from the same days; nothing is ever taken out. A filled day's close is no outcome.
 * @throws CandlebookError `damaged_diary` (exit 1): it can't be made again
 */
export async function keepDiary(
  workspace: Workspace,
  { input, series, symbols }: DiaryInput,
  effects: Effects,
): Promise<Published> {
  const forecasts = await readTable(workspace, "prophet_forecasts");
  const recipe = {
    table: DIARY,
    stage: "forecast",
    parameters: { version: STAGE_VERSION },
    inputs: [
      { name: "prophet_input", version: input.manifest.id },
      { name: "prophet_forecasts", version: forecasts?.manifest.id ?? "" },
    ],
    source: input.manifest.source,
  };
  return publishTable(workspace, recipe, async (folder) => {
    const old = await readDiaryTable(workspace);
    return withLake(workspace, effects, async (lake) => {
      await fillTable(lake, "fresh", COLUMNS, [rowsOf(workspace, series, symbols)]);
      const fresh = `SELECT * FROM fresh`;
      const all =
        old === null
          ? fresh
          : `SELECT * FROM ${old.sql} UNION ALL BY NAME (${fresh} WHERE (${KEY}) NOT IN (SELECT (${KEY}) FROM ${old.sql}))`;
      await lake.run(`CREATE TEMP TABLE kept AS
        SELECT kept.* REPLACE (coalesce(came.y, kept.actual) AS actual)
        FROM (${all}) AS kept
        LEFT JOIN (SELECT symbol, ds, y FROM ${input.sql} WHERE origin <> 'filled') AS came USING (symbol, ds)
        ORDER BY symbol, cutoff, data_hash, model, ds`);
      await lake.run(`COPY kept TO ${literal(join(folder, "part-0.parquet"))} (${DAILY_FORMAT})`);
      const [{ rows }] = await lake.rows<{ rows: number }>("SELECT count(*)::INTEGER AS rows FROM kept");
      return { rows };
    });
  });
}

function rowsOf(workspace: Workspace, series: readonly Series[], symbols: DiaryInput["symbols"]): object[] {
  const published = toIso(workspace.clock() as EpochMs);
  return symbols.flatMap(({ symbol, cutoff, lastClose, forecasts }) => {
    const own = series.find((one) => one.symbol === symbol);
    if (own === undefined) return [];
    const hash = dataHash(own, own.days.indexOf(cutoff) + 1);
    return forecasts.flatMap(({ model, steps }) =>
      steps.map(({ ds, stepsAhead, yhat, quantiles }) => ({
        ...{ symbol, model, cutoff, data_hash: hash, published, last_close: lastClose },
        ...{ ds, steps_ahead: stepsAhead, yhat },
        ...Object.fromEntries(QUANTILE_LEVELS.map((level, i) => [quantileColumn(level), quantiles[i]])),
        models_version: MODEL_NAMES.includes(model) ? MODELS_VERSION : null,
      })),
    );
  });
}
