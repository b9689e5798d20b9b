import { describe, expect, it } from "vitest";
import { dieboldMariano, holm } from "./dieboldMariano.ts";
import { studentT } from "./studentT.ts";

describe("dieboldMariano", () => {
  it("is the paired t of the loss differences of windows that don't overlap", () => {
    // scipy.stats.ttest_rel([1, 2, 3, 4], [2, 2.5, 2, 6])
    const found = dieboldMariano([1, 2, 3, 4], [2, 2.5, 2, 6])!;
    expect(found.t).toBeCloseTo(-1, 12);
    expect(found.p).toBeCloseTo(0.3910022189557706, 10);
    expect(found.pBetter).toBeCloseTo(0.1955011094778853, 10);
  });

  it("is unknown where nothing differs, and with fewer than two windows that don't overlap", () => {
    expect(dieboldMariano([1, 2], [1, 2])).toBeNull();
    expect(dieboldMariano([1], [2])).toBeNull();
    expect(dieboldMariano([1, 2, 5], [2, 2, 3], 1)).toBeNull();
    expect(dieboldMariano([0.1, 0.2, 0.3], [0.1, 0.2 + 1e-9, 0.3])).toBeNull();
  });
});

describe("studentT", () => {
  it.each([
    // Exact: freedom 1 is Cauchy's; 2 has a closed form.
    [1, 1, 0.75],
    [-1, 1, 0.25],
    [Math.SQRT2, 2, 0.5 + Math.SQRT2 / (2 * 2)],
    [0, 17, 0.5],
  ])("t %d with %d degrees: %d", (t, freedom, p) => {
    expect(studentT(t, freedom)).toBeCloseTo(p, 13);
  });

  it("keeps a far tail", () => {
    // scipy.stats.t.cdf(-12, 129), t.cdf(-30, 8)
    expect(studentT(-12, 129) / 7.85e-23).toBeGreaterThan(0.1);
    expect(studentT(-30, 8)).toBeGreaterThan(0);
  });
});

describe("holm", () => {
  it("multiplies the smallest by the number of tests, and never decreases", () => {
    expect(holm([0.03, 0.01, null, 0.02, 0.9])).toEqual([0.06, 0.04, null, 0.06, 0.9]);
    expect(holm([null])).toEqual([null]);
    expect(holm([0.6, 0.7])).toEqual([1, 1]);
  });
});
