import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { addDays, dayOf, startOfDay } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { knownFuture, lagged, Prophet, type ProphetOptions } from "./prophet.ts";

interface Golden {
  start: string;
  step_hours: number;
  fitted: number;
  columns: Record<string, number[]>;
  objective: number;
  rows: number[];
  forecast: Record<string, number[]>;
  holidays?: {
    holiday: string;
    ds: string;
    lower_window: number;
    upper_window: number;
    prior_scale: number;
  }[];
}

function load(name: string): Golden {
  const path = new URL(`../../../golden/prophet/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8"));
}

const CASES: Record<string, (golden: Golden) => ProphetOptions> = {
  conditional: () => ({
    changepoints: ["2021-03-01", "2021-06-01", "2021-10-15"],
    weeklySeasonality: false,
    changepointPriorScale: 0.2,
    seasonalities: ["summer", "winter"].map((conditionName) => ({
      name: `weekly_${conditionName}`,
      period: 7,
      fourierOrder: 3,
      conditionName,
    })),
  }),
  holidays: (golden) => ({
    holidaysMode: "multiplicative",
    holidays: golden.holidays!.map((h) => ({
      holiday: h.holiday,
      ds: h.ds,
      lowerWindow: h.lower_window,
      upperWindow: h.upper_window,
      priorScale: h.prior_scale,
    })),
  }),
  logistic_minmax: () => ({ growth: "logistic", scaling: "minmax" }),
  hourly: () => ({}),
  regressors: () => ({
    regressors: [
      { name: "late", availability: knownFuture },
      { name: "flag", availability: knownFuture, standardize: true },
      { name: "wave", availability: knownFuture, mode: "multiplicative", priorScale: 3 },
    ],
  }),
  flat_minmax: () => ({ growth: "flat", scaling: "minmax", seasonalityMode: "multiplicative" }),
};

describe.each(Object.keys(CASES))("golden %s", (name) => {
  const golden = load(name);
  const { y, cap, floor, ...columns } = golden.columns;
  const ds = y.map((_, i) => Date.parse(golden.start) + i * golden.step_hours * 3_600_000);
  const pick = (rows: number[]) => ({
    ds: rows.map((i) => ds[i]),
    cap: cap && rows.map((i) => cap[i]),
    floor: floor && rows.map((i) => floor[i]),
    columns: Object.fromEntries(Object.entries(columns).map(([c, v]) => [c, rows.map((i) => v[i])])),
  });
  const options = { ...CASES[name](golden), intervalWidth: 0.95, uncertaintySamples: 4000 };
  const history = { ...pick([...Array(golden.fitted).keys()]), y: y.slice(0, golden.fitted) };
  const fitted = new Prophet(options).fit(history);
  const ours = fitted.predict(pick(golden.rows));
  const { yhat, trend, yhat_lower, yhat_upper, ...components } = golden.forecast;
  const scale = Math.max(...yhat.map(Math.abs));
  const worst = (theirs: number[], mine: Float64Array) =>
    Math.max(...theirs.map((v, i) => Math.abs(v - mine[i])));

  it("has at least the objective of Python Prophet's Newton fit", () => {
    expect(fitted.estimate.objective).toBeGreaterThanOrEqual(golden.objective - 1e-6 * golden.objective);
  });

  it("forecasts its values and components", () => {
    expect(worst(yhat, ours.yhat) / scale).toBeLessThan(1e-3);
    expect(worst(trend, ours.trend) / scale).toBeLessThan(1e-3);
    expect(Object.keys(ours.components).sort()).toEqual(Object.keys(components).sort());
    for (const [component, values] of Object.entries(components)) {
      const unit = fitted.modes[component] === "additive" ? scale : 1;
      expect(worst(values, ours.components[component]) / unit).toBeLessThan(1e-3);
    }
  });

  it("draws 95 % intervals as wide, in the history and in the future", () => {
    const split = golden.rows.findIndex((i) => i >= golden.fitted);
    const width = (upper: ArrayLike<number>, lower: ArrayLike<number>, from: number, to: number) => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += upper[i] - lower[i];
      return sum;
    };
    for (const [from, to] of [
      [0, split],
      [split, golden.rows.length],
    ]) {
      const ratio =
        width(ours.yhatUpper!, ours.yhatLower!, from, to) / width(yhat_upper, yhat_lower, from, to);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.03);
    }
  });
});

it("looks a lagged regressor up in the history: the same fit as with the shifted column", () => {
  const golden = load("regressors");
  const { y, late, flag } = golden.columns;
  const day = dayOf(Date.parse(golden.start) as EpochMs);
  const ds = y.map((_, i) => startOfDay(addDays(day, i)));
  const n = golden.fitted;
  const shifted = new Prophet({ regressors: [{ name: "late", availability: knownFuture }] })
    .fit({ ds: ds.slice(7, n), y: y.slice(7, n), columns: { late: late.slice(0, n - 7) } })
    .predict({ ds: ds.slice(n, n + 7), columns: { late: late.slice(n - 7, n) } });
  const looked = new Prophet({ regressors: [{ name: "late", availability: lagged(7) }] }).fit({
    ds: ds.slice(0, n),
    y: y.slice(0, n),
    columns: { late: late.slice(0, n) },
  });
  const ofTheFuture = { ds: ds.slice(n, n + 7), columns: { late: flag.slice(0, 7) } };
  expect(looked.predict(ofTheFuture).yhat).toEqual(shifted.yhat);
  expect(() => looked.predict({ ds: ds.slice(n, n + 8) })).toThrow(
    expect.objectContaining({ code: "regressor_availability", exit: 2 }),
  );
});
