import { logNormal } from "../forecast/define.ts";
import type { Series } from "../forecast/forecaster.ts";
import { hasData } from "../forecast/series.ts";
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
    const sigma = volatilityAfter(series, trainDays, horizon);
    const last = series.close[trainDays - 1];
    const steps = Array.from({ length: horizon }, (_, i) => ({
      ds: addDays(day, i + 1),
      stepsAhead: i + 1,
      ...logNormal(last, sigma * Math.sqrt(i + 1)),
    }));
    return makeWindow(ORACLE, series, cutoff, { symbol: series.symbol, model: ORACLE, cutoff: day, steps });
  });
}

/**
 * Standard deviation of the daily log returns of the window, divisor n. A return over a gap counts as so many days':
 * the days between have no return of their own.
 */
function volatilityAfter(series: Series, trainDays: number, horizon: number): number {
  const returns: { value: number; days: number }[] = [];
  let before = trainDays - 1;
  for (let i = trainDays; i < trainDays + horizon; i += 1) {
    if (!hasData(series, i)) continue;
    returns.push({ value: Math.log(series.close[i]) - Math.log(series.close[before]), days: i - before });
    before = i;
  }
  const centre = sum(returns.map(({ value }) => value)) / (before - trainDays + 1);
  const squares = returns.map(({ value, days }) => (value - centre * days) ** 2 / days);
  return Math.sqrt(sum(squares) / returns.length);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
