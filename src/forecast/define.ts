import { failure } from "../core/errors.ts";
import { addDays } from "../time/day.ts";
import { checkHorizon, checkSeries } from "./check.ts";
import {
  type Forecaster,
  type ForecastStep,
  type LeftOut,
  type ModelSpec,
  QUANTILE_LEVELS,
  type Series,
} from "./forecaster.ts";
import { normalQuantile } from "./normal.ts";

/** The forecast distribution of one day's close, quote currency. */
export type PriceLaw = Pick<ForecastStep, "yhat" | "quantiles">;

/** What a model is, beside the checks and the bookkeeping that all share. */
export interface Definition {
  name: string;
  minDays: number;
  spec?: ModelSpec;
  fit(series: Series): { law(stepsAhead: number): PriceLaw; leftOut?(horizon: number): LeftOut[] };
}

/** A forecaster that refuses bad series and horizons, and never hands out a price that is not finite. */
export function defineForecaster(definition: Definition): Forecaster {
  const { name, minDays, spec } = definition;
  return {
    name,
    minDays,
    spec: spec ?? { name },
    fit(series) {
      checkSeries(series, minDays);
      const { law, leftOut = () => [] } = definition.fit(series);
      const cutoff = series.days[series.days.length - 1];
      return {
        predict(horizon) {
          checkHorizon(horizon);
          const steps = Array.from({ length: horizon }, (_, i) => {
            const step = { ds: addDays(cutoff, i + 1), stepsAhead: i + 1, ...law(i + 1) };
            requireFinite(step, name, series.symbol, "its returns are too wild");
            return step;
          });
          return {
            symbol: series.symbol,
            model: name,
            cutoff,
            steps,
            leftOut: leftOut(horizon),
          };
        },
      };
    },
  };
}

/** A price whose logarithm is normal with this standard deviation about the logarithm of `median`. */
export function logNormal(median: number, sigma: number): PriceLaw {
  return {
    yhat: median,
    quantiles: Float64Array.from(NORMAL_QUANTILES, (z) => median * Math.exp(z * sigma)),
  };
}

/** The standard normal at `QUANTILE_LEVELS`. */
export const NORMAL_QUANTILES: readonly number[] = QUANTILE_LEVELS.map(normalQuantile);

/** @throws CandlebookError `forecast_not_finite` (exit 1), with what made it so */
export function requireFinite(
  { ds, yhat, quantiles }: ForecastStep,
  model: string,
  symbol: string,
  cause: string,
) {
  if (Number.isFinite(yhat) && quantiles.every(Number.isFinite)) return;
  throw failure(
    "forecast_not_finite",
    `${model} gives no finite price for ${symbol} on ${ds}: ${cause} over so long a horizon.`,
    "Ask for a shorter horizon, or look for a wrong price in the history.",
  );
}
