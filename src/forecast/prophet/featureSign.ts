import { factorize, solveFactorized } from "./cholesky.ts";
import { dot } from "./dot.ts";

/** minimise ½ x'Ax − b'x + Σ weight_j |x_j| */
export interface L1Problem {
  /** size × size, row-major, symmetric, positive definite on every active set. */
  a: Float64Array;
  b: Float64Array;
  /** 0 for a coefficient without an L1 penalty. */
  weight: Float64Array;
  size: number;
}

/**
 * Feature-sign search (Lee, Battle, Raina and Ng, "Efficient sparse coding algorithms", NIPS 2006): guess
 * the signs, solve the smooth problem of the active set exactly, walk to the best point before or at a sign
 * change, wake the zero coefficient that breaks its optimality condition most. Each step lowers the
 * objective and there are finitely many sign patterns, so it ends at the exact minimum.
 * @param x the start; replaced by the minimum
 */
export function featureSignSearch(problem: L1Problem, x: Float64Array): void {
  const { a, b, weight, size } = problem;
  const sign = new Int8Array(size);
  for (let j = 0; j < size; j++) sign[j] = Math.sign(x[j]);
  const gradient = new Float64Array(size);
  const rounding = 1e-13 * b.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const tolerance = (j: number) => 1e-7 * weight[j] + rounding;
  for (let round = 0; round < 20 * size; round++) {
    const active = [...sign.keys()].filter((j) => weight[j] === 0 || sign[j] !== 0);
    stepTowards(problem, x, active, solveActive(problem, active, sign));
    for (let j = 0; j < size; j++) sign[j] = Math.sign(x[j]);

    for (let j = 0; j < size; j++) gradient[j] = dot(a, j * size, x) - b[j];
    const settled = active.every((j) => Math.abs(gradient[j] + weight[j] * sign[j]) <= tolerance(j));
    if (!settled) continue;
    const woken = worstZero(gradient, weight, sign, tolerance);
    if (woken < 0) return;
    sign[woken] = gradient[woken] > 0 ? -1 : 1;
  }
}

/** The minimum over the active coefficients if they kept their signs. */
function solveActive({ a, b, weight, size }: L1Problem, active: number[], sign: Int8Array): Float64Array {
  const n = active.length;
  const matrix = new Float64Array(n * n);
  const target = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = active[i];
    target[i] = b[row] - weight[row] * sign[row];
    for (let j = 0; j <= i; j++) matrix[i * n + j] = a[row * size + active[j]];
  }
  factorize(matrix, n);
  solveFactorized(matrix, n, target);
  return target;
}

/** Moves x to the best of the full step and the steps that end where a coefficient reaches zero. */
function stepTowards(
  { a, b, weight, size }: L1Problem,
  x: Float64Array,
  active: number[],
  goal: Float64Array,
): void {
  const direction = new Float64Array(size);
  active.forEach((j, i) => {
    direction[j] = goal[i] - x[j];
  });
  let slope = 0;
  let curvature = 0;
  for (const i of active) {
    slope += direction[i] * (dot(a, i * size, x) - b[i]);
    curvature += direction[i] * dot(a, i * size, direction);
  }
  const change = (step: number) => {
    let penalty = 0;
    for (const j of active) penalty += weight[j] * (Math.abs(x[j] + step * direction[j]) - Math.abs(x[j]));
    return step * (slope + 0.5 * step * curvature) + penalty;
  };

  let best = { step: 1, zeroed: -1, change: change(1) };
  active.forEach((j, i) => {
    if (weight[j] === 0 || x[j] * goal[i] >= 0) return;
    const step = x[j] / (x[j] - goal[i]);
    const value = change(step);
    if (value < best.change) best = { step, zeroed: j, change: value };
  });
  for (const j of active) x[j] += best.step * direction[j];
  if (best.zeroed >= 0) x[best.zeroed] = 0;
}

/** The zero coefficient whose gradient exceeds its penalty most, or −1. */
function worstZero(
  gradient: Float64Array,
  weight: Float64Array,
  sign: Int8Array,
  tolerance: (j: number) => number,
): number {
  let worst = -1;
  let most = 0;
  for (let j = 0; j < sign.length; j++) {
    if (weight[j] === 0 || sign[j] !== 0) continue;
    const excess = Math.abs(gradient[j]) - weight[j] - tolerance(j);
    if (excess > most) {
      most = excess;
      worst = j;
    }
  }
  return worst;
}
