import { expect, it } from "vitest";
import { priceSeries, randomWalk } from "../../../testkit/series.ts";
import { mean } from "../returns.ts";
import { ewma } from "./ewma.ts";
import { fitHar, harFeatures } from "./har.ts";
import { rangeVariance } from "./rangeVariance.ts";

it("range variance: the formula of Garman and Klass, for a day that opens where the last one closed", () => {
  const day = { open: 100, high: 110, low: 95, close: 104 };
  const fields = Object.entries(day).map(([name, value]) => [name, Float64Array.of(100, value)]);
  const [variance] = rangeVariance({ ...priceSeries([100, 104]), ...Object.fromEntries(fields) });
  const expected = 0.5 * Math.log(110 / 95) ** 2 - (2 * Math.log(2) - 1) * Math.log(1.04) ** 2;
  expect(variance).toBeCloseTo(expected, 14);
});

it("range variance of a close alone is its squared return, within bounds", () => {
  const variance = rangeVariance(priceSeries([100, 110, 110, 1e6]));
  expect(variance[0]).toBeCloseTo(Math.log(1.1) ** 2, 14);
  expect(variance[1]).toBe(1e-8);
  expect(variance[2]).toBe(0.25);
});

it("range variance sees about what a made-up market was made with", () => {
  const variance = rangeVariance(randomWalk(1, 2000));
  // 48 steps a day miss some of the range, so a little less than the true mean of 0.0011.
  expect(mean(variance)).toBeGreaterThan(0.0007);
  expect(mean(variance)).toBeLessThan(0.0013);
});

it("the weighted variance starts at the first month's mean and follows", () => {
  const smooth = ewma(
    Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 1 : 3)),
    0.9,
  );
  expect(smooth[50]).toBeCloseTo(1, 12);
  expect(smooth[100]).toBeCloseTo(1.2, 12);
  expect(smooth[101]).toBeCloseTo(1.38, 12);
  expect(smooth[199]).toBeCloseTo(3, 3);
});

it("the autoregression of variance stays where variance always was, and reverts after a shock", () => {
  const level = (t: number) => 0.001 * Math.exp(0.5 * Math.sin(t / 50) + 0.3 * Math.sin(t * 1.7));
  const variances = Float64Array.from({ length: 1500 }, (_, t) => level(t));
  const model = fitHar(harFeatures(variances), 30);
  const truth = mean(Array.from({ length: 30 }, (_, i) => level(1401 + i)));
  expect(model.variance(1400) / truth).toBeGreaterThan(0.9);
  expect(model.variance(1400) / truth).toBeLessThan(1.1);
  const constant = new Float64Array(600).fill(0.002);
  expect(fitHar(harFeatures(constant), 7).variance(599)).toBeCloseTo(0.002, 4);
});
