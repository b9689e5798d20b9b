import type { Source } from "../candle/candle.ts";
import type { Lake } from "../lake/session.ts";
import type { Day } from "../time/day.ts";

/** Minutes that a symbol lacks between its first and its last. */
export interface SymbolGaps {
  count: number;
  minutes: number;
  /** Minutes by label. */
  labels: Record<string, number>;
}

/** What the serving table holds of one symbol. */
export interface SymbolStatus {
  symbol: string;
  firstDay: Day;
  lastDay: Day;
  /** The last day that is over and that a source has; null where there is none. */
  lastComplete: Day | null;
  days: number;
  /** Minutes that the days are made of; days known as daily candles count none. */
  minutes: number;
  /** Days by origin. */
  origins: Record<string, number>;
  /** Null where no list of gaps is published. */
  holes: SymbolGaps | null;
  source: Source;
}

/**
 * @param served `daily_filled` as a table expression (FROM clause)
 * @param gaps the same for `gaps`, or null
 */
export async function symbolStatus(
  lake: Lake,
  served: string,
  gaps: string | null,
  source: Source,
): Promise<SymbolStatus[]> {
  type Row = {
    symbol: string;
    origin: string;
    first: Day;
    last: Day;
    complete: Day | null;
    days: number;
    minutes: number;
  };
  const rows =
    await lake.rows<Row>(`SELECT symbol, origin, min(day)::VARCHAR AS first, max(day)::VARCHAR AS last,
      (max(day) FILTER (complete AND origin <> 'filled'))::VARCHAR AS complete,
      count(*)::INTEGER AS days, coalesce(sum(minutes), 0)::DOUBLE AS minutes
    FROM ${served} GROUP BY symbol, origin ORDER BY symbol, origin`);
  const found = gaps === null ? null : await gapsBySymbol(lake, gaps);
  return [...new Set(rows.map((row) => row.symbol))].map((symbol) => {
    const mine = rows.filter((row) => row.symbol === symbol);
    const latest = (days: (Day | null)[]) =>
      days
        .filter((day) => day !== null)
        .sort()
        .at(-1) ?? null;
    return {
      symbol,
      firstDay: mine.map((row) => row.first).sort()[0],
      lastDay: latest(mine.map((row) => row.last)) as Day,
      lastComplete: latest(mine.map((row) => row.complete)),
      days: mine.reduce((sum, row) => sum + row.days, 0),
      minutes: mine.reduce((sum, row) => sum + row.minutes, 0),
      origins: Object.fromEntries(mine.map((row) => [row.origin, row.days])),
      holes: found === null ? null : (found.get(symbol) ?? { count: 0, minutes: 0, labels: {} }),
      source,
    };
  });
}

async function gapsBySymbol(lake: Lake, gaps: string): Promise<Map<string, SymbolGaps>> {
  const rows = await lake.rows<{ symbol: string; label: string; count: number; minutes: number }>(
    `SELECT symbol, label, count(*)::INTEGER AS count, sum(minutes)::DOUBLE AS minutes
      FROM ${gaps} GROUP BY symbol, label ORDER BY symbol, label`,
  );
  const found = new Map<string, SymbolGaps>();
  for (const { symbol, label, count, minutes } of rows) {
    const known = found.get(symbol) ?? { count: 0, minutes: 0, labels: {} };
    found.set(symbol, {
      count: known.count + count,
      minutes: known.minutes + minutes,
      labels: { ...known.labels, [label]: minutes },
    });
  }
  return found;
}
