import { MINUTE_MS } from "../time/epoch.ts";
import { floorToInterval, type Interval, isOpenTime } from "../time/interval.ts";
import type { RawEntry } from "./rawManifest.ts";

/** By symbol the open times (milliseconds) of candles that a file begins or ends in the middle of, though others go on. */
export type CutCandles = Record<string, readonly number[]>;

/** Where one file ends and the next begins later, the candles of both ends: what lies between may exist elsewhere. */
export function cutCandles(files: readonly Pick<RawEntry, "facts">[], interval: Interval): CutCandles {
  const spans = files.flatMap(({ facts }) => Object.entries(facts?.symbols ?? {}));
  const cut = [...Map.groupBy(spans, ([symbol]) => symbol)].sort().map(([symbol, own]) => {
    const times = new Set<number>();
    const sorted = own.map(([, span]) => span).sort((a, b) => a.first - b.first);
    let end = sorted[0].first;
    for (const { first, last } of sorted) {
      const ends = first > end ? [end, first].filter((time) => !isOpenTime(time, interval)) : [];
      for (const time of ends) times.add(floorToInterval(time, interval));
      end = Math.max(end, last + MINUTE_MS);
    }
    return [symbol, [...times]] as const;
  });
  return Object.fromEntries(cut.filter(([, times]) => times.length > 0));
}
