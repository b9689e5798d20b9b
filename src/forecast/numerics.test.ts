import { expect, it } from "vitest";
import { normalQuantile } from "./normal.ts";
import { quantileSorted } from "./quantile.ts";
import { mean, standardDeviation } from "./returns.ts";

// 0.25, 0.001 and 1e-20 are the test values given with AS 241.
it.each([
  [0.25, -0.6744897501960817],
  [0.001, -3.090232306167814],
  [0.975, 1.959963984540054],
  [0.9, 1.2815515655446004],
  [0.5, 0],
  [1e-20, -9.26234008979841],
])("the normal quantile at %d is %d", (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 13);
});

it("the normal quantile is defined between 0 and 1 only", () => {
  for (const p of [0, 1, -0.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError);
});

// numpy.quantile([1, 2, 4, 8, 16], p)
it.each([
  [0, 1],
  [0.1, 1.4],
  [0.5, 4],
  [0.9, 12.8],
  [1, 16],
])("the type 7 quantile at %d is %d", (p, value) => {
  expect(quantileSorted([1, 2, 4, 8, 16], p)).toBeCloseTo(value, 12);
});

it("standard deviation has the divisor n − 1", () => {
  expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14);
});
