import { describe, expect, it } from "vitest";
import { priceSeries, randomWalk } from "../../../testkit/series.ts";
import { addDays, type Day, startOfDay } from "../../time/day.ts";
import { QUANTILE_LEVELS, type Series } from "../forecaster.ts";
import { naive } from "../naive.ts";
import { BITCOIN_HALVINGS, knownFuture, lagged, Prophet, prophet, type Regressor } from "./prophet.ts";

const series = randomWalk(1, 300);
const { days, close } = series;
const last = close[close.length - 1];
const few = { uncertaintySamples: 100 };
const stepsOf = (options: Parameters<typeof prophet>[0], of: Series = series, horizon = 14) =>
  prophet({ ...few, ...options })
    .fit(of)
    .predict(horizon).steps;
const future = Array.from({ length: 14 }, (_, i) => startOfDay(addDays(days[299], i + 1)));

describe("Prophet on daily closes", () => {
  it("on log price is Prophet on the logarithm, brought back to the price", () => {
    const own = new Prophet(few).fit({ ds: days.map(startOfDay), y: Array.from(close, Math.log) });
    const { yhat, trend, quantiles } = own.predict({ ds: future }, { seed: 300, levels: QUANTILE_LEVELS });
    stepsOf({ log: true }).forEach((step, i) => {
      expect(step.yhat).toBeCloseTo(Math.exp(yhat[i]), 9);
      expect(step.components?.trend).toBeCloseTo(Math.exp(trend[i]), 9);
      expect([...step.quantiles]).toEqual(quantiles!.map((values) => Math.exp(values[i])));
    });
  });

  it("anchored is the same forecast, moved so that it starts from the last close", () => {
    const ds = days.map(startOfDay);
    const level = new Prophet(few).fit({ ds, y: close }).predict({ ds: [startOfDay(days[299])] }).yhat[0];
    const logs = new Prophet(few).fit({ ds, y: close.map(Math.log) });
    const logLevel = logs.predict({ ds: [startOfDay(days[299])] }).yhat[0];
    const [free, anchored] = [stepsOf({}), stepsOf({ anchored: true })];
    const [freeLog, anchoredLog] = [stepsOf({ log: true }), stepsOf({ log: true, anchored: true })];
    expect(Math.abs(last - level)).toBeGreaterThan(1e-3 * last);
    for (const i of [0, 6, 13]) {
      for (const k of [0, 10, 20]) {
        expect(anchored[i].quantiles[k] - free[i].quantiles[k]).toBeCloseTo(last - level, 6);
        expect(anchoredLog[i].quantiles[k] / freeLog[i].quantiles[k]).toBeCloseTo(
          last / Math.exp(logLevel),
          9,
        );
      }
      expect(anchored[i].yhat - free[i].yhat).toBeCloseTo(last - level, 6);
      expect(anchored[i].components!.trend! - free[i].components!.trend!).toBeCloseTo(last - level, 6);
    }
  });

  it("grows towards a capacity that is given as a price, on log price too", () => {
    const rising = priceSeries(
      Array.from({ length: 300 }, (_, i) => 100 / (1 + Math.exp(-(i - 100) / 40)) + 5),
    );
    for (const log of [false, true]) {
      const steps = stepsOf({ growth: "logistic", cap: 106, floor: 1, log }, rising, 400);
      expect(steps[399].yhat).toBeGreaterThan(95);
      expect(steps[399].yhat).toBeLessThan(108);
    }
  });

  it("takes the calendar and lagged columns, which know nothing of the days to come", () => {
    const regressors = [
      { name: "month_end", availability: knownFuture },
      { name: "close_before", availability: lagged(14) },
    ];
    const calendar = { month_end: (day: Day) => (addDays(day, 1).endsWith("-01") ? 1 : 0) };
    const features = { close_before: (seen: Series) => seen.close };
    const model = prophet({ ...few, regressors, calendar, features, holidays: BITCOIN_HALVINGS });
    // Functions don't go to a worker thread.
    expect(model.spec).toBeUndefined();
    const fitted = model.fit(series);
    expect(fitted.predict(14).steps.every(({ yhat }) => Number.isFinite(yhat))).toBe(true);
    expect(() => fitted.predict(15)).toThrow(expect.objectContaining({ code: "regressor_availability" }));
  });

  it("has no type for a regressor whose value of the day is not known", () => {
    // @ts-expect-error the day's own value is not known at the cutoff
    const sameDay = { name: "ma7", availability: { kind: "sameDay" } } satisfies Regressor;
    // @ts-expect-error when it is known has to be said
    const unsaid = { name: "ma7" } satisfies Regressor;
    for (const regressor of [sameDay, unsaid] as Regressor[]) {
      const options = { regressors: [regressor], features: { ma7: (seen: Series) => seen.close } };
      expect(() => prophet(options).fit(series)).toThrow(
        expect.objectContaining({ code: "regressor_availability", exit: 2 }),
      );
    }
  });

  it("is named after what it does, and has to draw its band", () => {
    const names = [
      {},
      { log: true, anchored: true },
      { seasonalityMode: "multiplicative" as const },
      { name: "mine" },
    ];
    expect(names.map((options) => prophet(options).name)).toEqual([
      "prophet",
      "prophet_log_anchored",
      "prophet_multiplicative",
      "mine",
    ]);
    expect(() => prophet({ uncertaintySamples: 0 })).toThrow(
      expect.objectContaining({ code: "prophet_option" }),
    );
  });
});

it("a price that is not finite is an error that says why, never a row", () => {
  const wild = priceSeries(Array.from({ length: 90 }, (_, i) => 10 ** (i % 2 === 0 ? -8 : 8)));
  const steep = priceSeries(Array.from({ length: 90 }, (_, i) => 10 ** (-8 + (16 * i) / 89)));
  const failed = { code: "forecast_not_finite", exit: 1, message: expect.stringContaining("TESTUSDT") };
  expect(() => naive().fit(wild).predict(3650)).toThrow(expect.objectContaining(failed));
  expect(() => stepsOf({ log: true }, steep, 3650)).toThrow(expect.objectContaining(failed));
});
