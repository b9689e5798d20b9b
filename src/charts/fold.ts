import { type Day, dayOf, startOfDay } from "../time/day.ts";
import { divides, floorToInterval, type Interval, intervalMs } from "../time/interval.ts";

/** What folding needs of a candle. */
export interface FoldableCandle {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
}

/** A candle at its open time: a UTC day, or epoch milliseconds. */
export interface PlacedCandle extends FoldableCandle {
  x: string | number;
}

/** A static figure of `WIDTH` pixels shows about this many candles apart from each other. */
const MOST_CANDLES = 330;

const LEVELS: readonly Interval[] = ["1m", "5m", "15m", "1h", "4h", "1d", "1w", "1M"];

/** The intervals to which candles are folded where they would be too narrow, ascending. @param own theirs */
export function levelsOver(own: Interval): Interval[] {
  return LEVELS.filter((level) => level !== own && divides(own, level));
}

/**
 * The finest interval whose candles can still be distinguished, the chart's own or a level over it.
 * @param length of what is shown, milliseconds
 */
export function levelFor(length: number, own: Interval, most = MOST_CANDLES): Interval {
  const fits = (level: Interval) => {
    const count = level === "1w" && level !== own ? 2 * most : most;
    return length <= count * (intervalMs(level) ?? Number.POSITIVE_INFINITY);
  };
  return [own, ...levelsOver(own)].find(fits) ?? own;
}

/**
 * Candles folded to an interval: open of the first, close of the last, highest high, lowest low, volume summed; `x` is
 * the interval's begin.
 * @param rows sorted by `x`
 * @param own their interval
 */
export function foldTo<Row extends PlacedCandle>(
  rows: readonly Row[],
  own: Interval,
  interval: Interval,
): Row[] {
  if (interval === own) return [...rows];
  return foldCandles<"x", Row>(rows, "x", (x) =>
    typeof x === "string"
      ? dayOf(floorToInterval(startOfDay(x as Day), interval))
      : floorToInterval(x, interval),
  );
}

/**
 * Consecutive candles of one interval folded into one: open of the first, close of the last, highest high, lowest low,
 * volume summed.
 * @param rows sorted by `key`
 * @param key the field with a candle's time
 * @param startOf the start of the interval that holds a time
 */
export function foldCandles<Key extends string, Row extends FoldableCandle & Record<Key, string | number>>(
  rows: readonly Row[],
  key: Key,
  startOf: (time: Row[Key]) => Row[Key],
): Row[] {
  const folded: Row[] = [];
  for (const row of rows) {
    const start = startOf(row[key]);
    const last = folded[folded.length - 1];
    if (last?.[key] !== start) {
      folded.push({ ...row, [key]: start });
    } else {
      last.high = Math.max(last.high, row.high);
      last.low = Math.min(last.low, row.low);
      last.close = row.close;
      last.volume = (last.volume ?? 0) + (row.volume ?? 0);
    }
  }
  return folded;
}
