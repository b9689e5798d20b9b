import { describe, expect, it } from "vitest";
import { priceSeries, randomWalk } from "../../../testkit/series.ts";
import { quantileIndex, type Series } from "../forecaster.ts";
import { normalQuantile } from "../normal.ts";
import { empirical, empiricalYear } from "./empirical.ts";
import { randomWalkEnsemble } from "./ensemble.ts";
import { gaussian } from "./gaussian.ts";
import { scaled } from "./scaled.ts";

const model = randomWalkEnsemble();
const leftOut = (series: Series, horizon: number) => model.fit(series).predict(horizon).leftOut!;

describe("random-walk ensemble", () => {
  it("has the last close as its point", () => {
    const series = randomWalk(1, 900);
    expect(
      model
        .fit(series)
        .predict(30)
        .steps.every(({ yhat }) => yhat === series.close[899]),
    ).toBe(true);
  });

  it("leaves out, and names, the members that the history is too short for", () => {
    const names = (days: number, horizon: number) =>
      leftOut(randomWalk(1, days), horizon).map((m) => m.model);
    const all = ["empirical", "empirical_year", "scaled_return", "scaled_range", "har"];
    expect(names(100, 30)).toEqual(all);
    expect(names(250, 5)).toEqual(["empirical_year", "har"]);
    expect(names(900, 30)).toEqual([]);
    expect(names(900, 365)).toEqual(all);
    expect(leftOut(randomWalk(1, 100), 30)[0].reason).toBe(
      "needs 181 days of history to look 1 ahead; there are 100",
    );
  });

  it("is the naive's band where only the Gaussian is left", () => {
    const series = randomWalk(1, 100);
    const [step] = model.fit(series).predict(1).steps;
    const member = gaussian(returnsOf(series)).quantiles(1);
    step.quantiles.forEach((q, i) => {
      expect(Math.log(q / series.close[99])).toBeCloseTo(member[i], 12);
    });
  });

  it("widens tomorrow's band after wild days, and next month's much less", () => {
    const calm = randomWalk(7, 1200);
    const wild = { ...calm, close: calm.close.slice(), high: calm.high.slice(), low: calm.low.slice() };
    for (let i = 1185; i < 1200; i += 1) {
      wild.close[i] *= i % 2 === 0 ? 1.1 : 0.9;
      wild.high[i] *= 1.15;
      wild.low[i] *= 0.85;
    }
    const band = (series: Series, h: number) => {
      const { quantiles } = model.fit(series).predict(h).steps[h - 1];
      return Math.log(quantiles[quantileIndex(0.9)] / quantiles[quantileIndex(0.1)]);
    };
    const growth = (h: number) => band(wild, h) / band(calm, h);
    expect(growth(1)).toBeGreaterThan(2);
    expect(growth(30)).toBeLessThan(0.6 * growth(1));
  });

  it("follows what the minutes say of a day, where its high and low say nothing", () => {
    const calm = randomWalk(7, 1200);
    const width = (level: number) => {
      const variance = calm.close.map((_, i) => (i < 1190 ? 0.001 : level));
      const { quantiles } = model.fit({ ...calm, variance }).predict(1).steps[0];
      return Math.log(quantiles[quantileIndex(0.9)] / quantiles[quantileIndex(0.1)]);
    };
    expect(width(0.01) / width(0.001)).toBeGreaterThan(1.2);
    expect(width(0.0001) / width(0.001)).toBeLessThan(0.9);
  });

  it("is not thrown off by years of closes without ranges", () => {
    const full = randomWalk(8, 1500);
    const field = (name: "open" | "high" | "low") =>
      full[name].map((price, i) => (i < 1100 ? full.close[i] : price));
    const mixed = { ...full, open: field("open"), high: field("high"), low: field("low") };
    const widthOf = (series: Series) => {
      const { quantiles } = model.fit(series).predict(1).steps[0];
      return quantiles[quantileIndex(0.9)] - quantiles[quantileIndex(0.1)];
    };
    expect(widthOf(mixed) / widthOf(full)).toBeGreaterThan(0.8);
    expect(widthOf(mixed) / widthOf(full)).toBeLessThan(1.25);
  });

  it("takes a single wrong high for what it is", () => {
    const series = randomWalk(9, 900);
    const high = series.high.map((price, i) => (i === 880 ? price * 1000 : price));
    const { quantiles } = model.fit({ ...series, high }).predict(30).steps[29];
    const plain = model.fit(series).predict(30).steps[29].quantiles;
    expect(quantiles[quantileIndex(0.9)] / plain[quantileIndex(0.9)]).toBeLessThan(1.05);
  });
});

describe("members", () => {
  it("gaussian: the last year's sigma × √h", () => {
    const returns = Float64Array.from({ length: 800 }, (_, i) => (i < 435 ? 5 : i % 2 === 0 ? 0.01 : -0.01));
    const sigma = 0.01 * Math.sqrt(365 / 364);
    expect(gaussian(returns).quantiles(4)[quantileIndex(0.9)]).toBeCloseTo(
      normalQuantile(0.9) * sigma * 2,
      5,
    );
  });

  it("empirical: quantiles of what happened over h days, all of it or the last year", () => {
    const logClose = Float64Array.from({ length: 800 }, (_, i) => (i < 400 ? 0 : (i - 400) * 0.01));
    expect(empirical(logClose).quantiles(10)[quantileIndex(0.025)]).toBe(0);
    expect(empirical(logClose).quantiles(10)[quantileIndex(0.975)]).toBeCloseTo(0.1, 12);
    expect(empiricalYear(logClose).quantiles(10)[quantileIndex(0.025)]).toBeCloseTo(0.1, 12);
  });

  it("scaled: symmetric, and as wide as today's volatility", () => {
    const { close } = randomWalk(3, 700);
    const returns = returnsOf(priceSeries(close));
    const squares = returns.map((r) => r * r);
    const quantiles = scaled({
      name: "x",
      logClose: close.map(Math.log),
      returns,
      variances: squares,
      decay: 0.97,
    }).quantiles(5);
    quantiles.forEach((q, i) => {
      expect(q).toBeCloseTo(-quantiles.at(-1 - i)!, 14);
    });
  });
});

function returnsOf({ close }: Series): Float64Array {
  return close.slice(1).map((price, i) => Math.log(price / close[i]));
}
