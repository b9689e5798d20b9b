import type { Forecast, Series } from "../forecast/forecaster.ts";
import { mean } from "../forecast/returns.ts";
import { hasData } from "../forecast/series.ts";
import type { Cutoff } from "./cutoffs.ts";
import type { Window } from "./outcome.ts";

/** A forecast from a cutoff beside the closes that followed. */
export function makeWindow(
  model: string,
  series: Series,
  { day, trainDays }: Cutoff,
  forecast: Forecast,
): Window {
  const { close } = series;
  const outcome = (_: unknown, i: number) =>
    hasData(series, trainDays + i) ? close[trainDays + i] : Number.NaN;
  return {
    model,
    cutoff: day,
    lastClose: close[trainDays - 1],
    naiveError: meanChange(series, trainDays),
    forecast: { ...forecast, model },
    actual: Float64Array.from(forecast.steps, outcome),
  };
}

/** Mean absolute change from one day with data to the next among the first `count` days; quote currency. */
export function meanChange(series: Series, count: number): number {
  const { close } = series;
  const changes: number[] = [];
  for (let i = 1; i < count; i += 1) {
    if (hasData(series, i - 1) && hasData(series, i)) changes.push(Math.abs(close[i] - close[i - 1]));
  }
  return mean(changes);
}
