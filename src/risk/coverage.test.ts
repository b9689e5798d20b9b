import fc from "fast-check";
import { expect, it } from "vitest";
import { testCoverage } from "./coverage.ts";

const sequence = (text: string) => Array.from(text, (letter) => letter === "x");

it("tests nothing without a window, and finds an exact share unsuspicious", () => {
  expect(testCoverage([], 0.05)).toMatchObject({ windows: 0, kupiecP: null, christoffersenP: null });
  const exact = Array.from({ length: 200 }, (_, i) => i % 20 === 7);
  expect(testCoverage(exact, 0.05)).toMatchObject({ windows: 200, exceeded: 10, kupiecP: 1 });
});

it("rejects too many exceedances by Kupiec's test, and those in a row by Christoffersen's", () => {
  const many = Array.from({ length: 200 }, (_, i) => i % 8 === 3);
  expect(testCoverage(many, 0.05).kupiecP).toBeLessThan(0.001);
  const row = sequence("xxxxx".padStart(100, "-"));
  expect(testCoverage(row, 0.05)).toMatchObject({ kupiecP: 1 });
  expect(testCoverage(row, 0.05).independenceP).toBeLessThan(1e-4);
  expect(testCoverage(row, 0.05).christoffersenP).toBeLessThan(1e-3);
});

it("gives probabilities, for any sequence", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1 }),
      fc.constantFrom(0.01, 0.05),
      (hits, probability) => {
        const { kupiecP, independenceP, christoffersenP } = testCoverage(hits, probability);
        for (const p of [kupiecP, independenceP, christoffersenP] as number[]) {
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});
