import { describe, expect, it } from "vitest";
import {
  GOLDEN_OPTIONS,
  goldenCases,
  goldenForecast,
  goldenObservations,
  goldenRows,
  goldenSettings,
} from "../../../testkit/prophetGolden.ts";
import { objectiveFromFormulas } from "../../../testkit/prophetObjective.ts";
import { type FittedProphet, Prophet } from "./prophet.ts";

const fits = new Map<string, FittedProphet>();
function fitOf(name: string): FittedProphet {
  const fitted =
    fits.get(name) ??
    new Prophet({ ...GOLDEN_OPTIONS[name], uncertaintySamples: 4000 }).fit(goldenObservations(name));
  fits.set(name, fitted);
  return fitted;
}

/** Largest difference of a column, as a share of the largest |yhat|; of fractions, as it is. */
function worst(
  reference: Record<string, number>[],
  column: string,
  ours: Float64Array,
  scale: number,
): number {
  return Math.max(...reference.map((row, i) => Math.abs(row[column] - ours[i]))) / scale;
}

const cases = goldenCases();

it.skipIf(cases.length === 0)("knows every case of the index", () => {
  expect(cases.map(({ name }) => name).sort()).toEqual(Object.keys(GOLDEN_OPTIONS).sort());
});

describe.each(cases)("golden case $name", ({ name, lbfgs, newton, tight }) => {
  it("reaches the posterior's maximum, by an evaluation apart from the optimiser", () => {
    const { parameters, objective } = fitOf(name).estimate;
    const apart = objectiveFromFormulas(goldenObservations(name), GOLDEN_OPTIONS[name], parameters);
    expect(apart).toBeCloseTo(objective, 6);
    expect(apart).toBeGreaterThanOrEqual(lbfgs - 1e-6 * Math.abs(lbfgs));
    if (newton !== 0) expect(apart).toBeGreaterThanOrEqual(newton - 1e-2);
  });

  // Not every case has every reference: what there is is checked.
  const settings = goldenSettings(name);
  const reference = goldenForecast("cases", name);
  const where = (there: unknown) => (there ? it : () => {});
  where(settings)("has Python Prophet's changepoints; its parameters give its objective", () => {
    const { params, changepoints, objective } = settings!;
    const dates = fitOf(name).changepoints.map((ms) => new Date(ms).toISOString().slice(0, 10));
    expect(dates).toEqual(GOLDEN_OPTIONS[name].growth === "flat" ? [] : changepoints);
    const theirs = { ...params, sigma: params.sigma_obs, beta: [params.beta].flat() };
    // Their parameters are printed to 8 digits.
    const apart = objectiveFromFormulas(goldenObservations(name), GOLDEN_OPTIONS[name], theirs);
    expect(Math.abs(apart - objective)).toBeLessThan(1e-3);
  });

  where(reference)("forecasts what Python Prophet's L-BFGS does, within its early stop", () => {
    const ours = fitOf(name).predict(goldenRows(name, reference!));
    const scale = Math.max(...reference!.map(({ yhat }) => Math.abs(yhat)));
    const bound = GOLDEN_OPTIONS[name].growth === "flat" ? 1e-6 : 4e-2;
    expect(worst(reference!, "yhat", ours.yhat, scale)).toBeLessThan(bound);
    expect(worst(reference!, "trend", ours.trend, scale)).toBeLessThan(bound);
    const { weekly } = ours.components;
    const weeklyScale = fitOf(name).modes.weekly === "multiplicative" ? 1 : scale;
    if (weekly) expect(worst(reference!, "weekly", weekly, weeklyScale)).toBeLessThan(1e-4);
  });

  const converged = goldenForecast("newton", name);
  where(converged && tight)("forecasts what the converged Newton fit does", () => {
    const ours = fitOf(name).predict(goldenRows(name, converged!));
    const scale = Math.max(...converged!.map(({ yhat }) => Math.abs(yhat)));
    expect(worst(converged!, "yhat", ours.yhat, scale)).toBeLessThan(1e-3);
    expect(worst(converged!, "trend", ours.trend, scale)).toBeLessThan(1e-3);
  });

  where(reference)("draws intervals as wide as Python Prophet's 20,000 draws", () => {
    const { ds } = goldenObservations(name);
    const ours = fitOf(name).predict(goldenRows(name, reference!));
    const end = name === "syn_reg" ? ds[999] : ds[ds.length - 1];
    for (const isFuture of [false, true]) {
      let width = 0;
      let theirs = 0;
      reference!.forEach((row, i) => {
        if (row.ds > end !== isFuture) return;
        width += ours.yhatUpper![i] - ours.yhatLower![i];
        theirs += row.yhat_upper - row.yhat_lower;
      });
      expect(Math.abs(width / theirs - 1)).toBeLessThan(tight ? 0.03 : 0.04);
    }
  });
});
