import { dot } from "./dot.ts";
import { buildFeatures, type FeatureBlock } from "./features.ts";
import type { SortedRows } from "./history.ts";
import type { Parameters } from "./posterior.ts";
import { type Mode, requireOption, type Settings } from "./prophetOptions.ts";
import { floorOf, type Scales, scaledCap, scaleTime } from "./scales.ts";
import { evaluateTrend } from "./trend.ts";
import { drawBands } from "./uncertainty.ts";

/** A fitted model's parts. */
export interface Fit {
  settings: Settings;
  scales: Scales;
  blocks: readonly FeatureBlock[];
  parameters: Parameters;
  /** Scaled. */
  changepoints: Float64Array;
  /** Rows fitted. */
  rows: number;
}

/** A prediction, by row in order of time. Bands are null where `uncertaintySamples` is 0. */
export interface Prediction {
  /** Milliseconds since 1970-01-01 UTC. */
  ds: Float64Array;
  /** trend × (1 + multiplicativeTerms) + additiveTerms, in the unit of y. */
  yhat: Float64Array;
  trend: Float64Array;
  additiveTerms: Float64Array;
  /** Fractions of the trend. */
  multiplicativeTerms: Float64Array;
  /** By name, `holidays` being all holidays together: in the unit of y, or a fraction where multiplicative. */
  components: Record<string, Float64Array>;
  yhatLower: Float64Array | null;
  yhatUpper: Float64Array | null;
  trendLower: Float64Array | null;
  trendUpper: Float64Array | null;
  /** Quantiles of y: by level as asked for, then by row. */
  quantiles: Float64Array[] | null;
}

export interface PredictOptions {
  /** Of the paths; the same seed gives the same bits. Default 1. */
  seed?: number;
  /** Levels of `quantiles`, between 0 and 1; default none. */
  levels?: readonly number[];
}

export function predictRows(fit: Fit, rows: SortedRows, options: PredictOptions): Prediction {
  const { settings, scales, parameters, changepoints } = fit;
  const { seed = 1, levels = [] } = options;
  const t = scaleTime(rows.ds, scales);
  const cap = scaledCap(rows, settings, scales);
  const floor = floorOf(rows, scales);
  const trend = evaluateTrend({ growth: settings.growth, changepoints, t, cap }, parameters);
  const { components, added, multiplied } = evaluateComponents(fit, rows);
  const unscaled = (v: number, i: number) => v * scales.yScale + floor[i];
  const prediction: Prediction = {
    ds: rows.ds,
    yhat: trend.map((v, i) => unscaled(v, i) * (1 + multiplied[i]) + added[i] * scales.yScale),
    trend: trend.map(unscaled),
    additiveTerms: added.map((v) => v * scales.yScale),
    multiplicativeTerms: multiplied,
    components,
    yhatLower: null,
    yhatUpper: null,
    trendLower: null,
    trendUpper: null,
    quantiles: null,
  };
  if (settings.uncertaintySamples === 0) return prediction;

  for (const level of levels) {
    requireOption(level > 0 && level < 1, "levels", level, "numbers between 0 and 1");
  }
  const interval = [(1 - settings.intervalWidth) / 2, (1 + settings.intervalWidth) / 2];
  const wanted = [...new Set([...interval, ...levels])].sort((a, b) => a - b);

  const z = evaluateTrend(
    { growth: "linear", changepoints, t, cap: null },
    { ...parameters, m: -parameters.k * parameters.m },
  );
  const factor = multiplied.map((v) => 1 + v);
  const bands = drawBands(
    {
      parameters,
      t,
      trend,
      factor,
      // Prophet multiplies the trend with its floor; on the scaled axis the floor's share is an added term.
      added: added.map((v, i) => v + (floor[i] / scales.yScale) * multiplied[i]),
      logistic: cap && { cap, z },
      changepoints: changepoints.length,
      historyStep: 1 / (fit.rows - 1),
    },
    { trend: interval, y: wanted },
    settings.uncertaintySamples,
    seed,
  );
  const yAt = (level: number) => bands.y[wanted.indexOf(level)].map(unscaled);
  return {
    ...prediction,
    yhatLower: yAt(interval[0]),
    yhatUpper: yAt(interval[1]),
    trendLower: bands.trend[0].map(unscaled),
    trendUpper: bands.trend[1].map(unscaled),
    quantiles: levels.map(yAt),
  };
}

/** Components in the unit of y or as fractions, and the scaled sums of the additive and multiplicative ones. */
function evaluateComponents({ blocks, parameters, scales }: Fit, rows: SortedRows) {
  const { values, width } = buildFeatures(blocks, rows);
  const n = rows.ds.length;
  const sums: Record<Mode, Float64Array> = {
    additive: new Float64Array(n),
    multiplicative: new Float64Array(n),
  };
  const components: Record<string, Float64Array> = {};
  let offset = 0;
  for (const block of blocks) {
    const effect = new Float64Array(n);
    const beta = parameters.beta.subarray(offset, offset + block.width);
    const sum = sums[block.mode];
    for (let i = 0; i < n; i++) {
      effect[i] = dot(values, i * width + offset, beta);
      sum[i] += effect[i];
    }
    const unit = block.mode === "additive" ? scales.yScale : 1;
    components[block.name] = effect.map((v) => v * unit);
    offset += block.width;
  }
  const holidays = blocks.filter(({ kind }) => kind === "holiday").map(({ name }) => components[name]);
  if (holidays.length > 0) {
    components.holidays = holidays[0].map((_, i) => holidays.reduce((sum, h) => sum + h[i], 0));
  }
  return { components, added: sums.additive, multiplied: sums.multiplicative };
}
