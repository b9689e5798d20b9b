import { z } from "zod";
import type { Workspace } from "../core/workspace.ts";
import { type Manifest, readManifest } from "../lake/manifest.ts";
import { intervalOfCandles, seriesOfTable } from "../lake/seriesTables.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { INTERVALS, type Interval, intervalMs, nextOpenTime } from "../time/interval.ts";

/** One symbol's candles in a table: clean ones, or folded ones. */
export interface SeriesStatus {
  table: string;
  symbol: string;
  interval: Interval;
  candles: number;
  /** The open time of the first candle and the end of the last, ISO 8601. */
  from: string;
  to: string;
  /** Of all open times from the first to the last, the share with a complete candle, 0 to 1. */
  share: number;
}

// What the status needs of the manifests; the stages that write them keep more.
const cleanFacts = z.object({ symbol: z.string(), first: z.number(), last: z.number() });
const foldedFacts = z.object({
  symbols: z.array(
    z.object({
      ...cleanFacts.shape,
      candles: z.number(),
      complete: z.number(),
    }),
  ),
});

/**
 * The tables of candles as their manifests describe them, by interval; a clean candle counts as complete.
 * @param tables the names of tables that can be read
 */
export async function seriesStatus(workspace: Workspace, tables: readonly string[]): Promise<SeriesStatus[]> {
  const found: SeriesStatus[] = [];
  for (const table of tables) {
    const series = seriesOfTable(table);
    const interval = series?.isClean ? series.interval : intervalOfCandles(table);
    if (interval === null) continue;
    const manifest = await readManifest(workspace, table);
    if (manifest !== null) found.push(...symbolsIn(manifest, interval));
  }
  const order = ({ interval, table, symbol }: SeriesStatus) =>
    `${String(INTERVALS.indexOf(interval)).padStart(2, "0")} ${table} ${symbol}`;
  return found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function symbolsIn({ table, rows, facts }: Manifest, interval: Interval): SeriesStatus[] {
  const folded = foldedFacts.safeParse(facts).data?.symbols;
  const clean = cleanFacts.safeParse(facts).data;
  const symbols = folded ?? (clean === undefined ? [] : [{ ...clean, candles: rows, complete: rows }]);
  return symbols.map(({ symbol, candles, complete, first, last }) => {
    const end = nextOpenTime(last, interval);
    return {
      ...{ table, symbol, interval, candles },
      from: toIso(first as EpochMs),
      to: toIso(end),
      share: complete / openTimesIn(first, end, interval),
    };
  });
}

function openTimesIn(from: number, to: number, interval: Interval): number {
  const length = intervalMs(interval);
  if (length !== null) return (to - from) / length;
  const months = (ms: number) => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth();
  return months(to) - months(from);
}
