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
  const changes: number[] = [];
  for (let i = 1; i < trainDays; i += 1) {
    if (hasData(series, i - 1) && hasData(series, i)) changes.push(Math.abs(close[i] - close[i - 1]));
  }
  const outcome = (_: unknown, i: number) =>
    hasData(series, trainDays + i) ? close[trainDays + i] : Number.NaN;
  return {
    model,
    cutoff: day,
    lastClose: close[trainDays - 1],
    naiveError: mean(changes),
    forecast: { ...forecast, model },
    actual: Float64Array.from(forecast.steps, outcome),
  };
}
