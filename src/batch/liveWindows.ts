import type { Dialect } from "../lake/dialect.ts";
import type { EngineSession } from "../lake/engine.ts";
import { filesOf } from "../lake/read.ts";
import type { LiveWindows } from "../lake/streamWindows.ts";
import { INTERVALS, type Interval, intervalMs } from "../time/interval.ts";
import { bitOf, type Made } from "./candlesSql.ts";

/** A table of windows, with the symbols that it has closed ones of. */
export interface StreamedSymbols extends LiveWindows {
  symbols: readonly string[];
}

/** The symbols of the closed windows in each table. */
export async function liveSymbols(
  { from, rows }: EngineSession,
  live: readonly LiveWindows[],
): Promise<StreamedSymbols[]> {
  const found: StreamedSymbols[] = [];
  for (const one of live) {
    const table = await from(filesOf(one.version));
    const own = await rows<{ symbol: string }>(`SELECT DISTINCT symbol FROM ${table} WHERE complete`);
    found.push({ ...one, symbols: own.map(({ symbol }) => symbol) });
  }
  return found;
}

/**
 * Closed windows as candles, a table expression (FROM clause): those of which there is no own candle.
 * @param rows of `streaming_output_<interval>`
 * @param own clean candles of the same interval and symbols; null: none
 */
export function closedSql(
  rows: string,
  own: string | null,
  symbols: readonly string[],
  { text }: Dialect,
): string {
  const lacking =
    own === null
      ? ""
      : `AND NOT EXISTS (SELECT 1 FROM ${own} AS own WHERE own.symbol = live.symbol AND own.open_time = live.open_time)`;
  return `(SELECT * FROM ${rows} AS live WHERE complete AND symbol IN (${symbols.map(text).join(", ")}) ${lacking}) AS closed`;
}

/** A window is as full as its parts, and made from their interval. */
export const MADE_OF_WINDOWS: Made = {
  covered: `parts * ${byPart((interval) => intervalMs(interval) as number)}`,
  finest: byPart((interval) => intervalMs(interval) as number),
  sources: byPart(bitOf),
};

function byPart(value: (interval: Interval) => number): string {
  const cases = INTERVALS.filter((one) => one !== "1M").map((one) => `WHEN '${one}' THEN ${value(one)}`);
  return `(CASE made_from ${cases.join(" ")} END)::BIGINT`;
}
