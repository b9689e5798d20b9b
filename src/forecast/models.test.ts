import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { priceSeries, randomWalk } from "../../testkit/series.ts";
import { CandlebookError } from "../core/errors.ts";
import { addDays, type Day } from "../time/day.ts";
import { type ForecastStep, QUANTILE_LEVELS, quantileIndex, type Series } from "./forecaster.ts";
import { naive } from "./naive.ts";
import { forecasters } from "./registry.ts";
import { runTask } from "./runner.ts";

describe.each(forecasters())("$name", (model) => {
  it("scales with the unit of price", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: -20, max: 20 }), (seed, power) => {
        const series = randomWalk(seed, 80);
        const factor = 2 ** power;
        const scaled = priceSeries([...series.close].map((price) => price * factor));
        const plain = model.fit(series).predict(9).steps;
        model
          .fit(scaled)
          .predict(9)
          .steps.forEach(({ yhat, quantiles }, i) => {
            expect(yhat / factor / plain[i].yhat).toBeCloseTo(1, 9);
            quantiles.forEach((q, k) => {
              expect(q / factor / plain[i].quantiles[k]).toBeCloseTo(1, 9);
            });
          });
      }),
      { numRuns: 30 },
    );
  });

  it("gives the same bits when fitted again, and quantiles that never decrease", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 60, max: 200 }), (seed, days) => {
        const series = randomWalk(seed, days);
        const first = model.fit(series).predict(40);
        expect(model.fit(randomWalk(seed, days)).predict(40)).toEqual(first);
        expectSteps(model.fit(series).predict(3).steps, first.steps.slice(0, 3));
        for (const { quantiles } of first.steps) {
          expect(quantiles).toHaveLength(QUANTILE_LEVELS.length);
          expect(quantiles.every((q, i) => i === 0 || q >= quantiles[i - 1])).toBe(true);
          // Prophet on the price itself knows no floor.
          expect(quantiles[quantileIndex(0.025)] > 0 || model.name === "prophet").toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("sees nothing of the days after the cutoff: whatever they hold, the same bits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 60, max: 199 }), (seed, trainDays) => {
        const withVariance = (one: Series) => ({ ...one, variance: rangeVariances(one) });
        const series = withVariance(randomWalk(seed, 200));
        const other = withVariance(randomWalk(seed + 1, 200));
        const changed = { ...series };
        for (const field of ["open", "high", "low", "close", "variance"] as const) {
          changed[field] = series[field].map((price, i) => (i < trainDays ? price : other[field][i]));
        }
        const task = { model, trainDays, horizon: 5 };
        expect(runTask(changed, task)).toEqual(runTask(series, task));
      }),
      { numRuns: 10 },
    );
  });

  it("answers for a constant price, tiny and huge prices, and a spike", () => {
    const flat = model.fit(priceSeries(Array(60).fill(5))).predict(30);
    for (const { yhat, quantiles } of flat.steps) {
      for (const value of [yhat, ...quantiles]) expect(value).toBeCloseTo(5, 6);
    }
    const wide = Array.from({ length: 90 }, (_, i) => 10 ** (-8 + (16 * i) / 89));
    const spike = Array.from({ length: 90 }, (_, i) => (i === 70 ? 1e8 : 1));
    for (const close of [wide, spike]) {
      for (const { yhat, quantiles } of model.fit(priceSeries(close)).predict(30).steps) {
        expect([yhat, ...quantiles].every(Number.isFinite)).toBe(true);
      }
    }
  });

  const good = randomWalk(4, 70);
  const broken: [string, string, Series][] = [
    ["no days", "series_empty", priceSeries([])],
    ["2 points", "series_too_short", priceSeries([1, 2])],
    ["59 days", "series_too_short", randomWalk(1, 59)],
    ["NaN", "series_bad_price", priceSeries([...good.close.slice(0, 60), Number.NaN, 1])],
    ["infinite", "series_bad_price", priceSeries([...good.close, Number.POSITIVE_INFINITY])],
    ["zero price", "series_bad_price", priceSeries([...good.close, 0])],
    ["negative price", "series_bad_price", priceSeries([...good.close, -1])],
    ["NaN in low", "series_bad_price", { ...good, low: good.low.map((v, i) => (i === 5 ? Number.NaN : v)) }],
    ["all days equal", "series_duplicate_day", { ...good, days: good.days.map(() => good.days[0]) }],
    ["unsorted days", "series_unsorted", { ...good, days: good.days.toReversed() }],
    ["a gap", "series_gap", { ...good, days: good.days.map((day, i) => (i < 30 ? day : addDays(day, 1))) }],
    ["ragged", "series_ragged", { ...good, open: good.open.slice(1) }],
    ["ragged variance", "series_ragged", { ...good, variance: good.open.slice(1) }],
  ];
  it.each(broken)("refuses a series with %s", (_, code, series) => {
    expect(refusal(() => model.fit(series))).toMatchObject({ code, exit: 2 });
  });

  it.each([0, -1, 1.5, Number.NaN, 3651, 1e9, Number.POSITIVE_INFINITY])(
    "refuses the horizon %s",
    (horizon) => {
      expect(refusal(() => model.fit(good).predict(horizon))).toMatchObject({ code: "bad_horizon", exit: 2 });
    },
  );
});

it("names the day of a bad price and of a gap", () => {
  const bad = priceSeries([...randomWalk(1, 80).close].map((v, i) => (i === 10 ? -3 : v)));
  expect(refusal(() => naive().fit(bad)).message).toContain(`${addDays("2020-01-01" as Day, 10)} is -3`);
});

/** Prophet's mean time step is a quotient of the horizon: its last bit may differ. */
function expectSteps(steps: ForecastStep[], expected: ForecastStep[]): void {
  steps.forEach(({ ds, quantiles }, i) => {
    expect(ds).toBe(expected[i].ds);
    quantiles.forEach((q, k) => {
      expect(q / expected[i].quantiles[k]).toBeCloseTo(1, 12);
    });
  });
}

/** Some variance for each day; no model asks whether it fits the prices. */
function rangeVariances({ high, low }: Series): Float64Array {
  return high.map((price, i) => Math.log(price / low[i]) ** 2);
}

function refusal(act: () => unknown): CandlebookError {
  try {
    act();
  } catch (error) {
    if (error instanceof CandlebookError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
