import { dot } from "./dot.ts";
import type { Evaluation, MapProblem, Parameters } from "./posterior.ts";

/**
 * The parameters as one vector: k, m, the features' coefficients, the changes of slope (flat growth: m and
 * the coefficients). The changes come last, so that a row of the Jacobian is zero from the first changepoint
 * that it has not reached.
 */
export interface Layout {
  /** Index of the first coefficient: 2, or 1 for flat growth. */
  beta: number;
  /** Index of the first change of slope. */
  delta: number;
  size: number;
}

export function layoutOf(problem: MapProblem): Layout {
  const beta = problem.growth === "flat" ? 1 : 2;
  const delta = beta + problem.features.width;
  return { beta, delta, size: delta + (problem.growth === "flat" ? 0 : problem.changepoints.length) };
}

export function packParameters(layout: Layout, p: Omit<Parameters, "sigma">): Float64Array {
  const x = new Float64Array(layout.size);
  if (layout.beta === 2) x[0] = p.k;
  x[layout.beta - 1] = p.m;
  x.set(p.beta, layout.beta);
  if (layout.size > layout.delta) x.set(p.delta, layout.delta);
  return x;
}

export function unpackParameters(layout: Layout, x: Float64Array): Omit<Parameters, "sigma"> {
  return {
    k: layout.beta === 2 ? x[0] : 0,
    m: x[layout.beta - 1],
    beta: x.slice(layout.beta, layout.delta),
    delta: x.slice(layout.delta),
  };
}

/** The normal equations of the model, linear in the parameters around x. */
export interface NormalEquations {
  /** JᵀJ, size × size. */
  gram: Float64Array;
  /** Jᵀ(residual + J x). */
  target: Float64Array;
}

/** Rows summed at once: four share each load and store of the Gram matrix. */
const BLOCK = 4;

/**
 * Gauss–Newton linearisation (Nocedal and Wright, Numerical Optimization, 2006, section 10.3). A row of J is
 * d(trend)/d(k, m, delta) × factor, the feature, or the feature × trend where it is multiplicative.
 */
export function linearize(
  problem: MapProblem,
  layout: Layout,
  x: Float64Array,
  at: Evaluation,
): NormalEquations {
  const { size } = layout;
  const gram = new Float64Array(size * size);
  const target = new Float64Array(size);
  const equations = { gram, target };
  const point = { problem, layout, x, at };
  const rows = Array.from({ length: BLOCK }, () => new Float64Array(size));
  const wanted = new Float64Array(BLOCK);
  const count = problem.t.length;
  for (let first = 0; first < count; first += BLOCK) {
    let width = 0;
    for (let r = 0; r < BLOCK; r++) {
      const row = rows[r];
      if (first + r >= count) {
        row.fill(0);
        wanted[r] = 0;
        continue;
      }
      width = fillRow(point, first + r, row);
      wanted[r] = at.residual[first + r] + dot(row, 0, x, width);
    }
    addBlock(equations, rows, wanted, width);
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) gram[b * size + a] = gram[a * size + b];
  return equations;
}

/** Where the model is linearised: the parameters, and the model's values there. */
interface Point {
  problem: MapProblem;
  layout: Layout;
  x: Float64Array;
  at: Evaluation;
}

/** Writes row i of the Jacobian. @returns how many of its columns can be other than zero */
function fillRow({ problem, layout, x, at }: Point, i: number, row: Float64Array): number {
  const { growth, t, cap, changepoints, features, multiplicative } = problem;
  const trend = at.trend[i];
  for (let j = 0, from = i * features.width; j < features.width; j++, from++) {
    row[layout.beta + j] = features.values[from] * (multiplicative[j] === 1 ? trend : 1);
  }
  if (growth === "flat") {
    row[0] = at.factor[i];
    return layout.size;
  }
  let slope = at.factor[i];
  if (cap) {
    // d(cap/(1 + exp(−z)))/dz
    slope *= trend * (1 - trend / cap[i]);
    row[0] = slope * (t[i] - x[1]);
    row[1] = -slope * x[0];
  } else {
    row[0] = slope * t[i];
    row[1] = slope;
  }
  let j = 0;
  for (; j < changepoints.length && changepoints[j] <= t[i]; j++) {
    row[layout.delta + j] = slope * (t[i] - changepoints[j]);
  }
  return layout.delta + j;
}

/** Adds four rows to the lower triangle of JᵀJ and to Jᵀz. */
function addBlock(
  { gram, target }: NormalEquations,
  rows: readonly Float64Array[],
  z: Float64Array,
  width: number,
): void {
  const size = target.length;
  for (let a = 0; a < width; a++) {
    for (let r = 0; r < BLOCK; r++) target[a] += rows[r][a] * z[r];
    addProducts(gram, a * size, rows, a);
  }
}

/** Row `a` of the triangle. By itself for the reason that `dot` is. */
function addProducts(gram: Float64Array, from: number, rows: readonly Float64Array[], a: number): void {
  const r0 = rows[0];
  const r1 = rows[1];
  const r2 = rows[2];
  const r3 = rows[3];
  const v0 = r0[a];
  const v1 = r1[a];
  const v2 = r2[a];
  const v3 = r3[a];
  for (let b = 0; b <= a; b++) gram[from + b] += v0 * r0[b] + v1 * r1[b] + v2 * r2[b] + v3 * r3[b];
}
