import { MINUTE_MS, type TimeSpan } from "../time/epoch.ts";
import { venue } from "../venues/registry.ts";
import { INTERVALS, type Interval } from "../venues/venueInterval.ts";
import { type DividedSpan, intersect, length, span, subtract, unite, wholeDays } from "./spans.ts";

/** Requested ranges by the interval of the candles. */
export type AskedSpans = Record<Interval, TimeSpan[]>;

/** One symbol's gaps, and known data about them. */
export interface SymbolGaps {
  symbol: string;
  /** Ranges without candles, including the ends of the history. */
  gaps: TimeSpan[];
  /** Days that have a daily candle already. */
  knownDays: TimeSpan[];
  /** The end of the candles from the exchange itself; absent without any. */
  provenTo?: number;
  /** Answered requests: received data are kept, missing data do not exist. */
  asked: Partial<AskedSpans>;
}

/** One request of at most 1,000 candles. */
export interface KlineRequest extends TimeSpan {
  symbol: string;
  interval: Interval;
  /** The gaps in it; candles between them are returned too and dropped. */
  wanted: TimeSpan[];
  /** The exchange is known to have later candles: a response without any is then not accepted. */
  proven: boolean;
}

export interface BackfillPlan {
  requests: KlineRequest[];
  /** Total request weight. */
  weight: number;
  /** Requested time without the days, in minutes, and requested days. */
  minutes: number;
  days: number;
}

/**
 * The requests that close the gaps: whole days as daily candles (none with `noDays`), the rest as candles of the
 * interval; gaps near each other share a request.
 */
export function planBackfill(
  symbols: readonly SymbolGaps[],
  divide: (gap: TimeSpan) => DividedSpan = wholeDays,
  interval: Interval = "1m",
): BackfillPlan {
  const requests = symbols.flatMap(
    ({ symbol, gaps, knownDays, provenTo = Number.NEGATIVE_INFINITY, asked }) => {
      const parts = unite(gaps).map(divide);
      const days = subtract(
        parts.flatMap((part) => part.days),
        [...knownDays, ...(asked["1d"] ?? [])],
      );
      const rest = subtract(
        parts.flatMap((part) => part.rest),
        asked[interval] ?? [],
      );
      const grouped = [...groupRequests(symbol, "1d", days), ...groupRequests(symbol, interval, rest)];
      return grouped.map((request) => ({ ...request, proven: request.to < provenTo }));
    },
  );
  const total = (isDay: boolean, unit: number) =>
    requests
      .filter((request) => (request.interval === "1d") === isDay)
      .reduce((sum, { wanted }) => sum + length(wanted) / unit, 0);
  return {
    requests,
    weight: requests.length * venue.limits.weight,
    minutes: total(false, MINUTE_MS),
    days: total(true, INTERVALS["1d"]),
  };
}

function groupRequests(
  symbol: string,
  interval: Interval,
  spans: readonly TimeSpan[],
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
