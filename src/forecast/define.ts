import { type CandlebookError, failure, inputError } from "../core/errors.ts";
import { addDays } from "../time/day.ts";
import { checkHorizon, checkSeries } from "./check.ts";
import {
  type FeatureColumns,
  type Forecaster,
  type ForecastStep,
  type LeftOut,
  QUANTILE_LEVELS,
  type Series,
} from "./forecaster.ts";
import { normalQuantile } from "./normal.ts";
import { featureColumns } from "./ownFeatures.ts";
import { splice } from "./series.ts";

/** The forecast distribution of one day's close, quote currency. */
export type PriceDistribution = Pick<ForecastStep, "yhat" | "quantiles" | "components">;

/** A model as its author writes it: what it is, what it needs, and how it is fitted. */
export interface ModelDefinition extends Omit<Forecaster, "fit" | "leaked"> {
  /** What makes a price infinite where one is, for the error; "its returns are too wild" by default. */
  overflow?: string;
  /**
   * Fits the model; the same series gives the same bits.
   * @param series checked: prices above 0, at least `needs.days` days with data, with `needs.columns`; without filled
   *   days (see `splice`), or with `needs.calendar` all of them
   * @param columns the values of `features` on the days of the series
   */
  fit(series: Series, columns: FeatureColumns): FittedDefinition;
}

/** What `fit` of a definition returns. */
export interface FittedDefinition {
  /**
   * One distribution for each day from 1 to `horizon` after the series' last; see `eachDay`.
   * @param columns the values of `features` on those days
   */
  predict(horizon: number, columns: FeatureColumns): PriceDistribution[];
  /** Members of the model that the history is too short for. */
  leftOut?(horizon: number): LeftOut[];
}

/**
 * Makes a model of one's own a forecaster like the shipped ones: for `backtest`, for the figures, and, with a line in
 * `registry.ts`, for every command and table. Checks the series and the horizon before the model sees them, and the
 * distributions after.
 *
 * ```ts
 * const lastClose = defineForecaster({
 *   name: "last_close",
 *   title: { en: "Last close", vi: "Giá đóng cửa cuối" },
 *   method: { en: "the last close ± 2 % a day", vi: "giá đóng cửa cuối ± 2 % mỗi ngày" },
 *   needs: { days: 60, columns: ["close"] },
 *   fit: ({ close }) => ({ predict: eachDay((h) => logNormal(close[close.length - 1], 0.02 * Math.sqrt(h))) }),
 * });
 * ```
 * @throws CandlebookError `bad_model` (exit 2) for a name that is no table's word; `fit` and `predict` throw those of
 *   `checkSeries`, `series_lacks_column`, `bad_horizon` (exit 2), and `forecast_not_finite`, `bad_distribution` (exit 1)
 */
export function defineForecaster(definition: ModelDefinition): Forecaster {
  const { fit: _, overflow, ...facts } = definition;
  const { name, needs, features = {} } = facts;
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    const found = `A model is called ${JSON.stringify(name)}.`;
    throw inputError("bad_model", found, "Use small letters, digits and _, such as last_close.");
  }
  return {
    ...facts,
    fit(series) {
      checkSeries(series, needs.days);
      requireColumns(series, facts);
      const seen = needs.calendar ? series : splice(series);
      const { predict, leftOut } = definition.fit(seen, featureColumns(features, seen, seen.days));
      const { symbol, days } = series;
      const cutoff = days[days.length - 1];
      return {
        predict(horizon) {
          checkHorizon(horizon);
          const ahead = Array.from({ length: horizon }, (_, i) => addDays(cutoff, i + 1));
          const distributions = predict(horizon, featureColumns(features, seen, ahead));
          const steps = distributions.map((distribution, i) => ({
            ds: ahead[i],
            stepsAhead: i + 1,
            ...distribution,
          }));
          for (const step of steps) requireDistribution(step, name, symbol, overflow);
          if (steps.length !== horizon)
            throw badDistribution(name, `${steps.length} days instead of ${horizon}`);
          return { symbol, model: name, cutoff, steps, leftOut: leftOut?.(horizon) ?? [] };
        },
      };
    },
  };
}

/** `predict` of a model that knows each day's distribution from how far ahead the day is. */
export function eachDay(distribution: (stepsAhead: number) => PriceDistribution) {
  return (horizon: number) => Array.from({ length: horizon }, (_, i) => distribution(i + 1));
}

/** A price whose logarithm is normal with this standard deviation about the logarithm of `median`. */
export function logNormal(median: number, sigma: number): PriceDistribution {
  return {
    yhat: median,
    quantiles: Float64Array.from(NORMAL_QUANTILES, (z) => median * Math.exp(z * sigma)),
  };
}

/** The standard normal at `QUANTILE_LEVELS`. */
export const NORMAL_QUANTILES: readonly number[] = QUANTILE_LEVELS.map(normalQuantile);

function requireColumns(series: Series, { name, needs }: Pick<Forecaster, "name" | "needs">): void {
  const missing = needs.columns.find((column) => series[column] === undefined);
  if (missing === undefined) return;
  const found = `${name} needs the ${missing} of each day, and the series of ${series.symbol} has none.`;
  throw inputError("series_lacks_column", found, "Load the symbol's minutes, or choose another model.");
}

function requireDistribution(
  { ds, yhat, quantiles }: ForecastStep,
  model: string,
  symbol: string,
  cause = "its returns are too wild",
): void {
  if (quantiles.length !== QUANTILE_LEVELS.length)
    throw badDistribution(model, `${quantiles.length} quantiles instead of ${QUANTILE_LEVELS.length}`);
  if (!Number.isFinite(yhat) || !quantiles.every(Number.isFinite)) {
    throw failure(
      "forecast_not_finite",
      `${model} gives no finite price for ${symbol} on ${ds}: ${cause} over so long a horizon.`,
      "Ask for a shorter horizon, or look for a wrong price in the history.",
    );
  }
  if (quantiles.some((value, i) => value < quantiles[i - 1]))
    throw badDistribution(model, `quantiles of ${ds} that decrease`);
}

function badDistribution(model: string, found: string): CandlebookError {
  return failure(
    "bad_distribution",
    `${model} returns ${found}.`,
    "Correct predict of the model's definition.",
  );
}
