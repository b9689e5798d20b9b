import { describe, expect, it } from "vitest";
import { priceSeries, randomWalk } from "../../testkit/series.ts";
import { addDays } from "../time/day.ts";
import { drift } from "./drift.ts";
import { quantileIndex } from "./forecaster.ts";
import { naive } from "./naive.ts";
import { logReturns, standardDeviation } from "./returns.ts";
import { seasonalNaive } from "./seasonalNaive.ts";

describe("naive", () => {
  it("is the last close with the band of semantics.md", () => {
    const series = randomWalk(1, 400);
    const sigma = standardDeviation(logReturns(series.close));
    const forecast = naive().fit(series).predict(30);
    const last = series.close[399];
    expect(forecast.cutoff).toBe(series.days[399]);
    expect(forecast.steps.map(({ ds }) => ds)).toEqual(
      Array.from({ length: 30 }, (_, i) => addDays(series.days[399], i + 1)),
    );
    for (const { yhat, stepsAhead, quantiles } of forecast.steps) {
      expect(yhat).toBe(last);
      expect(quantiles[quantileIndex(0.5)]).toBeCloseTo(last, 9);
      expect(Math.log(quantiles[quantileIndex(0.9)] / last)).toBeCloseTo(
        1.2815515655446004 * sigma * Math.sqrt(stepsAhead),
        12,
      );
      expect(Math.log(quantiles[quantileIndex(0.975)] / last)).toBeCloseTo(
        1.959963984540054 * sigma * Math.sqrt(stepsAhead),
        12,
      );
    }
  });
});

describe("drift", () => {
  it("goes on with the mean log return, its own uncertainty in the band", () => {
    const series = randomWalk(2, 101);
    const slope = Math.log(series.close[100] / series.close[0]) / 100;
    const sigma = standardDeviation(logReturns(series.close));
    const step = drift().fit(series).predict(25).steps[24];
    expect(step.yhat).toBeCloseTo(series.close[100] * Math.exp(25 * slope), 8);
    expect(Math.log(step.quantiles[quantileIndex(0.9)] / step.yhat)).toBeCloseTo(
      1.2815515655446 * sigma * Math.sqrt(25 * 1.25),
      10,
    );
  });

  it("continues a perfect exponential without a band", () => {
    const close = Array.from({ length: 60 }, (_, i) => 100 * 1.01 ** i);
    const { steps } = drift().fit(priceSeries(close)).predict(10);
    expect(steps[9].yhat).toBeCloseTo(100 * 1.01 ** 69, 8);
    expect(steps[9].quantiles[quantileIndex(0.975)] / steps[9].quantiles[quantileIndex(0.025)]).toBeCloseTo(
      1,
      8,
    );
  });
});

describe("seasonal naive", () => {
  it("repeats the last week", () => {
    const series = randomWalk(3, 100);
    const { steps } = seasonalNaive().fit(series).predict(16);
    expect(steps.map(({ yhat }) => yhat)).toEqual(steps.map((_, i) => series.close[93 + (i % 7)]));
    const band = (i: number) =>
      Math.log(steps[i].quantiles[quantileIndex(0.9)] / steps[i].quantiles[quantileIndex(0.1)]);
    expect(band(7) / band(6)).toBeCloseTo(Math.SQRT2, 10);
    expect(band(0)).toBeCloseTo(band(6), 12);
  });

  it.each([0, -7, 1.5, 400, Number.NaN])("has no season of %d days", (seasonLength) => {
    expect(() => seasonalNaive({ seasonLength })).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});
