import { dot } from "./dot.ts";

/**
 * Smallest pivot kept, relative to the diagonal entry that it came from. Without it two columns that are
 * equal to the last bit (a perfect fit drives the priors' weight to nothing) would divide by zero.
 */
const PIVOT_FLOOR = 1e-14;

/**
 * Cholesky factor of a symmetric positive definite matrix, in place.
 * @param a n × n, row-major; its lower triangle is read and replaced by L with a = L Lᵀ
 */
export function factorize(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    const diagonal = a[j * n + j];
    const row = a.subarray(j * n, j * n + j);
    const pivot = diagonal - dot(a, j * n, row);
    const root = Math.sqrt(Math.max(pivot, PIVOT_FLOOR * diagonal, Number.MIN_VALUE));
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      a[i * n + j] = (a[i * n + j] - dot(a, i * n, row)) / root;
    }
  }
}

/** Solves L Lᵀ x = b in place, with L from `factorize`. */
export function solveFactorized(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= l[i * n + k] * b[k];
    b[i] = sum / l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i] * b[k];
    b[i] = sum / l[i * n + i];
  }
}
