import { MINUTE_MS } from "../time/epoch.ts";
import { venue } from "../venues/registry.ts";
import { INTERVALS, type Interval } from "../venues/venueInterval.ts";
import { type DividedSpan, intersect, length, type Span, span, subtract, unite, wholeDays } from "./spans.ts";

/** The grain of a request: minutes, or whole days as the exchange's daily candles. */
export type Grain = Extract<Interval, "1m" | "1d">;

/** One symbol's gaps, and known data about them. */
export interface SymbolHoles {
  symbol: string;
  /** Ranges without minutes, including the ends of the history. */
  holes: Span[];
  /** Days that have a daily candle already. */
  knownDays: Span[];
  /** The end of the minutes from the exchange itself; absent without any. */
  provenTo?: number;
  /** Answered requests: received data are kept, missing data do not exist. */
  asked: Record<Grain, Span[]>;
}

/** One request of at most 1,000 candles. */
export interface KlineRequest extends Span {
  symbol: string;
  interval: Grain;
  /** The gaps in it; candles between them are returned too and dropped. */
  wanted: Span[];
  /** The exchange is known to have later candles: a response without any is then not accepted. */
  proven: boolean;
}

export interface BackfillPlan {
  requests: KlineRequest[];
  /** Total request weight. */
  weight: number;
  /** Requested minutes and days. */
  minutes: number;
  days: number;
}

/**
 * The requests that close the gaps: whole days as daily candles (none with `minutesOnly`), the rest as minutes; gaps
 * near each other share a request.
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

/** The number of minutes in spans. */
export const minutesIn = (spans: readonly Span[]) => length(spans) / MINUTE_MS;
