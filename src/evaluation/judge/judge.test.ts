import { describe, expect, it } from "vitest";
import { forecastDaysOf, honestForecasts, honestGuess, plantedLeaks } from "../../../testkit/judged.ts";
import { randomWalk, withGap } from "../../../testkit/series.ts";
import { naive } from "../../forecast/naive.ts";
import { forecasters } from "../../forecast/registry.ts";
import { backtest } from "../backtest.ts";
import { judge } from "./judge.ts";

const NAMES = ["naive", "drift", "seasonal_naive", "random_walk_ensemble", "theta"];

describe("judge", () => {
  it("gives our own forecasts the scores of our own evaluation", async () => {
    const series = withGap(randomWalk(3, 700), 420, 450);
    const { windows, models } = await backtest(series, forecasters(NAMES));
    const judged = judge(series, windows.flatMap(forecastDaysOf));
    for (const score of models) {
      const own = judged.find(({ model }) => model === score.model)!;
      expect(own).toMatchObject({ cutoffs: score.cutoffs, days: score.days, pending: expect.any(Number) });
      for (const name of ["mae", "mape", "mase", "crps", "pinball10", "pinball50", "pinball90"] as const)
        expect(own[name]! / score[name]!).toBeCloseTo(1, 12);
      const band = own.bands.find(({ level }) => level === 80)!;
      expect(band.coverage).toBeCloseTo(score.coverage80!, 10);
      expect(band.intervalScore / score.intervalScore80!).toBeCloseTo(1, 12);
      expect(own.skill).toBeCloseTo(score.skill!, 10);
      if (score.dmT === null) expect(own.dmT).toBeNull();
      else expect(own.dmT).toBeCloseTo(score.dmT, 8);
      expect(own.suspicions).toEqual([]);
    }
  });

  it("knows the naive when it sees it, in any form", () => {
    const series = randomWalk(4, 600);
    for (const kind of ["quantiles", "samples", "bands"] as const) {
      const [own] = judge(series, honestForecasts(series, naive(), { horizon: 10, step: 10, kind }));
      expect(own.skill).toBeCloseTo(0, kind === "samples" ? 2 : 9);
      expect(own.bands.map(({ level }) => level)).toEqual(expect.arrayContaining([80, 95]));
    }
  });

  it("has an interval of skill around it, and corrects p for the number of models", async () => {
    const series = randomWalk(5, 900);
    const { windows } = await backtest(series, forecasters(NAMES), { step: 7 });
    for (const one of judge(series, windows.flatMap(forecastDaysOf))) {
      if (one.model === "naive") continue;
      expect(one.skillLow!).toBeLessThan(one.skill!);
      expect(one.skillHigh!).toBeGreaterThan(one.skill!);
      expect(one.dmPHolm!).toBeGreaterThanOrEqual(one.dmP!);
    }
  });

  it("counts days that have not come, or have no data, and cutoffs that it can't score", () => {
    const series = withGap(randomWalk(6, 300), 200, 203);
    const forecasts = honestForecasts(randomWalk(6, 310), naive(), { horizon: 10, step: 10, from: 60 });
    const [own] = judge(series, forecasts);
    // Cutoffs after 60, 70 … 300 days: that after 200 has 3 filled days ahead, the last one's have not come.
    expect(own).toMatchObject({ cutoffs: 24, unscored: 0, pending: 3 + 10 });
    const late = withGap(series, 40, 75);
    // After 60 and 70 days the cutoff is filled, after 80 and 90 it has fewer than 60 days before it.
    expect(judge(late, forecasts)[0]).toMatchObject({ unscored: 40 });
  });
});

describe("suspected leaks", () => {
  it.each(plantedLeaks)("%s", (_, plant) => {
    for (const seed of [1, 2, 3]) {
      const series = randomWalk(seed, 1100);
      const [own] = judge(series, plant(series));
      expect(own.suspicions.map(({ en }) => en)).not.toEqual([]);
    }
  });

  it("has none for 200 honest forecasts", () => {
    const found = Array.from({ length: 200 }, (_, seed) => {
      const plan = { horizon: [1, 7, 30][seed % 3], step: [7, 7, 30][seed % 3] };
      const series = randomWalk(1000 + (seed % 20), 500 + 30 * (seed % 20));
      return judge(series, honestGuess(series, seed, plan)).flatMap(({ suspicions }) => suspicions);
    });
    expect(found.flat()).toEqual([]);
  });
});
