import type { Forecast } from "../forecast/forecaster.ts";
import type { Day } from "../time/day.ts";

/** One model's forecast from one cutoff, beside what then happened. */
export interface Window {
  model: string;
  cutoff: Day;
  /** Close of the cutoff day, quote currency. */
  lastClose: number;
  /** Mean absolute one-day change of the close up to the cutoff, quote currency: the scale of MASE. */
  naiveError: number;
  forecast: Forecast;
  /** The observed closes, one for each step of the forecast; NaN on a filled day. */
  actual: Float64Array;
}

/** One forecast day and its outcome: what every loss is made of. Prices in quote currency. */
export interface Outcome {
  cutoff: Day;
  ds: Day;
  stepsAhead: number;
  actual: number;
  yhat: number;
  /** At `QUANTILE_LEVELS`. */
  quantiles: Float64Array;
  lastClose: number;
  naiveError: number;
}

/** A window, day by day; without filled days, which are no outcomes. */
export function outcomesOf({ cutoff, lastClose, naiveError, forecast, actual }: Window): Outcome[] {
  return forecast.steps.flatMap(({ ds, stepsAhead, yhat, quantiles }, i) =>
    Number.isNaN(actual[i])
      ? []
      : [{ cutoff, ds, stepsAhead, actual: actual[i], yhat, quantiles, lastClose, naiveError }],
  );
}
