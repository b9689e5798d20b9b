import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, type Day } from "../time/day.ts";
import { defaultInitial, makeCutoffs } from "./cutoffs.ts";

const days = (count: number) => Array.from({ length: count }, (_, i) => addDays("2012-01-01" as Day, i));

describe("makeCutoffs", () => {
  it.each([
    // days, cutoffs, first training days
    [5016, 130, 1116],
    [3059, 65, 1109],
    [3292, 73, 1102],
    [1095, 24, 375],
    [365, 8, 125],
    [330, 7, 120],
    [200, 3, 110],
    [119, 0, undefined],
  ])("%d days give %d cutoffs of 30 days, the first after %d", (count, cutoffs, first) => {
    const made = makeCutoffs({ days: days(count) });
    expect(made).toHaveLength(cutoffs);
    expect(made[0]?.trainDays).toBe(first);
  });

  it("ends the last window with the last day and keeps every window inside", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 500 }),
        (count, horizon, step, initial) => {
          const all = days(count);
          const made = makeCutoffs({ days: all, horizon, step, initial });
          expect(made.length > 0).toBe(count >= initial + horizon);
          made.forEach(({ day, trainDays }, i) => {
            expect(day).toBe(all[trainDays - 1]);
            expect(trainDays).toBeGreaterThanOrEqual(initial);
            expect(trainDays + horizon + (made.length - 1 - i) * step).toBe(count);
          });
          if (made.length > 0) expect(made[0].trainDays - step).toBeLessThan(initial);
        },
      ),
    );
  });

  it.each([
    [{ horizon: 0 }, "bad_horizon"],
    [{ step: 0 }, "bad_cutoffs"],
    [{ step: -7 }, "bad_cutoffs"],
    [{ initial: Number.NaN }, "bad_cutoffs"],
  ])("refuses %o", (plan, code) => {
    expect(() => makeCutoffs({ days: days(500), ...plan })).toThrow(expect.objectContaining({ code }));
  });
});

it.each([
  [5016, 1096],
  [1336, 1096],
  [1335, 445],
  [365, 121],
  [200, 90],
])("of %d days the first %d are training only", (count, initial) => {
  expect(defaultInitial(count, 30, 30)).toBe(initial);
});
