import type { Series } from "./forecaster.ts";

/** The first `count` days alone, copied: a model that is given them can't reach what came after. */
export function headOf(series: Series, count: number): Series {
  const { variance } = series;
  return {
    ...(variance && { variance: variance.slice(0, count) }),
    symbol: series.symbol,
    days: series.days.slice(0, count),
    open: series.open.slice(0, count),
    high: series.high.slice(0, count),
    low: series.low.slice(0, count),
    close: series.close.slice(0, count),
  };
}
