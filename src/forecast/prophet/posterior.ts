import { dot } from "./dot.ts";
import type { FeatureMatrix } from "./features.ts";
import { evaluateTrend, type TrendInput, type TrendParameters } from "./trend.ts";

/** Everything the posterior depends on, on the scaled axes; rows ascend in time. */
export interface MapProblem extends TrendInput {
  y: Float64Array;
  features: FeatureMatrix;
  /** By feature: 1 where it multiplies the trend, 0 where it is added to it. */
  multiplicative: Uint8Array;
  /** By feature. */
  priorScales: Float64Array;
  changepointPriorScale: number;
}

export interface Parameters extends TrendParameters {
  beta: Float64Array;
  /** Standard deviation of the noise. */
  sigma: number;
}

/** Model values, row by row. */
export interface Evaluation {
  trend: Float64Array;
  /** 1 + the multiplicative terms. */
  factor: Float64Array;
  /** y − trend × factor − the additive terms. */
  residual: Float64Array;
  /** Sum of the squared residuals. */
  ssr: number;
}

export function evaluateModel(problem: MapProblem, parameters: Omit<Parameters, "sigma">): Evaluation {
  const { t, y, features, multiplicative } = problem;
  const { beta } = parameters;
  const trend = evaluateTrend(problem, parameters);
  const factor = new Float64Array(t.length).fill(1);
  const residual = new Float64Array(t.length);
  const { values, width } = features;
  const added = beta.map((b, j) => (multiplicative[j] === 1 ? 0 : b));
  const multiplied = multiplicative.includes(1) ? beta.map((b, j) => b - added[j]) : null;
  let ssr = 0;
  for (let i = 0; i < t.length; i++) {
    const at = i * width;
    if (multiplied) factor[i] += dot(values, at, multiplied);
    residual[i] = y[i] - trend[i] * factor[i] - dot(values, at, added);
    ssr += residual[i] ** 2;
  }
  return { trend, factor, residual, ssr };
}

/**
 * The noise below which a fit counts as perfect, in units of the scaled y. A series that the model follows
 * exactly (a straight line, two points) has no maximum: the posterior grows without end as sigma goes to 0.
 * Python Prophet sets the same sigma for a constant series.
 */
const SIGMA_FLOOR = 1e-9;

/** The sigma that maximises the posterior for given residuals: s² is the root of 4 s⁴ + T s² − SSR = 0. */
export function bestSigma(ssr: number, rows: number): number {
  const variance = (2 * ssr) / (rows + Math.sqrt(rows * rows + 16 * ssr));
  return Math.max(Math.sqrt(variance), SIGMA_FLOOR);
}

/**
 * Log posterior as prophet.stan has it, without constants:
 * −T ln s − SSR/(2 s²) − (k² + m²)/50 − 2 s² − Σ|delta|/tau − ½ Σ(beta/prior)².
 */
export function logPosterior(problem: MapProblem, p: Parameters, ssr: number): number {
  const s2 = p.sigma ** 2;
  const likelihood = -problem.t.length * Math.log(p.sigma) - ssr / (2 * s2);
  const trendPrior = (p.k ** 2 + p.m ** 2) / 50 + 2 * s2;
  const changes = p.delta.reduce((sum, d) => sum + Math.abs(d), 0) / problem.changepointPriorScale;
  const effects = p.beta.reduce((sum, b, j) => sum + (b / problem.priorScales[j]) ** 2, 0) / 2;
  return likelihood - trendPrior - changes - effects;
}
