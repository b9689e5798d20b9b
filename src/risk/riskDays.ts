import type { Series } from "../forecast/forecaster.ts";
import { boundedVariance, dailyRangeVariance } from "../forecast/volatility/rangeVariance.ts";

/** Days with minutes from which their level is compared with that of the days without. */
const ENOUGH = 30;

/** The days of a series that have a return: those whose day before has data too. Arrays of one length, oldest first. */
export interface RiskDays {
  /** Position of the day in the series. */
  index: Int32Array;
  /** Log return from the close of the day before. */
  returns: Float64Array;
  /** Variance of the return, estimated from the day's range or its minutes. */
  ranges: Float64Array;
}

/**
 * Returns and range variances of the days with data. A filled day has none, nor does the day after it: its return is of
 * several days. The variance of a day with minutes is that of its hours, on the level of the daily ranges of the days
 * with minutes up to that day, so that a later day changes no earlier value.
 */
export function riskDays(series: Series): RiskDays {
  const { days, close, filled, variance } = series;
  const hasData = (i: number) => filled === undefined || filled[i] === 0;
  const index = Int32Array.from([...days.keys()].filter((i) => i > 0 && hasData(i) && hasData(i - 1)));
  const own = dailyRangeVariance(series);
  const [sums, known] = [{ daily: 0, realized: 0 }, { days: 0 }];
  const rangeOf = (i: number) => {
    const daily = own[i - 1];
    const hours = variance?.[i] ?? Number.NaN;
    if (Number.isNaN(hours)) return daily;
    const realized = boundedVariance(hours);
    sums.daily += daily;
    sums.realized += realized;
    known.days += 1;
    return known.days < ENOUGH ? daily : boundedVariance((sums.daily / sums.realized) * realized);
  };
  return {
    index,
    returns: Float64Array.from(index, (i) => Math.log(close[i]) - Math.log(close[i - 1])),
    ranges: Float64Array.from(index, rangeOf),
  };
}
