import { SMALLEST_VARIANCE } from "../forecast/volatility/rangeVariance.ts";

/**
 * QLIKE of a variance forecast: x − ln x − 1 of outcome / forecast, 0 for a perfect one (Patton 2011, "Volatility
 * forecast comparison using imperfect volatility proxies", Journal of Econometrics 160, 246–256). A window that did not
 * move counts as one of 0.01 % a day.
 */
export function qlike(forecast: number, outcome: number, daysAhead: number): number {
  const ratio = Math.max(outcome, SMALLEST_VARIANCE * daysAhead) / forecast;
  return ratio - Math.log(ratio) - 1;
}
