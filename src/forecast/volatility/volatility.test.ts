import { expect, it } from "vitest";
import { priceSeries, randomWalk } from "../../../testkit/series.ts";
import { mean } from "../returns.ts";
import { ewma } from "./ewma.ts";
import { fitHar, harFeatures } from "./har.ts";
import { rangeVariance } from "./rangeVariance.ts";
import { realizedRange } from "./realizedRange.ts";

it("range variance: the formula of Garman and Klass, for a day that opens where the last one closed", () => {
  const day = { open: 100, high: 110, low: 95, close: 104 };
  const fields = Object.entries(day).map(([name, value]) => [name, Float64Array.of(100, value)]);
  const [variance] = rangeVariance({ ...priceSeries([100, 104]), ...Object.fromEntries(fields) });
  const expected = 0.5 * Math.log(110 / 95) ** 2 - (2 * Math.log(2) - 1) * Math.log(1.04) ** 2;
  expect(variance).toBeCloseTo(expected, 14);
});

it("realised range: the hours' ranges and the jumps between them", () => {
  const hours = [
    { open: 100, high: 103, low: 99, close: 102 },
    { open: 101, high: 101, low: 97, close: 98 },
  ];
  const [first, second] = hours.map(
    ({ open, high, low, close }) =>
      0.5 * Math.log(high / low) ** 2 - (2 * Math.log(2) - 1) * Math.log(close / open) ** 2,
  );
  expect(realizedRange(hours)).toBeCloseTo(first + second + Math.log(101 / 102) ** 2, 14);
});

it("range variance of days whose minutes are known is theirs, on the level of the days' own", () => {
  const series = randomWalk(2, 400);
  const daily = rangeVariance(series);
  const known = (i: number) => i >= 200 && i !== 250;
  const wave = (i: number) => 0.0004 * (1.5 + Math.sin(i));
  const variance = Float64Array.from(series.close, (_, i) => (known(i) ? wave(i) : Number.NaN));
  const both = rangeVariance({ ...series, variance });
  for (const i of [1, 199, 250]) expect(both[i - 1]).toBe(daily[i - 1]);
  for (const i of [200, 249, 399]) expect(both[i - 1] / both[299] / (wave(i) / wave(300))).toBeCloseTo(1, 12);
  const level = (values: Float64Array) => mean(values.filter((_, i) => known(i + 1)));
  expect(level(both) / level(daily)).toBeCloseTo(1, 12);
  // One minute's wrong price leaves the other days' level alone; a few days set none.
  const wrong = rangeVariance({ ...series, variance: variance.map((v, i) => (i === 300 ? 1e9 : v)) });
  expect(wrong[299]).toBeLessThanOrEqual(0.25);
  const few = variance.map((v, i) => (i < 372 ? Number.NaN : v));
  expect(rangeVariance({ ...series, variance: few })).toEqual(daily);
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
