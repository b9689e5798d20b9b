import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { priceSeries, randomWalk, withGap } from "../../testkit/series.ts";
import { quantileIndex, type Series } from "./forecaster.ts";
import { forecasters } from "./registry.ts";
import { logReturns, standardDeviation } from "./returns.ts";
import { hasData, headOf, splice } from "./series.ts";

/** The log returns from one day with data to the next day, where that has data too. */
function adjacentReturns(series: Series): number[] {
  return [...series.close.keys()]
    .filter((i) => i > 0 && hasData(series, i - 1) && hasData(series, i))
    .map((i) => Math.log(series.close[i] / series.close[i - 1]));
}

describe("splice", () => {
  it("has the returns between neighbouring days with data, no others, and the last close", () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 97 }), fc.integer({ min: 1, max: 20 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.integer(), gaps, (seed, found) => {
        const series = found.reduce(
          (walk, [from, length]) => withGap(walk, from, Math.min(99, from + length)),
          randomWalk(seed, 100),
        );
        const spliced = splice(series);
        const expected = adjacentReturns(series);
        expect(spliced.close).toHaveLength(expected.length + 1);
        logReturns(spliced.close).forEach((value, i) => {
          expect(value).toBeCloseTo(expected[i], 12);
        });
        expect(spliced.close.at(-1)).toBeCloseTo(series.close[99], 9);
      }),
    );
  });

  it("is the series itself where every day has data", () => {
    const series = randomWalk(1, 70);
    expect(splice(series)).toBe(series);
  });

  it("keeps a day's range and variance with its return", () => {
    const full = randomWalk(2, 80);
    const series = withGap({ ...full, variance: full.close.map((_, i) => i) }, 30, 50);
    const { high, low, days, variance } = splice(series);
    expect(days[30]).toBe(full.days[51]);
    expect(variance?.[30]).toBe(51);
    expect(high[10] / low[10]).toBeCloseTo(full.high[10] / full.low[10], 12);
  });
});

it("the head of a series has the head of every column", () => {
  const series = withGap(randomWalk(1, 100), 20, 40);
  expect(headOf({ ...series, variance: series.close }, 30)).toMatchObject({
    filled: Float64Array.from({ length: 30 }, (_, i) => (i < 20 ? 0 : 1)),
    variance: series.close.slice(0, 30),
  });
});

describe.each(forecasters())("$name", (model) => {
  it("has a band without steps after half a history without data", () => {
    const { quantiles } = model.fit(withGap(randomWalk(5, 500), 150, 400)).predict(1).steps[0];
    expect(new Set(quantiles).size).toBe(quantiles.length);
  });

  it("is not moved by the price that a gap is filled with", () => {
    const gap = withGap(randomWalk(6, 300), 100, 130);
    const other = gap.close.map((price, i) => (gap.filled?.[i] ? 3 * price : price));
    const forecastOf = (close: Float64Array) =>
      model.fit({ ...gap, open: close, high: close, low: close, close }).predict(10);
    expect(forecastOf(other)).toEqual(forecastOf(gap.close));
  });

  it("counts the days that have data", () => {
    expect(() => model.fit(withGap(randomWalk(1, 90), 30, 70))).toThrow(
      expect.objectContaining({
        code: "series_too_short",
        message: "TESTUSDT has 50 days with data, and 40 without; a forecast needs at least 60.",
      }),
    );
  });
});

it("naive: sigma of the returns between neighbouring days with data", () => {
  const series = withGap(randomWalk(1, 200), 50, 120);
  const { quantiles, yhat } = forecasters(["naive"])[0].fit(series).predict(1).steps[0];
  const sigma = standardDeviation(adjacentReturns(series));
  expect(Math.log(quantiles[quantileIndex(0.9)] / yhat)).toBeCloseTo(1.2815515655446 * sigma, 12);
});

it("a filled day in a constant price changes nothing", () => {
  const series = withGap(priceSeries(Array(100).fill(7)), 40, 60);
  expect(splice(series).close).toEqual(new Float64Array(79).fill(7));
});
