import type { Series } from "./forecaster.ts";

/** The columns of a series: one value for each day. */
const COLUMNS = ["open", "high", "low", "close", "variance", "filled"] as const;

/** The first `count` days alone, copied: a model that is given them can't reach what came after. */
export function headOf(series: Series, count: number): Series {
  return { ...series, days: series.days.slice(0, count), ...eachColumn(series, (of) => of.slice(0, count)) };
}

/** Whether day `i` has data; the others carry the close before them forward. */
export function hasData({ filled }: Pick<Series, "filled">, i: number): boolean {
  return filled === undefined || filled[i] === 0;
}

/** The positions of the days that have data. */
export function daysThatHaveData(series: Series): number[] {
  return series.days.flatMap((_, i) => (hasData(series, i) ? [i] : []));
}

/** How many of the first `count` days have data; of all by default. */
export function daysWithData({ days, filled }: Pick<Series, "days" | "filled">, count = days.length): number {
  if (filled === undefined) return count;
  let found = 0;
  for (let i = 0; i < count; i += 1) found += 1 - filled[i];
  return found;
}

/**
 * The days with data alone, their prices spliced as those of futures contracts are: the prices before a gap are scaled
 * so that the last close before it equals the first close after it, and that first day after it is left out. The
 * one-day returns are then exactly those between two days that both have data, and the last close is the series' own.
 * The days are not consecutive.
 */
export function splice(series: Series): Series {
  const { days, close } = series;
  const factors = new Float64Array(days.length);
  const kept: number[] = [];
  let factor = 1;
  let next = -1;
  for (let i = days.length - 1; i >= 0; i -= 1) {
    if (!hasData(series, i)) continue;
    if (next > i + 1) {
      kept.pop();
      factor *= close[next] / close[i];
    }
    factors[i] = factor;
    kept.push(i);
    next = i;
  }
  if (kept.length === days.length) return series;
  kept.reverse();
  const pick = (of: Float64Array) => Float64Array.from(kept, (i) => of[i]);
  const scale = (price: Float64Array) => Float64Array.from(kept, (i) => price[i] * factors[i]);
  return {
    symbol: series.symbol,
    days: kept.map((i) => days[i]),
    open: scale(series.open),
    high: scale(series.high),
    low: scale(series.low),
    close: scale(close),
    ...(series.variance && { variance: pick(series.variance) }),
  };
}

function eachColumn(series: Series, change: (column: Float64Array) => Float64Array) {
  const known = COLUMNS.flatMap((name) => {
    const column = series[name];
    return column === undefined ? [] : [[name, change(column)]];
  });
  return Object.fromEntries(known) as Pick<Series, (typeof COLUMNS)[number]>;
}
