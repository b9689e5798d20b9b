import { assetOf } from "../candle/symbol.ts";
import { INTERVALS, type Interval, intervalName } from "../time/interval.ts";

/** A table of candles of one symbol: as read, or clean. */
export interface SeriesTable {
  table: string;
  asset: string;
  interval: Interval;
  isClean: boolean;
}

const SUFFIXES = INTERVALS.map((interval) => ({ interval, suffix: `_${intervalName(interval)}` }));

/** The table of a symbol's candles as read: `<asset>_minutes`, `<asset>_4h`. */
export function readingTable(symbol: string, interval: Interval): string {
  return `${assetOf(symbol)}_${interval === "1m" ? "minutes" : intervalName(interval)}`;
}

/** The table of a symbol's clean candles: `<asset>_clean` of minutes, `<asset>_4h_clean`. */
export function cleanTable(symbol: string, interval: Interval): string {
  return `${assetOf(symbol)}${interval === "1m" ? "" : `_${intervalName(interval)}`}_clean`;
}

/** The table of folded candles of an interval: `candles_4h`. */
export function candlesTable(interval: Interval): string {
  return `candles_${intervalName(interval)}`;
}

/** The interval of a table of folded candles, or null. */
export function intervalOfCandles(table: string): Interval | null {
  return SUFFIXES.find(({ suffix }) => table === `candles${suffix}`)?.interval ?? null;
}

/** Tables of the stream's windows. */
export type StreamTable = "streaming_output" | "streaming_output_batch";

/** The table of the stream's windows of a length: that of days has the plain name, others end in `_4h`. */
export function streamTable(length: Interval, table: StreamTable = "streaming_output"): string {
  return length === "1d" ? table : `${table}_${intervalName(length)}`;
}

/** The series that a table's name denotes, or null. */
export function seriesOfTable(table: string): SeriesTable | null {
  if (intervalOfCandles(table) !== null || /^streaming_output_/.test(table)) return null;
  const isClean = table.endsWith("_clean");
  const name = isClean ? table.slice(0, -"_clean".length) : table;
  const found = SUFFIXES.find(({ suffix }) => name.endsWith(suffix) && name.length > suffix.length);
  if (found !== undefined && found.interval !== "1m") {
    return { table, asset: name.slice(0, -found.suffix.length), interval: found.interval, isClean };
  }
  if (isClean) return { table, asset: name, interval: "1m", isClean };
  if (!table.endsWith("_minutes")) return null;
  return { table, asset: table.slice(0, -"_minutes".length), interval: "1m", isClean };
}

/** The parameters by which a recipe names its series; minutes have none for their interval, as in tables of form 1. */
export function seriesParameters(
  symbol: string,
  interval: Interval,
): { symbol: string; interval?: Interval } {
  return interval === "1m" ? { symbol } : { symbol, interval };
}

/** The interval of a recipe with `seriesParameters`, or of its table's manifest. */
export function intervalOf({ parameters }: { parameters: Readonly<Record<string, unknown>> }): Interval {
  return (parameters.interval ?? "1m") as Interval;
}
