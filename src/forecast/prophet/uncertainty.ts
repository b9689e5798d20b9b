import { normalQuantile } from "../normal.ts";
import { quantileSorted } from "../quantile.ts";
import type { Parameters } from "./posterior.ts";
import { makeRandom, type Random } from "./seededDraws.ts";
import { selectRanks } from "./select.ts";

/** What the bands are drawn around; scaled, one entry per row, ascending in time. */
export interface Expectation {
  parameters: Parameters;
  /** Scaled time. */
  t: Float64Array;
  trend: Float64Array;
  /** 1 + the multiplicative terms. */
  factor: Float64Array;
  /** The additive terms. */
  added: Float64Array;
  /** For logistic growth: the capacity, and z where trend = cap / (1 + exp(−z)). */
  logistic: { cap: Float64Array; z: Float64Array } | null;
  /** How many changepoints the history had; 0 for flat growth. */
  changepoints: number;
  /** Mean step of the history's scaled time. */
  historyStep: number;
}

/** Levels of the quantiles, ascending, each between 0 and 1. */
export interface Levels {
  trend: readonly number[];
  y: readonly number[];
}

/** Quantiles, scaled: by level, then by row. */
export type Bands = Record<keyof Levels, Float64Array[]>;

/**
 * Bands of the history (t ≤ 1): the trend is known and the noise normal, so they are exact. Bands of the
 * future: quantiles of seeded paths on which the trend continues to change as often and as much as it did
 * (`sample_predictive_trend_vectorized` of Python Prophet 1.5). In each step the slope jumps with probability
 * S × step by a Laplace number of scale mean|delta|, half of it a step late; the linear trend's deviation is
 * the double cumulative sum of the jumps.
 */
export function drawBands(e: Expectation, levels: Levels, samples: number, seed: number): Bands {
  const { sigma } = e.parameters;
  const bands: Bands = {
    trend: levels.trend.map(() => e.trend.slice()),
    y: levels.y.map((level) => {
      const noise = sigma * normalQuantile(level);
      return e.trend.map((trend, i) => trend * e.factor[i] + e.added[i] + noise);
    }),
  };
  const firstFuture = e.t.findIndex((t) => t > 1);
  if (firstFuture < 0 || e.changepoints === 0) return bands;

  const random = makeRandom(seed);
  const drawTrend = trendWalk(e, firstFuture, samples, random);
  const y = new Float64Array(samples);
  for (let i = firstFuture; i < e.t.length; i++) {
    const trend = drawTrend(i);
    for (let s = 0; s < samples; s++) y[s] = trend[s] * e.factor[i] + e.added[i] + sigma * random.normal();
    writeQuantiles(y, levels.y, bands.y, i);
    writeQuantiles(trend, levels.trend, bands.trend, i);
  }
  return bands;
}

/** Puts the values' quantiles into row `i` of the bands; reorders the values. */
function writeQuantiles(
  values: Float64Array,
  levels: readonly number[],
  bands: Float64Array[],
  i: number,
): void {
  const last = values.length - 1;
  selectRanks(
    values,
    levels.flatMap((level) => [Math.floor(last * level), Math.min(last, Math.floor(last * level) + 1)]),
  );
  levels.forEach((level, l) => {
    bands[l][i] = quantileSorted(values, level);
  });
}

/** @returns a function that takes all paths one row further and gives their trends (an array used again) */
function trendWalk(
  e: Expectation,
  firstFuture: number,
  samples: number,
  random: Random,
): (row: number) => Float64Array {
  const future = e.t.length - firstFuture;
  const step = future > 1 ? (e.t[e.t.length - 1] - e.t[firstFuture]) / (future - 1) : e.historyStep;
  const chance = e.changepoints * step;
  const scale = e.parameters.delta.reduce((sum, d) => sum + Math.abs(d), 0) / e.changepoints + 1e-8;
  const lastJump = new Float64Array(samples);
  const slope = new Float64Array(samples);
  const level = new Float64Array(samples);
  const trend = new Float64Array(samples);
  return (row) => {
    for (let s = 0; s < samples; s++) {
      const jump = random.uniform() < chance ? random.laplace(scale) : 0;
      const before = slope[s];
      slope[s] += (lastJump[s] + jump) / 2;
      lastJump[s] = jump;
      // The logistic curve takes a new rate from its date on, the linear trend in the step that ends there.
      level[s] += (e.logistic ? before : slope[s]) * step;
    }
    writeTrends(e, row, level, trend);
    return trend;
  };
}

/** Writes the trend of each path in the row: the expected one and the path's deviation, the mean kept. */
function writeTrends(e: Expectation, row: number, deviation: Float64Array, trend: Float64Array): void {
  if (e.logistic === null) {
    for (let s = 0; s < trend.length; s++) trend[s] = e.trend[row] + deviation[s];
    return;
  }
  const { cap, z } = e.logistic;
  let mean = 0;
  for (let s = 0; s < trend.length; s++) {
    trend[s] = cap[row] / (1 + Math.exp(-z[row] - deviation[s]));
    mean += trend[s] / trend.length;
  }
  for (let s = 0; s < trend.length; s++) trend[s] += e.trend[row] - mean;
}
