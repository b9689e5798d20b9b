import { floorToInterval, type Interval, isOpenTime, nextOpenTime } from "../time/interval.ts";
import type { RawEntry } from "./rawManifest.ts";

/** By symbol the open times (milliseconds) of candles that a file begins or ends in the middle of, though others go on. */
export type CutCandles = Record<string, readonly number[]>;

/** Where one file ends and the next begins later, the candles of both ends: what lies between may exist elsewhere. */
export function cutCandles(files: readonly Pick<RawEntry, "facts">[], interval: Interval): CutCandles {
  const spans = files.flatMap(({ facts }) =>
    Object.entries(facts?.symbols ?? {}).map(([symbol, { first, last }]) => {
      const own = facts?.interval ?? "1m";
      return { symbol, interval: own, first, end: nextOpenTime(last, own) };
    }),
  );
  const cut = [...Map.groupBy(spans, ({ symbol }) => symbol)].sort().map(([symbol, own]) => {
    const times = [...Map.groupBy(own, (span) => span.interval).values()].flatMap(endsBetween);
    const inside = times.filter((time) => !isOpenTime(time, interval));
    return [symbol, [...new Set(inside.map((time) => floorToInterval(time, interval)))]] as const;
  });
  return Object.fromEntries(cut.filter(([, times]) => times.length > 0));
}

/** The ends of the stretches that no file of one series covers. */
function endsBetween(spans: readonly { first: number; end: number }[]): number[] {
  const sorted = spans.toSorted((a, b) => a.first - b.first);
  let last = sorted[0].first;
  return sorted.flatMap(({ first, end }) => {
    const ends = first > last ? [last, first] : [];
    last = Math.max(last, end);
    return ends;
  });
}
