import { MINUTE_MS } from "../time/epoch.ts";
import { venue } from "../venues/registry.ts";
import { INTERVALS, type Interval } from "../venues/venueInterval.ts";
import { type DividedSpan, intersect, length, type Span, span, subtract, unite, wholeDays } from "./spans.ts";

/** What a backfill asks for: minutes, or whole days as the exchange's daily candles. */
export type Grain = Extract<Interval, "1m" | "1d">;

/** One symbol's holes, and what is known of them already. */
export interface SymbolHoles {
  symbol: string;
  /** Times without minutes, the ends of the history included. */
  holes: Span[];
  /** Days that have a daily candle already. */
  knownDays: Span[];
  /** The end of the minutes that came from the exchange itself; absent where none is known to have. */
  provenTo?: number;
  /** Asked for before, and answered: what came is kept, what did not come is not there. */
  asked: Record<Grain, Span[]>;
}

/** One request of at most 1,000 candles. */
export interface KlineRequest extends Span {
  symbol: string;
  interval: Grain;
  /** The holes in it; candles between them come too and are dropped. */
  wanted: Span[];
  /** The exchange is known to have candles behind it: none there and none behind is then no truth. */
  proven: boolean;
}

export interface BackfillPlan {
  requests: KlineRequest[];
  /** Request weight in all. */
  weight: number;
  /** Minutes and days that are asked for. */
  minutes: number;
  days: number;
}

/**
 * Which requests close the holes: whole days as daily candles (none with `minutesOnly`), the rest as
 * minutes; holes that lie near each other share a request.
 */
export function planBackfill(
  symbols: readonly SymbolHoles[],
  divide: (hole: Span) => DividedSpan = wholeDays,
): BackfillPlan {
  const requests = symbols.flatMap(
    ({ symbol, holes, knownDays, provenTo = Number.NEGATIVE_INFINITY, asked }) => {
      const parts = unite(holes).map(divide);
      const days = subtract(
        parts.flatMap((part) => part.days),
        [...knownDays, ...asked["1d"]],
      );
      const rest = subtract(
        parts.flatMap((part) => part.rest),
        asked["1m"],
      );
      const grouped = [...groupRequests(symbol, "1d", days), ...groupRequests(symbol, "1m", rest)];
      return grouped.map((request) => ({ ...request, proven: request.to < provenTo }));
    },
  );
  const total = (interval: Grain) =>
    requests
      .filter((request) => request.interval === interval)
      .reduce((sum, { wanted }) => sum + length(wanted) / INTERVALS[interval], 0);
  return {
    requests,
    weight: requests.length * venue.limits.weight,
    minutes: total("1m"),
    days: total("1d"),
  };
}

function groupRequests(
  symbol: string,
  interval: Grain,
  spans: readonly Span[],
): Omit<KlineRequest, "proven">[] {
  const reach = venue.limits.candles * INTERVALS[interval];
  const requests: Omit<KlineRequest, "proven">[] = [];
  let left = unite(spans);
  while (left.length > 0) {
    const [{ from }] = left;
    const window = span(from, from + reach);
    const wanted = intersect(left, [window]);
    requests.push({ symbol, interval, from, to: wanted[wanted.length - 1].to, wanted });
    left = subtract(left, [window]);
  }
  return requests;
}

/** How many minutes spans hold. */
export const minutesIn = (spans: readonly Span[]) => length(spans) / MINUTE_MS;
