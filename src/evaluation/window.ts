import type { Forecast, Series } from "../forecast/forecaster.ts";
import { mean } from "../forecast/returns.ts";
import type { Cutoff } from "./cutoffs.ts";
import type { Window } from "./outcome.ts";

/** A forecast from a cutoff beside the closes that followed. */
export function makeWindow(
  model: string,
  { close }: Series,
  { day, trainDays }: Cutoff,
  forecast: Forecast,
): Window {
  const seen = close.subarray(0, trainDays);
  return {
    model,
    cutoff: day,
    lastClose: close[trainDays - 1],
    naiveError: mean(seen.subarray(1).map((price, j) => Math.abs(price - seen[j]))),
    forecast: { ...forecast, model },
    actual: close.slice(trainDays, trainDays + forecast.steps.length),
  };
}
