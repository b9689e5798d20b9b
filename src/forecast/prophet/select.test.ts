import fc from "fast-check";
import { expect, it } from "vitest";
import { makeRandom } from "./seededDraws.ts";
import { selectRanks } from "./select.ts";

it("puts the wanted ranks where sorting would, and loses no value", () => {
  const numbers = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(numbers, fc.array(fc.nat(200)), (values, wanted) => {
      const sorted = Float64Array.from(values).sort();
      const ranks = wanted.filter((rank) => rank < values.length).sort((a, b) => a - b);
      const selected = Float64Array.from(values);
      selectRanks(selected, ranks);
      for (const rank of ranks) expect(selected[rank] + 0).toBe(sorted[rank] + 0);
      expect(selected.sort()).toEqual(sorted);
    }),
  );
});

it("draws uniform, normal and Laplace numbers with their moments, the same for a seed", () => {
  const random = makeRandom(7);
  const draw = (next: () => number) => Float64Array.from({ length: 40_000 }, next);
  const mean = (values: Float64Array, power: number) =>
    values.reduce((s, v) => s + v ** power, 0) / values.length;
  const uniform = draw(random.uniform);
  expect(mean(uniform, 1)).toBeCloseTo(0.5, 2);
  expect(mean(uniform, 2)).toBeCloseTo(1 / 3, 2);
  const normal = draw(random.normal);
  expect(Math.abs(mean(normal, 1))).toBeLessThan(0.02);
  expect(Math.abs(mean(normal, 2) - 1)).toBeLessThan(0.03);
  expect(Math.abs(mean(normal, 4) - 3)).toBeLessThan(0.2);
  const laplace = draw(() => random.laplace(2));
  expect(Math.abs(mean(laplace, 1))).toBeLessThan(0.06);
  expect(Math.abs(mean(laplace, 2) - 8)).toBeLessThan(0.4);
  expect(draw(makeRandom(7).uniform)).toEqual(uniform);
  expect(draw(makeRandom(8).uniform)).not.toEqual(uniform);
});
