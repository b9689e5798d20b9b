import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time/epoch.ts";
import { type Break, type RowsOfYear, yearsOfRows } from "./yearsOfRows.ts";

/** The same, row by row. */
function plainly(times: readonly number[]): RowsOfYear[] {
  const years = Map.groupBy(times, (at) => new Date(at).getUTCFullYear());
  return [...years]
    .map(([year, own]) => ({ year, rows: own.length, first: Math.min(...own), last: Math.max(...own) }))
    .sort((a, b) => a.year - b.year);
}

function breaksOf(times: readonly number[], usual: number): Break[] {
  const all = times.map((at, i) => ({ at, step: i === 0 ? null : at - times[i - 1] }));
  return all.filter(({ step }) => step !== usual);
}

describe("yearsOfRows", () => {
  it("counts what is there, whatever the order, the gaps and the step", () => {
    const runs = fc.array(
      fc.record({ at: fc.integer({ min: -40, max: 40 }), rows: fc.integer({ min: 1, max: 60 }) }),
      { maxLength: 12 },
    );
    const steps = fc.constantFrom(1000, MINUTE_MS, HOUR_MS, 7 * HOUR_MS, DAY_MS, 30 * DAY_MS);
    fc.assert(
      fc.property(runs, steps, (found, usual) => {
        const newYear = Date.UTC(2021, 0);
        const times = found.flatMap(({ at, rows }) =>
          Array.from({ length: rows }, (_, i) => newYear + (at + i) * usual),
        );
        expect(yearsOfRows(breaksOf(times, usual), times.length, usual)).toEqual(plainly(times));
      }),
    );
  });
});
