import type { FoldedCandle, Source } from "../candle/candle.ts";
import { parseSymbol } from "../candle/symbol.ts";
import { unknownSymbol } from "../candle/unknownSymbol.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { foldedFields } from "../lake/columns.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { candlesTable, intervalOfCandles } from "../lake/seriesTables.ts";
import { withLake } from "../lake/session.ts";
import type { Interval } from "../time/interval.ts";
import { seriesStatus } from "./seriesStatus.ts";

/** More candles than these are no use in memory: ten years of hours, ten days of seconds. */
const MOST_CANDLES = 1_000_000;

export interface ReadCandlesOptions {
  interval: Interval;
  symbol: string;
  /** How many of the last candles; default: all, at most a million. */
  last?: number;
}

export interface CandlesOfTable {
  source: Source;
  /** By open time. */
  candles: FoldedCandle[];
}

/**
 * The intervals of the published tables `candles_<interval>`, the finest first.
 * @param symbol of the tables that have it; default: of all
 */
export async function publishedIntervals(workspace: Workspace, symbol?: string): Promise<Interval[]> {
  const series = await seriesStatus(workspace, await publishedTables(workspace));
  const folded = series.filter(({ table }) => intervalOfCandles(table) !== null);
  const found = folded.filter((one) => symbol === undefined || one.symbol === symbol);
  return [...new Set(found.map(({ interval }) => interval))];
}

/**
 * The version of `candles_<interval>` that is published.
 * @throws CandlebookError `no_such_table`
 */
export async function requireCandles(workspace: Workspace, interval: Interval): Promise<TableVersion> {
  const version = await readTable(workspace, candlesTable(interval));
  if (version !== null) return version;
  const others = await publishedIntervals(workspace);
  throw inputError(
    "no_such_table",
    `The table ${candlesTable(interval)} is not there yet${others.length === 0 ? "" : `; there are candles of ${others.join(", ")}`}.`,
    `Fold it: candlebook candles --interval ${interval}.`,
  );
}

/**
 * One symbol's candles of an interval, from the table `candles_<interval>`.
 *
 * ```ts
 * const { candles, source } = await readCandles(workspace, { symbol: "BTCUSDT", interval: "4h", last: 500 });
 * await show(candleChart(candles, { source, last: "30d" }));
 * ```
 * @throws CandlebookError `no_such_table`, `bad_symbol`, `bad_span`, `too_many_rows`; `unknown_symbol` if the table has no
 *   such symbol
 */
export async function readCandles(
  workspace: Workspace,
  { interval, symbol: given, last }: ReadCandlesOptions,
  effects: Effects = {},
): Promise<CandlesOfTable> {
  const symbol = parseSymbol(given);
  const version = await requireCandles(workspace, interval);
  if (last !== undefined && !(Number.isInteger(last) && last >= 1 && last <= MOST_CANDLES)) {
    throw inputError(
      "bad_span",
      `${last} is no number of candles.`,
      "Use a whole number from 1 to 1,000,000.",
    );
  }
  return withLake(workspace, effects, async (lake) => {
    const known = await lake.rows<{ symbol: string; rows: number }>(
      `SELECT symbol, count(*)::DOUBLE AS rows FROM ${version.sql} GROUP BY symbol ORDER BY symbol`,
    );
    const mine = known.find((one) => one.symbol === symbol);
    if (mine === undefined) {
      const symbols = known.map((one) => one.symbol);
      throw unknownSymbol(symbol, symbols, `the table ${version.manifest.table}`);
    }
    if (last === undefined && mine.rows > MOST_CANDLES) {
      throw inputError(
        "too_many_rows",
        `The table ${version.manifest.table} has ${mine.rows} candles of ${symbol}, more than 1,000,000.`,
        "State how many of the last ones are needed: { last: 5000 }.",
      );
    }
    const candles = await lake.rows<FoldedCandle>(
      `SELECT ${foldedFields(interval)} FROM (
        SELECT * FROM ${version.sql} WHERE symbol = $symbol ORDER BY open_time DESC LIMIT ${last ?? MOST_CANDLES}
      ) ORDER BY open_time`,
      { symbol },
    );
    return { source: version.manifest.source, candles };
  });
}
