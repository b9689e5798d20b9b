import fc from "fast-check";
import { expect, it } from "vitest";
import { factorize, solveFactorized } from "./cholesky.ts";
import { featureSignSearch } from "./featureSign.ts";

/** A positive definite problem from whole numbers, so that failures read well. */
const problems = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    root: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size * size, maxLength: size * size }),
    b: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: size, maxLength: size }),
    weight: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: size, maxLength: size }),
    start: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: size, maxLength: size }),
  }),
);

function normalMatrix(root: number[], size: number): Float64Array {
  const a = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) a[i * size + j] += root[k * size + i] * root[k * size + j];
    }
    a[i * size + i] += 1;
  }
  return a;
}

it("solves by Cholesky", () => {
  fc.assert(
    fc.property(problems, ({ size, root, b }) => {
      const a = normalMatrix(root, size);
      const l = a.slice();
      const x = Float64Array.from(b);
      factorize(l, size);
      solveFactorized(l, size, x);
      for (let i = 0; i < size; i++) {
        const product = x.reduce((sum, v, j) => sum + a[i * size + j] * v, 0);
        expect(product).toBeCloseTo(b[i], 6);
      }
    }),
  );
});

it("ends where no coefficient can move downhill, from any start", () => {
  fc.assert(
    fc.property(problems, ({ size, root, b, weight, start }) => {
      const a = normalMatrix(root, size);
      const x = Float64Array.from(start);
      featureSignSearch({ a, b: Float64Array.from(b), weight: Float64Array.from(weight), size }, x);
      for (let i = 0; i < size; i++) {
        const gradient = x.reduce((sum, v, j) => sum + a[i * size + j] * v, 0) - b[i];
        // Optimality: the gradient cancels the penalty's slope, or at zero lies within it.
        if (x[i] !== 0) expect(gradient).toBeCloseTo(-weight[i] * Math.sign(x[i]), 4);
        else expect(Math.abs(gradient)).toBeLessThanOrEqual(weight[i] + 1e-4);
      }
    }),
    { numRuns: 300 },
  );
});
