import { mean, standardDeviation } from "../forecast/returns.ts";

/**
 * 1 − score / the naive's score: 0.05 is 5 % better, −3 is four times as bad.
 * @returns null where either is unknown or the naive never errs
 */
export function skill(score: number | null, naive: number | null): number | null {
  return score === null || naive === null || naive === 0 ? null : 1 - score / naive;
}

/** Losses are in percent of the price: differences below this are rounding, of a fit or of the price's own digits. */
const ROUNDING = 1e-6;

/**
 * Diebold & Mariano (1995) t of the loss differences, with the small-sample factor of Harvey, Leybourne & Newbold
 * (1997). Windows that don't overlap leave no autocorrelation to correct for, and the two together are then the
 * paired t statistic. Negative: the model is better than the naive; beyond ±2 it is hardly chance.
 * @param model, naive losses of the same windows, in the same order
 * @returns null with fewer than two windows, or where all differences are the same but for rounding
 */
export function dieboldMariano(model: readonly number[], naive: readonly number[]): number | null {
  const differences = model.map((loss, i) => loss - naive[i]);
  const spread = standardDeviation(differences);
  const size = Math.max(1, ...model, ...naive);
  return spread > ROUNDING * size ? mean(differences) / (spread / Math.sqrt(differences.length)) : null;
}
