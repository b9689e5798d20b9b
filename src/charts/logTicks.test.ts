import fc from "fast-check";
import { expect, it } from "vitest";
import { logTicks } from "./logTicks.ts";

it.each([
  [
    [1.6, 12],
    [2, 3, 5, 7, 10],
  ],
  [
    [74_000, 270_000],
    [8e4, 9e4, 1e5, 1.2e5, 1.4e5, 1.6e5, 1.8e5, 2e5, 2.5e5],
  ],
  [
    [90, 130],
    [90, 100, 120],
  ],
  [
    [3e-8, 5e-2],
    [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2],
  ],
  [
    [0, 4, -2, 40],
    [5, 7, 10, 15, 20, 30],
  ],
  [[0, -1], []],
])("marks the axis of %j", (values, ticks) => {
  expect(logTicks(values)).toEqual(ticks);
});

it("marks round values inside what is drawn, at least four where it spans a third of a decade", () => {
  const exponent = fc.double({ min: -8, max: 8, noNaN: true });
  fc.assert(
    fc.property(exponent, fc.double({ min: 0.34, max: 6, noNaN: true }), (from, decades) => {
      const [low, high] = [10 ** from, 10 ** (from + decades)];
      const ticks = logTicks([high, low]);
      expect(ticks.length).toBeGreaterThanOrEqual(4);
      expect(ticks.length).toBeLessThanOrEqual(12);
      expect(ticks.every((tick) => tick >= low && tick <= high)).toBe(true);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
    }),
  );
});
