import { bandIndices, QUANTILE_LEVELS, quantileIndex } from "../forecast/forecaster.ts";
import type { Outcome } from "./outcome.ts";

/** A score of forecast days; null where it has no meaning (no outcomes, a scale of zero). */
export type Loss = (outcomes: readonly Outcome[]) => number | null;

/** Mean absolute error, quote currency. */
export const mae: Loss = (outcomes) => average(outcomes, absoluteError);

/** Root mean squared error, quote currency. Over many years it is the error of the dearest ones. */
export const rmse: Loss = (outcomes) => {
  const square = average(outcomes, ({ actual, yhat }) => (actual - yhat) ** 2);
  return square === null ? null : Math.sqrt(square);
};

/** Mean absolute percentage error, of the prices themselves. It punishes a forecast too high more than one too low. */
export const mape: Loss = (outcomes) => average(outcomes, (o) => (100 * absoluteError(o)) / o.actual);

/**
 * Mean absolute scaled error: each error over the mean absolute one-day change before its cutoff (Hyndman &
 * Koehler 2006). Null where the price had never moved.
 */
export const mase: Loss = (outcomes) =>
  outcomes.some(({ naiveError }) => naiveError === 0)
    ? null
    : average(outcomes, (o) => absoluteError(o) / o.naiveError);

/** Mean pinball loss of the quantile at `level` (0.1 …), % of the price at the cutoff. */
export function pinballLoss(level: number): Loss {
  const index = quantileIndex(level);
  return (outcomes) => average(outcomes, (o) => pinball(o, index));
}

/**
 * Continuous ranked probability score by its quantile approximation: the mean over the 19 quantiles 5 … 95 % of
 * twice the pinball loss, % of the price at the cutoff. The tails beyond 5 and 95 % are left out.
 */
export const crps: Loss = (outcomes) => average(outcomes, crpsOfDay);

/** Share of the days inside the central band of `level` percent (80, 95 …), in percent. */
export function coverage(level: number): Loss {
  const [low, high] = bandIndices(level);
  return (outcomes) =>
    average(outcomes, ({ actual, quantiles }) =>
      actual >= quantiles[low] && actual <= quantiles[high] ? 100 : 0,
    );
}

/** Mean width of the central band of `level` percent, % of the price at the cutoff. */
export function width(level: number): Loss {
  const [low, high] = bandIndices(level);
  return (outcomes) =>
    average(outcomes, ({ quantiles, lastClose }) => (100 * (quantiles[high] - quantiles[low])) / lastClose);
}

/**
 * Interval score of the central band of `level` percent: its width plus 2/α times what lies outside it (Gneiting &
 * Raftery 2007, section 6.2), % of the price at the cutoff. Neither width nor coverage can be had at the other's
 * cost.
 */
export function intervalScore(level: number): Loss {
  const [low, high] = bandIndices(level);
  const penalty = 2 / (1 - level / 100);
  return (outcomes) =>
    average(outcomes, ({ actual, quantiles, lastClose }) => {
      const outside = Math.max(quantiles[low] - actual, actual - quantiles[high], 0);
      return (100 * (quantiles[high] - quantiles[low] + penalty * outside)) / lastClose;
    });
}

function crpsOfDay(outcome: Outcome): number {
  let sum = 0;
  for (let i = 1; i <= 19; i += 1) sum += 2 * pinball(outcome, i);
  return sum / 19;
}

function pinball({ actual, quantiles, lastClose }: Outcome, index: number): number {
  const level = QUANTILE_LEVELS[index];
  const error = actual - quantiles[index];
  return (100 * Math.max(level * error, (level - 1) * error)) / lastClose;
}

function absoluteError({ actual, yhat }: Outcome): number {
  return Math.abs(actual - yhat);
}

function average(outcomes: readonly Outcome[], value: (outcome: Outcome) => number): number | null {
  if (outcomes.length === 0) return null;
  let sum = 0;
  for (const outcome of outcomes) sum += value(outcome);
  return sum / outcomes.length;
}
