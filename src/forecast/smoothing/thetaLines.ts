import { mean, standardDeviation } from "../returns.ts";
import type { Fitted } from "./criterion.ts";
import { minimize } from "./minimize.ts";

export const THETA_MODELS = ["STM", "OTM", "DSTM", "DOTM"] as const;
export type ThetaModel = (typeof THETA_MODELS)[number];

export interface ThetaFit extends Fitted {
  alpha: number;
  /** The weight of the trend line, 1 − 1/theta. */
  weight: number;
  /** Sum of the squared one-step errors from the fourth day on. */
  squares: number;
  sigma: number;
  /** Means of the next `horizon` days. */
  forecast(horizon: number): Float64Array;
}

/** Before day t: smoothed level, running mean, and the trend line A + B t through all days, or the days so far. */
interface State {
  t: number;
  level: number;
  mean: number;
  a: number;
  b: number;
  /** Each day moves the line. */
  dynamic: boolean;
}

const BURN_IN = 3;

/**
 * Theta models in state-space form: Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler (2016), "Models for
 * optimising the theta method and their relationship to state space models", International Journal of Forecasting
 * 32, 1151–1161, section 3. Forecast for day t (from 0):
 * level + (1 − 1/theta) (A (1 − α)^t + B (1 − (1 − α)^(t+1)) / α), then level ← α y + (1 − α) level.
 * Bounds as in statsforecast: 0.1 ≤ α ≤ 0.99, theta ≥ 1. First level and theta enter the errors linearly, so only α
 * is searched, and they are exact for each.
 * @param y at least 10 values
 */
export function fitTheta(model: ThetaModel, y: Float64Array): ThetaFit {
  const dynamic = model.startsWith("D");
  const optimised = model.endsWith("OTM");
  const start = firstState(y, dynamic);
  const lines = linesThrough(y, start);
  const weightOf = (best: number) => (optimised ? Math.min(1, Math.max(0, best)) : 0.5);
  const weights = (alpha: number) => solveWeights(y, lines, alpha, weightOf);
  const [alpha] = minimize(([at]) => weights(at).squares, [[0.1, 0.99]], [[0.1, 0.3, 0.5, 0.7, 0.9, 0.99]]);
  const { weight, level } = weights(alpha);
  let state = { ...start, level: alpha * y[0] + (1 - alpha) * level };
  const errors = new Float64Array(y.length - 1);
  for (let t = 1; t < y.length; t += 1) {
    errors[t - 1] = y[t] - state.level - weight * lineAt(state, alpha);
    state = advance(state, y[t], alpha);
  }
  const counted = errors.subarray(BURN_IN - 1);
  const squares = counted.reduce((sum, e) => sum + e * e, 0);
  return {
    alpha,
    weight,
    squares,
    n: counted.length,
    meanSquare: squares / counted.length,
    // α, first level and variance; theta; both ends of a line that is fitted to all days at once.
    parameters: 3 + (optimised ? 1 : 0) + (dynamic ? 0 : 2),
    sigma: standardDeviation(counted),
    forecast(horizon) {
      let future = state;
      return Float64Array.from({ length: horizon }, () => {
        const ahead = future.level + weight * lineAt(future, alpha);
        future = advance(future, ahead, alpha);
        return ahead;
      });
    },
  };
}

function firstState(y: Float64Array, dynamic: boolean): State {
  if (dynamic) return { t: 1, level: 0, mean: y[0], a: y[0], b: 0, dynamic };
  const n = y.length;
  const weighted = y.reduce((sum, value, i) => sum + value * (i + 1), 0) / n;
  const b = (6 * (2 * weighted - (n + 1) * mean(y))) / (n * n - 1);
  return { t: 1, level: 0, mean: y[0], a: mean(y) - ((n + 1) * b) / 2, b, dynamic };
}

function lineAt({ t, a, b }: State, alpha: number): number {
  return a * (1 - alpha) ** t + (b * (1 - (1 - alpha) ** (t + 1))) / alpha;
}

function advance(state: State, y: number, alpha: number): State {
  const { t } = state;
  const level = alpha * y + (1 - alpha) * state.level;
  const average = (t * state.mean + y) / (t + 1);
  const next = { ...state, t: t + 1, level, mean: average };
  if (!state.dynamic) return next;
  const b = ((t - 1) * state.b + (6 * (y - state.mean)) / (t + 1)) / (t + 2);
  return { ...next, a: average - (b * (t + 2)) / 2, b };
}

/** The trend line as each day finds it; it doesn't depend on what is searched for. */
interface Lines {
  a: Float64Array;
  b: Float64Array;
}

function linesThrough(y: Float64Array, start: State): Lines {
  const lines = { a: new Float64Array(y.length), b: new Float64Array(y.length) };
  let state = start;
  for (let t = 1; t < y.length; t += 1) {
    lines.a[t] = state.a;
    lines.b[t] = state.b;
    state = advance(state, y[t], 0);
  }
  return lines;
}

/**
 * The error of day t is y − level of the data alone − (1 − α)^t · first level − weight · line.
 * @param weightOf the line's weight, from the one with the least squares
 */
function solveWeights(y: Float64Array, lines: Lines, alpha: number, weightOf: (best: number) => number) {
  const rest = 1 - alpha;
  let level = alpha * y[0];
  let decay = rest;
  let [ee, uu, vv, uv, ue, ve] = [0, 0, 0, 0, 0, 0];
  for (let t = 1; t < y.length; t += 1) {
    if (t >= BURN_IN) {
      const e = y[t] - level;
      const v = lines.a[t] * decay + (lines.b[t] * (1 - decay * rest)) / alpha;
      ee += e * e;
      uu += decay * decay;
      vv += v * v;
      uv += decay * v;
      ue += decay * e;
      ve += v * e;
    }
    level = alpha * y[t] + rest * level;
    decay *= rest;
  }
  const determinant = uu * vv - uv * uv;
  const weight = weightOf(determinant > 1e-14 * uu * vv ? (uu * ve - uv * ue) / determinant : 0);
  const first = (ue - weight * uv) / uu;
  const squares =
    ee + first * first * uu + weight * weight * vv + 2 * (first * weight * uv - first * ue - weight * ve);
  return { weight, level: first, squares };
}
