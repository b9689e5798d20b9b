import { logNormal } from "../forecast/define.ts";
import type { Series } from "../forecast/forecaster.ts";
import { logReturns, mean } from "../forecast/returns.ts";
import { addDays } from "../time/day.ts";
import type { Cutoff } from "./cutoffs.ts";
import type { Window } from "./outcome.ts";
import { makeWindow } from "./window.ts";

/** Its name in the tables, where it is marked `leaked`. */
export const ORACLE = "volatility_oracle";

/**
 * The ceiling: the last close with a Gaussian band on log price whose sigma is the standard deviation of the
 * observed daily log returns in the window. It has seen how far the price will move and not where to; a model of volatility
 * can't do better.
 */
export function oracleWindows(series: Series, cutoffs: readonly Cutoff[], horizon: number): Window[] {
  return cutoffs.map((cutoff) => {
    const { day, trainDays } = cutoff;
    const window = series.close.subarray(trainDays - 1, trainDays + horizon);
    const returns = logReturns(window);
    const centre = mean(returns);
    const sigma = Math.sqrt(mean(returns.map((value) => (value - centre) ** 2)));
    const steps = Array.from({ length: horizon }, (_, i) => ({
      ds: addDays(day, i + 1),
      stepsAhead: i + 1,
      ...logNormal(window[0], sigma * Math.sqrt(i + 1)),
    }));
    return makeWindow(ORACLE, series, cutoff, { symbol: series.symbol, model: ORACLE, cutoff: day, steps });
  });
}
