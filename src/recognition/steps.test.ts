import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INTERVALS, intervalMs } from "../time/interval.ts";
import { countSteps, otherLength, shownLength } from "./steps.ts";

const MINUTE = 60_000;
/** Steps between minutes in which a trade comes with a probability. */
const sparse = (share: number) =>
  fc
    .array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 50, maxLength: 400 })
    .map((dice) => dice.map((one) => (1 + Math.floor(Math.log(1 - one) / Math.log(1 - share))) * MINUTE));

describe("steps between open times", () => {
  it("show the interval, whatever gaps are between", () => {
    const fixed = INTERVALS.flatMap((interval) => intervalMs(interval) ?? []);
    fc.assert(
      fc.property(
        fc.constantFrom(...fixed),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 60 }),
        (length, gaps) => {
          const steps = [...gaps.map((times) => times * length), ...Array(60).fill(length)];
          expect(shownLength(countSteps(steps))).toMatchObject({ length, proven: true });
        },
      ),
    );
  });

  it("of sparse minutes show no other length, and no stretch of one", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }).chain(sparse), (steps) => {
        const counted = countSteps(steps);
        expect([null, MINUTE]).toContain(shownLength(counted)?.length ?? null);
        expect(otherLength(counted, MINUTE)).toBeNull();
      }),
    );
  });

  it.each([
    ["5m", 11],
    ["1h", 6],
    ["1d", 4],
  ] as const)("of minutes and then %s are of two lengths from %i in a row on", (interval, run) => {
    const other = intervalMs(interval);
    const steps = (count: number) => countSteps([...Array(300).fill(MINUTE), ...Array(count).fill(other)]);
    expect(otherLength(steps(run), MINUTE)).toBe(interval);
    expect(otherLength(steps(run - 1), MINUTE)).toBeNull();
  });

  it("of two rows a day are minutes with gaps between", () => {
    const steps = countSteps(Array.from({ length: 499 }, (_, i) => (i % 2 === 0 ? 1439 : 1) * MINUTE));
    expect(shownLength(steps)).toBeNull();
    expect(otherLength(steps, MINUTE)).toBeNull();
  });

  it("of calendar months are months", () => {
    const months = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30].map((days) => days * 1440 * MINUTE);
    expect(shownLength(countSteps(months))?.shown).toBe("1M");
  });
});
