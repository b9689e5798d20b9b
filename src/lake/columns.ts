import { AMOUNTS } from "../candle/candle.ts";
import { failure } from "../core/errors.ts";
import type { Interval } from "../time/interval.ts";
import { literal } from "./literal.ts";
import type { TableVersion } from "./read.ts";
import type { Lake } from "./session.ts";
import { type Columns, columnsOf } from "./write.ts";

/** The figures of a minute, in their published order; those behind `volume` are null where the source lacks them. */
export const MINUTE_FIGURES = "open, high, low, close, volume, quote_volume, trades, taker_base, taker_quote";

/** The embedded engine's SELECT list of minutes as candles. */
export const CANDLE_FIELDS = `symbol::VARCHAR AS symbol, epoch_ms(open_time)::DOUBLE AS "openTime", open, high, low, close,
  volume, ${AMOUNTS.quoteVolume} AS "quoteVolume", trades::DOUBLE AS trades, ${AMOUNTS.takerBase} AS "takerBase",
  ${AMOUNTS.takerQuote} AS "takerQuote"`;

/** The columns of a candle's prices. */
export const PRICE_TYPES = columnsOf("DOUBLE", "open", "high", "low", "close");

const DAY_FIGURE_TYPES = {
  ...PRICE_TYPES,
  volume: "DOUBLE",
  quote_volume: "DOUBLE",
  trades: "BIGINT",
  taker_base: "DOUBLE",
} as const satisfies Columns;

/** The columns of a candle's figures, `MINUTE_FIGURES`. */
export const FIGURE_TYPES = { ...DAY_FIGURE_TYPES, taker_quote: "DOUBLE" } as const satisfies Columns;

/** The columns of every daily layer, in their published order. */
export const DAILY_TYPES = {
  symbol: "VARCHAR",
  day: "DATE",
  ...DAY_FIGURE_TYPES,
  vwap: "DOUBLE",
  minutes: "INTEGER",
  origin: "VARCHAR",
  complete: "BOOLEAN",
} as const satisfies Columns;

/** The embedded engine's SELECT list of a daily table's rows, as JavaScript has them. */
export const DAY_FIELDS = "* REPLACE (day::VARCHAR AS day, trades::DOUBLE AS trades)";

/** The columns that identify a forecast of a day. */
export const FORECAST_KEY = {
  ...columnsOf("VARCHAR", "symbol", "model"),
  ...columnsOf("DATE", "cutoff", "ds"),
  steps_ahead: "INTEGER",
} as const satisfies Columns;

/** The SELECT list of a table of forecasts. */
export const FORECAST_FIELDS = "* REPLACE (cutoff::VARCHAR AS cutoff, ds::VARCHAR AS ds)";

/** Days of the serving table that are not folded from clean candles: the exchange's own, and the live ones. */
export const OWN_DAYS = `complete AND (origin = 'speed' OR (origin = 'backfill' AND minutes IS NULL))`;

/** The embedded engine's text of an instant: ISO 8601, UTC, in whole seconds. */
export function isoSql(instant: string): string {
  return `strftime(${instant} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')`;
}

/** The embedded engine's SELECT list of the rows of `candles_<interval>` as `FoldedCandle`. */
export function foldedFields(interval: Interval): string {
  return `* REPLACE (${isoSql("open_time")} AS open_time, trades::DOUBLE AS trades), ${literal(interval)} AS interval`;
}

/**
 * Refuses a table without the expected columns; additional columns are ignored. A table of another version of
 * candlebook must not be misread.
 * @throws CandlebookError `other_columns` with the columns found and expected
 */
export async function checkColumns(lake: Lake, version: TableVersion, columns: Columns): Promise<void> {
  const found = await lake.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${version.sql}`,
  );
  const types = new Map(found.map((column) => [column.column_name, column.column_type]));
  const wrong = Object.entries(columns)
    .filter(([name, type]) => types.get(name) !== type)
    .map(([name, type]) => `${name} is ${types.get(name) ?? "missing"} (expected ${type})`);
  if (wrong.length === 0) return;
  const { table, stage } = version.manifest;
  throw failure(
    "other_columns",
    `The columns of the table ${table} differ from those that this candlebook reads: ${wrong.join(", ")}.`,
    `Rebuild it with its stage: candlebook ${stage}. If that changes nothing, delete its folder first.`,
  );
}
