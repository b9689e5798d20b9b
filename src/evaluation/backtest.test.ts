import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binanceDaily, dataFolder, goldenCloses } from "../../testkit/realSeries.ts";
import { priceSeries, randomWalk, withGap } from "../../testkit/series.ts";
import { inputError } from "../core/errors.ts";
import type { ProgressEvent } from "../core/progress.ts";
import { drift } from "../forecast/drift.ts";
import { type Forecaster, quantileIndex, type Series } from "../forecast/forecaster.ts";
import { naive } from "../forecast/naive.ts";
import { forecasters } from "../forecast/registry.ts";
import { seasonalNaive } from "../forecast/seasonalNaive.ts";
import type { Day } from "../time/day.ts";
import { backtest } from "./backtest.ts";
import { forecastRows, metricRows, quantileRows, resultRows } from "./evaluationRows.ts";
import { crps, mape } from "./losses.ts";
import { outcomesOf } from "./outcome.ts";

const models = () => [naive(), drift(), seasonalNaive()];
const data = dataFolder();

describe("backtest", () => {
  it("scores every model on the same cutoffs, beside the naive", async () => {
    const series = randomWalk(1, 400);
    const evaluation = await backtest(series, models());
    expect(evaluation).toMatchObject({ scored: true, horizon: 30, step: 30, initial: 133, leftOut: [] });
    expect(evaluation.cutoffs).toHaveLength(8);
    expect(evaluation.windows).toHaveLength(24);
    for (const model of evaluation.models) {
      expect(model.cutoffs).toBe(8);
      expect(model.days).toBe(240);
      expect(model.byStep.map(({ stepsAhead }) => stepsAhead)).toEqual(
        Array.from({ length: 30 }, (_, i) => i + 1),
      );
      expect(model.byStep.every(({ days }) => days === 8)).toBe(true);
      expect(model.byYear.map(({ year }) => year)).toEqual([2020, 2021]);
      const outcomes = evaluation.windows.filter((w) => w.model === model.model).flatMap(outcomesOf);
      expect(crps(outcomes)).toBe(model.crps);
    }
    const [first, second] = evaluation.models;
    expect(first).toMatchObject({ model: "naive", skill: 0, relativeMae: 1, dmT: null, leaked: false });
    expect(second.skill).toBeCloseTo(1 - second.crps! / first.crps!, 12);
    expect(second.dmT).not.toBeNull();
  });

  it("publishes a short series unscored", async () => {
    const evaluation = await backtest(randomWalk(1, 200), models());
    expect(evaluation).toMatchObject({ scored: false, windows: [] });
    expect(evaluation.cutoffs).toHaveLength(3);
    for (const model of evaluation.models) {
      expect(model).toMatchObject({ cutoffs: 0, mape: null, crps: null, skill: null, dmT: null, byStep: [] });
    }
  });

  it("leaves out, and names, a model that needs more history or refuses", async () => {
    const greedy: Forecaster = { ...drift(), name: "greedy", needs: { days: 300, columns: ["close"] } };
    const moody: Forecaster = {
      ...drift(),
      name: "moody",
      fit(series) {
        if (series.days.length > 200) throw inputError("moody", "It will not.", "Ask another.");
        return drift().fit(series);
      },
    };
    const evaluation = await backtest(randomWalk(1, 400), [greedy, naive(), moody]);
    expect(evaluation.leftOut).toEqual([
      { model: "greedy", reason: expect.stringContaining("needs 300 days of history") },
      { model: "moody", reason: "It will not." },
    ]);
    expect(evaluation.models.map(({ model, cutoffs }) => [model, cutoffs])).toEqual([
      ["greedy", 0],
      ["naive", 8],
      ["moody", 0],
    ]);
  });

  it("tests the difference on windows that don't overlap", async () => {
    const series = randomWalk(2, 400);
    const apart = await backtest(series, models(), { step: 30, initial: 130 });
    const close = await backtest(series, models(), { step: 10, initial: 130 });
    expect(close.cutoffs.length).toBeGreaterThan(2 * apart.cutoffs.length);
    expect(close.models[1].dmT).toBeCloseTo(apart.models[1].dmT!, 12);
  });

  it("scores no filled day, and has no cutoff there", async () => {
    const series = withGap(randomWalk(4, 700), 400, 520);
    const evaluation = await backtest(series, models(), { horizon: 30, step: 10 });
    const isFilled = (day: Day) => series.filled![series.days.indexOf(day)] === 1;
    expect(evaluation.filled).toEqual({ days: 120, cutoffs: 14 }); // 12 filled days, and 2 windows of too few days
    expect(evaluation.cutoffs.some(isFilled)).toBe(false);
    expect(evaluation.windows.flatMap(resultRows).some(({ ds }) => isFilled(ds))).toBe(false);
    const [first] = evaluation.models;
    expect(first.days).toBeLessThan(30 * first.cutoffs);
    expect(first.byStep.find(({ stepsAhead }) => stepsAhead === 30)!.days).toBeLessThan(first.cutoffs);
    for (const step of evaluation.ceiling.byStep) expect(step.crps).toBeGreaterThan(0);
  });

  it("has the error of the real days one day ahead, however many are filled", async () => {
    const full = randomWalk(5, 500);
    const series = withGap(full, 150, 400);
    const { models: scores, cutoffs } = await backtest(series, models(), { horizon: 1, initial: 100 });
    const moves = cutoffs.map((day) => {
      const i = series.days.indexOf(day);
      return 100 * Math.abs(full.close[i] / full.close[i + 1] - 1);
    });
    expect(cutoffs).toHaveLength(149); // 50 before the gap, 99 from its end on
    expect(scores[0].mape).toBeCloseTo(moves.reduce((a, b) => a + b) / moves.length, 9);
  });

  it("has no t of rounding for a constant price", async () => {
    for (const price of [0.1, 7, 61_234.56]) {
      const found = await backtest(priceSeries(Array(200).fill(price)), forecasters(), { step: 10 });
      for (const { dmT, skill } of found.models) expect([dmT, skill ?? 0]).toEqual([null, 0]);
    }
  });

  it("answers for a constant price: no error, so no skill to speak of", async () => {
    const { models: scores } = await backtest(priceSeries(Array(400).fill(7)), models());
    for (const score of scores)
      expect(score).toMatchObject({ mae: 0, crps: 0, skill: null, mase: null, dmT: null });
  });

  it("needs the naive, once", async () => {
    await expect(backtest(randomWalk(1, 400), [drift()])).rejects.toMatchObject({ code: "no_naive" });
    await expect(backtest(randomWalk(1, 400), [naive(), naive()])).rejects.toMatchObject({
      code: "model_twice",
    });
  });

  it("stops when aborted, and tells how far it is until then", async () => {
    const controller = new AbortController();
    const events: ProgressEvent[] = [];
    const progress = (event: ProgressEvent) => {
      events.push(event);
      if (event.done === 5) setTimeout(() => controller.abort(), 0);
    };
    const series = randomWalk(1, 1400);
    const run = backtest(series, models(), { step: 1 }, { progress, signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: "interrupted", exit: 130 });
    expect(events[4]).toMatchObject({ stage: "evaluate", done: 5, note: "TESTUSDT naive" });
    expect(events.length).toBeLessThan(events[0].total!);
  });

  it("lets no day after the cutoff change a forecast", async () => {
    const all = randomWalk(3, 400);
    const { windows } = await backtest(all, models());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 7 }), fc.integer(), async (at, seed) => {
        const from = all.days.indexOf(windows[at].cutoff) + 1;
        const after = await backtest(withOtherFuture(all, from, seed), models());
        const upTo = (made: typeof windows) =>
          made.filter(({ cutoff }) => cutoff <= windows[at].cutoff).map(({ forecast }) => forecast);
        expect(upTo(after.windows)).toEqual(upTo(windows));
      }),
      { numRuns: 8 },
    );
  });
});

describe("rows of the contract", () => {
  it("have its columns, in its order", async () => {
    const evaluation = await backtest(randomWalk(1, 400), models());
    const [metric] = metricRows(evaluation);
    expect(Object.keys(metric).join()).toBe(
      "symbol,model,cutoffs,horizon,mae,rmse,mape,mase,crps,coverage80,coverage95,width80,skill,dm_t,leaked",
    );
    const { forecast } = evaluation.windows[0];
    const quantiles = quantileRows(forecast);
    expect(Object.keys(quantiles[0]).join()).toBe("symbol,model,cutoff,ds,steps_ahead,quantile,value");
    expect(quantiles).toHaveLength(30 * 21);
    const at = (level: number) => forecast.steps[0].quantiles[quantileIndex(level)];
    expect(quantiles[quantileIndex(0.975)]).toMatchObject({ quantile: 0.975, value: at(0.975) });
    const [row] = forecastRows(forecast, 0.04);
    expect(Object.keys(row).join()).toBe(
      "symbol,model,cutoff,ds,steps_ahead,yhat,lo80,hi80,lo95,hi95,trend,weekly,yearly,skill",
    );
    expect([row.lo95, row.lo80, row.hi80, row.hi95]).toEqual([0.025, 0.1, 0.9, 0.975].map(at));
    const results = resultRows(evaluation.windows[0]);
    expect(results[29]).toMatchObject({ steps_ahead: 30, actual: evaluation.windows[0].actual[29] });
  });
});

describe.skipIf(data === null)("the design's table, on the closes that it was measured on", () => {
  it.each([
    ["btc", 130, { naive: 9.83, seasonal_naive: 11.41 }],
    ["eth", 65, { naive: 11.72, seasonal_naive: 12.85 }],
  ] as const)("%s", async (asset, cutoffs, expected) => {
    const { models: scores } = await backtest(goldenCloses(data!, asset), models());
    for (const [name, value] of Object.entries(expected)) {
      const score = scores.find(({ model }) => model === name)!;
      expect(score.cutoffs).toBe(cutoffs);
      expect(score.mape).toBeCloseTo(value, 2);
    }
  });

  it("btc: how often the naive's band held, and the skill of a season", async () => {
    const { models: scores } = await backtest(goldenCloses(data!, "btc"), models());
    expect(scores[0].coverage80).toBeCloseTo(90, -0.5);
    expect(scores[2].skill).toBeCloseTo(-0.15, 2);
  });

  it("one hold-out of 30 days is noise: a day later the naive's error is another", () => {
    const { close } = binanceDaily(data!, "BTCUSDT");
    const errorFrom = (cutoff: number) =>
      mape(
        Array.from(
          close.subarray(cutoff, cutoff + 30),
          (actual) => ({ actual, yhat: close[cutoff - 1] }) as never,
        ),
      )!;
    const moves = Array.from({ length: 300 }, (_, i) => errorFrom(3200 - i) - errorFrom(3201 - i));
    expect(Math.max(...moves.map(Math.abs))).toBeGreaterThan(2);
  });
});

function withOtherFuture(series: Series, from: number, seed: number): Series {
  const other = randomWalk(seed, series.days.length);
  const swap = (field: "open" | "high" | "low" | "close") =>
    series[field].map((price, i) => (i < from ? price : other[field][i]));
  return { ...series, open: swap("open"), high: swap("high"), low: swap("low"), close: swap("close") };
}
