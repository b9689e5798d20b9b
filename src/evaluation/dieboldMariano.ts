import { mean } from "../forecast/returns.ts";
import { studentT } from "./studentT.ts";

/** Losses are in percent of the price: differences below this are rounding, of a fit or of the price's own digits. */
const ROUNDING = 1e-6;

/** A test of equal predictive accuracy. */
export interface DieboldMariano {
  /** Negative: the model is better; beyond ±2 it is hardly chance. */
  t: number;
  /** Of a difference in either direction, and of the model being no better. */
  p: number;
  pBetter: number;
}

/**
 * Diebold & Mariano (1995) t of the loss differences, with the small-sample factor and Student's t of Harvey, Leybourne
 * & Newbold (1997). Windows that overlap leave autocorrelation up to `lags`, which the variance includes with equal
 * weights; where that is not positive, as can be, it is left out (as R's `dm.test` does). Without lags the whole is the
 * paired t statistic.
 * @param model, benchmark losses of the same windows in the same order, percent of the price
 * @param lags how many of the next windows begin before a window has ended
 * @returns null with fewer than two windows that don't overlap, or where all differences are the same but for rounding
 */
export function dieboldMariano(
  model: readonly number[],
  benchmark: readonly number[],
  lags = 0,
): DieboldMariano | null {
  const count = model.length;
  const differences = model.map((loss, i) => loss - benchmark[i]);
  if (count < 2 * (lags + 1)) return null;
  const centre = mean(differences);
  const covariance = (lag: number) => {
    let sum = 0;
    for (let i = lag; i < count; i += 1) sum += (differences[i] - centre) * (differences[i - lag] - centre);
    return sum / count;
  };
  const plain = covariance(0);
  if (!(Math.sqrt(plain) > ROUNDING * Math.max(1, ...model, ...benchmark))) return null;
  let variance = plain;
  for (let lag = 1; lag <= lags; lag += 1) variance += 2 * covariance(lag);
  const steps = variance > 0 ? lags + 1 : 1;
  const factor = Math.sqrt((count + 1 - 2 * steps + (steps * (steps - 1)) / count) / count);
  const t = (centre / Math.sqrt((variance > 0 ? variance : plain) / count)) * factor;
  const pBetter = studentT(t, count - 1);
  return { t, p: 2 * studentT(-Math.abs(t), count - 1), pBetter };
}

/**
 * Holm's (1979) correction for several tests: adjusted p, in the order given; null stays null.
 */
export function holm(values: readonly (number | null)[]): (number | null)[] {
  const order = [...values.keys()]
    .filter((i) => values[i] !== null)
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  const adjusted = [...values];
  let largest = 0;
  order.forEach((at, rank) => {
    largest = Math.max(largest, Math.min(1, (order.length - rank) * (values[at] as number)));
    adjusted[at] = largest;
  });
  return adjusted;
}
