import { factorize, solveFactorized } from "../prophet/cholesky.ts";

/** Days whose mean variance explains what comes: day, week, month, quarter, year. */
const SPANS = [1, 7, 30, 90, 365];
const FIRST = 364;
const RIDGE = 1e-3;
const FLOOR = 1e-7;

/** What the variance of the coming days is expected to be, seen from a day of the history. */
export interface HarModel {
  /** The first index that a forecast can be made from. */
  first: number;
  /** @returns mean daily variance of the days `t + 1 … t + stepsAhead` */
  variance(t: number): number;
}

/** Logarithms of the mean variance over each span up to every day, and what they are made from. */
export interface HarFeatures {
  /** `cumulative[i]` is the sum of the first i variances. */
  cumulative: Float64Array;
  /** One array for each span; from index 364 on. */
  logs: Float64Array[];
}

/**
 * Heterogeneous autoregression of variance (Corsi 2009, "A Simple Approximate Long-Memory Model of Realized
 * Volatility", Journal of Financial Econometrics 7, 174–196), on logarithms, with a quarter and a year added:
 * ln mean variance of the next `stepsAhead` days on ln mean variance of the last 1, 7, 30, 90, 365.
 * Least squares over all the history, ridge 1e-3 so that a constant price has an answer.
 */
export function fitHar({ cumulative, logs }: HarFeatures, stepsAhead: number): HarModel {
  const size = SPANS.length + 1;
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) gram[i * size + i] = RIDGE;
  const moments = new Float64Array(size);
  const row = new Float64Array(size);
  row[0] = 1;
  const last = cumulative.length - 1 - stepsAhead;
  for (let t = FIRST; t < last; t += 1) {
    for (let k = 0; k < SPANS.length; k += 1) row[k + 1] = logs[k][t];
    const target = logMean(cumulative, t + 1, stepsAhead);
    for (let i = 0; i < size; i += 1) {
      moments[i] += row[i] * target;
      for (let j = 0; j <= i; j += 1) gram[i * size + j] += row[i] * row[j];
    }
  }
  factorize(gram, size);
  solveFactorized(gram, size, moments);
  const [intercept, ...slopes] = moments;
  const variance = (t: number) =>
    Math.exp(slopes.reduce((sum, slope, k) => sum + slope * logs[k][t], intercept));
  return { first: FIRST, variance };
}

/**
 * A model's inputs: on each day the logarithms of the mean variance of the last days, NaN before the longest span is
 * full.
 * @param variances daily, oldest first
 * @param spans numbers of days; by default day, week, month, quarter and year
 */
export function harFeatures(variances: Float64Array, spans: readonly number[] = SPANS): HarFeatures {
  const first = Math.max(...spans) - 1;
  const cumulative = new Float64Array(variances.length + 1);
  for (let i = 0; i < variances.length; i += 1) cumulative[i + 1] = cumulative[i] + variances[i];
  const logs = spans.map((span) =>
    variances.map((_, t) => (t < first ? Number.NaN : logMean(cumulative, t + 1 - span, span))),
  );
  return { cumulative, logs };
}

/** ln of the mean of the `count` variances from `from` on, plus 1e-7 so that a still market has a logarithm. */
export function logMean(cumulative: Float64Array, from: number, count: number): number {
  return Math.log((cumulative[from + count] - cumulative[from]) / count + FLOOR);
}
