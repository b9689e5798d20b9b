import fc from "fast-check";
import { expect, it } from "vitest";
import { seededRandom } from "../core/random.ts";
import { normalQuantile } from "../forecast/normal.ts";
import { fitGarch, garchAhead, garchLikelihood, garchVariances } from "./garch.ts";

const TRUE = { omega: 4e-5, alpha: 0.1, beta: 0.85, freedom: 6 };

/** Returns of the model itself; Student's t as a normal over the root of a mean of squares of normals. */
function simulated(seed: number, count: number): Float64Array {
  const random = seededRandom(seed);
  const normal = () => normalQuantile(1e-9 + (1 - 2e-9) * random());
  let variance = TRUE.omega / (1 - TRUE.alpha - TRUE.beta);
  return Float64Array.from({ length: count }, () => {
    const squares = Array.from({ length: TRUE.freedom }, () => normal() ** 2).reduce((a, b) => a + b);
    const shock =
      (normal() / Math.sqrt(squares / TRUE.freedom)) * Math.sqrt((TRUE.freedom - 2) / TRUE.freedom);
    const value = Math.sqrt(variance) * shock;
    variance = TRUE.omega + TRUE.alpha * value ** 2 + TRUE.beta * variance;
    return value;
  });
}

it("finds about what the returns were made with, the same bits each time, and nothing likelier beside it", () => {
  const returns = simulated(1, 4000);
  const found = fitGarch(returns);
  expect(fitGarch(returns)).toEqual(found);
  expect(found.alpha + found.beta).toBeGreaterThan(0.9);
  expect(found.alpha + found.beta).toBeLessThan(0.99);
  expect(found.freedom).toBeGreaterThan(4.5);
  expect(found.freedom).toBeLessThan(8);
  const best = garchLikelihood(found, returns);
  expect(best).toBeGreaterThanOrEqual(garchLikelihood(TRUE, returns));
  for (const name of ["omega", "alpha", "beta", "freedom"] as const) {
    for (const factor of [0.99, 1.01]) {
      expect(garchLikelihood({ ...found, [name]: found[name] * factor }, returns)).toBeLessThan(best + 1e-6);
    }
  }
});

it("scales with the returns: variances by the square, the likelihood by the logarithm", () => {
  const returns = simulated(2, 300);
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), (factor) => {
      const scaled = returns.map((value) => factor * value);
      const model = { ...TRUE, omega: TRUE.omega * factor ** 2 };
      const [last] = garchVariances(TRUE, returns).slice(-1);
      const [lastScaled] = garchVariances(model, scaled).slice(-1);
      expect(lastScaled / last / factor ** 2).toBeCloseTo(1, 10);
      const moved = garchLikelihood(TRUE, returns) - returns.length * Math.log(factor);
      expect(garchLikelihood(model, scaled)).toBeCloseTo(moved, 7);
    }),
  );
});

it("reverts to the long-run variance", () => {
  const longRun = TRUE.omega / (1 - TRUE.alpha - TRUE.beta);
  expect(garchAhead(TRUE, longRun, 30)).toBeCloseTo(30 * longRun, 12);
  expect(garchAhead(TRUE, 4 * longRun, 1)).toBeCloseTo(4 * longRun, 12);
  // What a day has above it shrinks by alpha + beta = 0.95 a day: 3 / 0.05 in all.
  expect(garchAhead(TRUE, 4 * longRun, 1000) / longRun).toBeCloseTo(1000 + 60, 8);
});
