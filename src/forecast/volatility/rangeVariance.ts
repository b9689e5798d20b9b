import type { Series } from "../forecaster.ts";

const SMALLEST = 1e-8;
const LARGEST = 0.25;

/**
 * Variance of each day's log return, estimated from its range: the opening jump squared plus
 * ½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)² (Garman & Klass 1980, "On the Estimation of Security Price Volatilities from
 * Historical Data", Journal of Business 53, 67–78). Around the clock the jump is next to nothing; it carries the
 * days that have a close and no range.
 * @returns one value for each day but the first, between 1e-8 and 0.25 (50 % a day): a wrong high or low of one
 *   day must not rule the year
 */
export function rangeVariance({ open, high, low, close }: Series): Float64Array {
  return Float64Array.from({ length: close.length - 1 }, (_, i) => {
    const day = i + 1;
    const jump = Math.log(open[day] / close[i]);
    const range = Math.log(high[day] / low[day]);
    const body = Math.log(close[day] / open[day]);
    const variance = jump ** 2 + 0.5 * range ** 2 - (2 * Math.LN2 - 1) * body ** 2;
    return Math.min(LARGEST, Math.max(SMALLEST, variance));
  });
}
