import type { Series } from "../forecaster.ts";
import { garmanKlass } from "./realizedRange.ts";

/** The smallest daily variance that counts: a move of 0.01 %. */
export const SMALLEST_VARIANCE = 1e-8;
const LARGEST = 0.25;
/** Days with minutes from which their level is compared with that of the days without. */
const ENOUGH = 30;

/**
 * Variance of each day's log return, estimated from its range: of its hours where its minutes are known
 * (`realizedRange`), else of the day. Both are estimates of the same thing, but not quite on the same level: hours
 * miss what turns back between them and count what the spread adds. The realised ones are brought to the mean level of
 * the others on the same days (Martens & van Dijk 2007, "Measuring Volatility with the Realized Range", Journal of
 * Econometrics 138, 181–207); with fewer than 30 of them the days' own ranges stand.
 * Around the clock a day's opening jump is next to nothing; it carries the days that have a close and no range.
 * @returns one value for each day but the first, between 1e-8 and 0.25 (50 % a day): a wrong high or low of one
 *   day must not rule the year
 */
export function rangeVariance(series: Series): Float64Array {
  const { variance } = series;
  const daily = dailyRangeVariance(series);
  if (variance === undefined) return daily;
  const realized = variance.slice(1).map(boundedVariance);
  const known = [...realized.keys()].filter((i) => !Number.isNaN(realized[i]));
  if (known.length < ENOUGH) return daily;
  const sum = (values: Float64Array) => known.reduce((total, i) => total + values[i], 0);
  const level = sum(daily) / sum(realized);
  for (const i of known) daily[i] = boundedVariance(level * realized[i]);
  return daily;
}

/** Variance of each day's log return from the day's own range; one value for each day but the first. */
export function dailyRangeVariance({ open, high, low, close }: Omit<Series, "variance">): Float64Array {
  return Float64Array.from({ length: close.length - 1 }, (_, i) => {
    const day = i + 1;
    const range = { open: open[day], high: high[day], low: low[day], close: close[day] };
    return boundedVariance(garmanKlass(range, close[i]));
  });
}

/** A day's variance, between 1e-8 and 0.25. */
export function boundedVariance(variance: number): number {
  return Math.min(LARGEST, Math.max(SMALLEST_VARIANCE, variance));
}
