import { MIN_DAYS } from "./check.ts";
import { defineForecaster, logNormal } from "./define.ts";
import type { Forecaster } from "./forecaster.ts";
import { logReturns, standardDeviation } from "./returns.ts";

/**
 * The last close, for every day ahead: what every other model has to beat.
 * Band: Gaussian on log price, sigma of all daily log returns so far × √h.
 */
export function naive(): Forecaster {
  return defineForecaster({
    name: "naive",
    minDays: MIN_DAYS,
    fit({ close }) {
      const last = close[close.length - 1];
      const sigma = standardDeviation(logReturns(close));
      return { law: (stepsAhead) => logNormal(last, sigma * Math.sqrt(stepsAhead)) };
    },
  });
}
