import type { Growth } from "./prophetOptions.ts";

/** The trend's parameters, on the scaled axes. */
export interface TrendParameters {
  /** Slope at the start (logistic: growth rate). */
  k: number;
  /** Value at t = 0 (logistic: time of half capacity). */
  m: number;
  /** Change of slope at each changepoint. */
  delta: Float64Array;
}

/** What a trend is evaluated on. */
export interface TrendInput {
  growth: Growth;
  changepoints: Float64Array;
  /** Scaled time, ascending. */
  t: Float64Array;
  /** Scaled capacity, one per time, for logistic growth. */
  cap: Float64Array | null;
}

/**
 * Trend at scaled times (Taylor and Letham, "Forecasting at Scale", The American Statistician 72, 2018,
 * section 3.1; prophet.stan). Linear: k t + m + Σ delta_j (t − s_j)+. Logistic: cap / (1 + exp(−z)); the
 * offsets that keep Prophet's piecewise z continuous make it z = k (t − m) + Σ delta_j (t − s_j)+. Flat: m.
 */
export function evaluateTrend(
  { growth, changepoints, t, cap }: TrendInput,
  { k, m, delta }: TrendParameters,
): Float64Array {
  if (growth === "flat") return new Float64Array(t.length).fill(m);
  const trend = new Float64Array(t.length);
  let slope = k;
  let offset = cap ? -k * m : m;
  let passed = 0;
  for (let i = 0; i < t.length; i++) {
    while (passed < changepoints.length && t[i] >= changepoints[passed]) {
      slope += delta[passed];
      offset -= changepoints[passed] * delta[passed];
      passed++;
    }
    const z = slope * t[i] + offset;
    trend[i] = cap ? cap[i] / (1 + Math.exp(-z)) : z;
  }
  return trend;
}
