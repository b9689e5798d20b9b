import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { QUANTILE_LEVELS, quantileIndex } from "../forecast/forecaster.ts";
import { naive } from "../forecast/naive.ts";
import type { Day } from "../time/day.ts";
import { coverage, crps, intervalScore, mae, mape, mase, pinballLoss, rmse, width } from "./losses.ts";
import type { Outcome } from "./outcome.ts";
import { skill } from "./skill.ts";

/** A forecast day whose quantiles lie evenly from `low` to `high`. */
function outcome(actual: number, yhat: number, low = yhat, high = yhat): Outcome {
  return {
    cutoff: "2024-01-01" as Day,
    ds: "2024-01-02" as Day,
    stepsAhead: 1,
    actual,
    yhat,
    quantiles: Float64Array.from(QUANTILE_LEVELS, (level) => low + level * (high - low)),
    lastClose: 200,
    naiveError: 4,
  };
}

describe("the textbook values", () => {
  const outcomes = [outcome(100, 110), outcome(200, 180), outcome(50, 50)];
  it.each([
    ["mae", mae, 10],
    ["rmse", rmse, Math.sqrt(500 / 3)],
    ["mape", mape, 20 / 3],
    ["mase", mase, 2.5],
  ])("%s", (_, loss, value) => {
    expect(loss(outcomes)).toBeCloseTo(value, 12);
  });

  it("pinball loss, % of the price at the cutoff", () => {
    expect(pinballLoss(0.9)([outcome(110, 100)])).toBeCloseTo((100 * 0.9 * 10) / 200, 12);
    expect(pinballLoss(0.9)([outcome(90, 100)])).toBeCloseTo((100 * 0.1 * 10) / 200, 12);
  });

  it("coverage, width and interval score of the 80 % band", () => {
    const band = [outcome(100, 100, 0, 200), outcome(190, 100, 0, 200)]; // the band is 20 … 180
    expect(coverage(80)(band)).toBe(50);
    expect(width(80)(band)).toBeCloseTo(80, 12);
    expect(intervalScore(80)(band)).toBeCloseTo((80 + 80 + (2 / 0.2) * 5) / 2, 10);
  });

  it("the CRPS of a point forecast is its absolute error", () => {
    expect(crps([outcome(110, 100)])).toBeCloseTo(5, 12);
    expect(crps([outcome(90, 100)])).toBeCloseTo(5, 12);
  });

  // For a uniform distribution on 0 … 1 and the outcome in its middle the integral is 1/12; 5 … 95 % leave out little.
  it("the CRPS of a uniform distribution comes near its integral", () => {
    const uniform = { ...outcome(0.5, 0.5, 0, 1), lastClose: 1 };
    expect(crps([uniform])! / 100).toBeCloseTo(1 / 12, 2);
  });

  it("no outcomes, no score", () => {
    for (const loss of [mae, rmse, mape, mase, crps, coverage(80), width(95), intervalScore(80)]) {
      expect(loss([])).toBeNull();
    }
  });

  it("MASE of a price that had never moved is unknown, not infinite", () => {
    expect(mase([{ ...outcome(100, 110), naiveError: 0 }])).toBeNull();
  });

  it("bands that are not published are refused", () => {
    expect(() => coverage(99)).toThrow(RangeError);
  });
});

describe("metric traps", () => {
  it("MAPE is of prices: the same error looks ten times smaller on their logarithms", () => {
    const price = outcome(50_000, 55_000);
    const logs = outcome(Math.log(50_000), Math.log(55_000));
    expect(mape([price])).toBeCloseTo(10, 10);
    expect(mape([logs])).toBeLessThan(1);
  });

  it("the exponential of a mean of logarithms is the median, so half the days lie on each side of yhat", () => {
    const [step] = naive().fit(randomWalk(5, 200)).predict(1).steps;
    expect(step.quantiles[quantileIndex(0.5)]).toBeCloseTo(step.yhat, 9);
    const meanOfQuantiles = step.quantiles.reduce((a, b) => a + b, 0) / step.quantiles.length;
    expect(meanOfQuantiles).toBeGreaterThan(step.yhat);
  });

  it("MAPE punishes a forecast too high by a factor more than one too low by the same factor", () => {
    expect(mape([outcome(100, 200)])!).toBeGreaterThan(mape([outcome(100, 50)])!);
  });

  it("RMSE in dollars over ten years is the error of the dear ones; MAPE counts all alike", () => {
    const cheap = Array.from({ length: 9 }, () => outcome(100, 150));
    const dear = outcome(100_000, 101_000);
    expect(rmse([...cheap, dear])!).toBeCloseTo(Math.sqrt(1_000 ** 2 / 10), -1);
    expect(mape([...cheap, dear])!).toBeCloseTo(45.1, 6);
  });

  it("a boundless band has full coverage, a point none: only the interval score sees through both", () => {
    const actuals = [95, 98, 103, 107];
    const wide = actuals.map((actual) => outcome(actual, 100, -10_000, 10_000));
    const point = actuals.map((actual) => outcome(actual, 100));
    const fair = actuals.map((actual) => outcome(actual, 100, 90, 110));
    expect(coverage(80)(wide)).toBe(100);
    expect(coverage(80)(point)).toBe(0);
    expect(width(80)(point)).toBe(0);
    for (const score of [intervalScore(80), crps]) {
      expect(score(fair)!).toBeLessThan(score(wide)!);
      expect(score(fair)!).toBeLessThan(score(point)!);
    }
  });

  it("scores in percent don't change with the unit of price", () => {
    const real = fc.double({ min: 1, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(real, real, real, fc.integer({ min: -20, max: 20 }), (actual, yhat, spread, power) => {
        const factor = 2 ** power;
        const plain = outcome(actual, yhat, yhat - spread, yhat + spread);
        const scaled = {
          ...outcome(actual * factor, yhat * factor, (yhat - spread) * factor, (yhat + spread) * factor),
          lastClose: 200 * factor,
          naiveError: 4 * factor,
        };
        for (const loss of [mape, mase, crps, pinballLoss(0.1), width(80), intervalScore(95), coverage(80)]) {
          expect(loss([scaled])).toBe(loss([plain]));
        }
        expect(mae([scaled])).toBe(mae([plain])! * factor);
      }),
    );
  });
});

describe("skill", () => {
  it("is 1 − score / naive", () => {
    expect(skill(4, 5)).toBeCloseTo(0.2, 12);
    expect(skill(20, 5)).toBe(-3);
    expect(skill(null, 5)).toBeNull();
    expect(skill(1, 0)).toBeNull();
  });
});
