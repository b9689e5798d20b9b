import { minimize } from "../forecast/smoothing/minimize.ts";
import { studentConstant } from "./studentConstant.ts";

/** GARCH(1,1): v_t = omega + alpha · r_(t−1)² + beta · v_(t−1), with Student's t of `freedom` degrees, scaled. */
export interface Garch {
  /** Daily variance. */
  omega: number;
  alpha: number;
  beta: number;
  /** Above 2. */
  freedom: number;
}

const START_DAYS = 75;
const START_DECAY = 0.94;

/** Variance before the first day: of the first 75 days, weights 0.94ⁱ, as `arch` (Sheppard) starts. */
function startVariance(returns: Float64Array): number {
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < Math.min(START_DAYS, returns.length); i += 1) {
    const weight = START_DECAY ** i;
    sum += weight * returns[i] ** 2;
    weights += weight;
  }
  return sum / weights;
}

/**
 * @param returns daily log returns, oldest first, mean taken as 0
 * @returns one more value than there are returns: the variance of each day seen from the day before, then of the next
 */
export function garchVariances({ omega, alpha, beta }: Garch, returns: Float64Array): Float64Array {
  const variances = new Float64Array(returns.length + 1);
  const start = startVariance(returns);
  variances[0] = omega + (alpha + beta) * start;
  for (let i = 0; i < returns.length; i += 1) {
    variances[i + 1] = omega + alpha * returns[i] ** 2 + beta * variances[i];
  }
  return variances;
}

/** Days whose densities are multiplied before the logarithm is taken, which is slow; few enough not to overflow. */
const BLOCK = 8;

/** Log likelihood of the returns (Bollerslev 1987, Review of Economics and Statistics 69, 542–547). */
export function garchLikelihood(model: Garch, returns: Float64Array): number {
  const { omega, alpha, beta, freedom } = model;
  let variance = omega + (alpha + beta) * startVariance(returns);
  let [sum, variances, tails] = [0, 1, 1];
  for (let i = 0; i < returns.length; i += 1) {
    const square = returns[i] * returns[i];
    variances *= variance;
    tails *= 1 + square / (variance * (freedom - 2));
    variance = omega + alpha * square + beta * variance;
    if (i % BLOCK !== BLOCK - 1 && i < returns.length - 1) continue;
    sum -= 0.5 * (Math.log(variances) + (freedom + 1) * Math.log(tails));
    variances = 1;
    tails = 1;
  }
  return sum + returns.length * studentConstant(freedom);
}

/**
 * The parameters of the largest likelihood, alpha + beta below 1, by Nelder and Mead from a grid: same returns, same
 * bits. Searched on returns of variance 1, over ln omega, alpha + beta, alpha's share of that, and 1 / freedom.
 */
export function fitGarch(returns: Float64Array): Garch {
  const variance = returns.reduce((sum, value) => sum + value ** 2, 0) / returns.length || Number.MIN_VALUE;
  const scaled = returns.map((value) => value / Math.sqrt(variance));
  const modelOf = ([logOmega, persistence, share, thickness]: readonly number[]): Garch => ({
    omega: Math.exp(logOmega),
    alpha: persistence * share,
    beta: persistence * (1 - share),
    freedom: 1 / thickness,
  });
  const best = minimize((point) => -garchLikelihood(modelOf(point), scaled), BOX, GRID);
  const model = modelOf(best);
  return { ...model, omega: model.omega * variance };
}

const BOX = [
  [-12, 0],
  [0.5, 0.9999],
  [0.001, 0.5],
  [0.01, 0.48],
] as const;
const GRID = [[-5, -3], [0.9, 0.98], [0.1], [0.15, 0.3]] as const;

/**
 * Variance of the sum of the next returns, seen from the last day: each day's reverts to omega / (1 − alpha − beta).
 * @param next variance of the next day
 */
export function garchAhead({ omega, alpha, beta }: Garch, next: number, daysAhead: number): number {
  let variance = next;
  let sum = 0;
  for (let day = 0; day < daysAhead; day += 1) {
    sum += variance;
    variance = omega + (alpha + beta) * variance;
  }
  return sum;
}
