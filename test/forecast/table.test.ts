import { describe, expect, it } from "vitest";
import { backtest } from "../../src/evaluation/backtest.ts";
import { prophet } from "../../src/forecast/prophet/prophet.ts";
import { forecasters } from "../../src/forecast/registry.ts";
import { onWorkers } from "../../src/forecast/workerPool.ts";
import { dataFolder, goldenCloses } from "../../testkit/realSeries.ts";

const data = dataFolder();

interface Row {
  model: string;
  mape: number;
  /** CRPS skill over naive, percent; where it was measured. */
  skill?: number;
  coverage?: [number, number];
}

// What the design measured with Python Prophet 1.5.0 and statsforecast 2.1.1. Ours are the same models at the exact
// optimum, so the figures come near and are not the same: Prophet's L-BFGS stops short most where seasons multiply, and
// there the skill moves by 3 %.
const measured: { asset: "btc" | "eth"; cutoffs: number; rows: Row[] }[] = [
  {
    asset: "btc",
    cutoffs: 130,
    rows: [
      { model: "naive", mape: 9.83, skill: 0, coverage: [90, 98] },
      { model: "seasonal_naive", mape: 11.41, skill: -15, coverage: [89, 97] },
      { model: "ets", mape: 10.16, coverage: [90, 98] },
      { model: "prophet", mape: 38.7, skill: -304, coverage: [31, 44] },
      { model: "prophet_multiplicative", mape: 49.8, skill: -451, coverage: [15, 21] },
      { model: "volatility_oracle", mape: 9.83, skill: 6.4 },
    ],
  },
  {
    asset: "eth",
    cutoffs: 65,
    rows: [
      { model: "naive", mape: 11.72, skill: 0 },
      { model: "theta", mape: 11.72, skill: 0.6 },
      { model: "prophet", mape: 29.0, skill: -153, coverage: [34, 49] },
      { model: "prophet_multiplicative", mape: 28.6, skill: -158, coverage: [25, 38] },
      { model: "volatility_oracle", mape: 11.72, skill: 3.7 },
    ],
  },
];

describe.skipIf(data === null).each(measured)("the design's table, $asset", ({ asset, cutoffs, rows }) => {
  it("comes out again", async () => {
    const names = rows.map(({ model }) => model);
    const shipped = forecasters(names.filter((name) => !/oracle|multiplicative/.test(name)));
    if (asset === "eth") shipped.push(...forecasters(["prophet_log_anchored"]));
    const models = [...shipped, prophet({ seasonalityMode: "multiplicative" })];
    const found = await backtest(goldenCloses(data!, asset), models, { runner: onWorkers(2) });
    const scores = [...found.models, found.ceiling];
    expect(scores.map(({ cutoffs: count }) => count)).toEqual(scores.map(() => cutoffs));
    for (const { model, mape, skill, coverage } of rows) {
      const score = scores.find((one) => one.model === model)!;
      expect(Math.abs(score.mape! / mape - 1)).toBeLessThan(0.025);
      if (skill !== undefined) {
        expect(Math.abs(100 * score.skill! - skill)).toBeLessThan(1 + 0.035 * Math.abs(skill));
      }
      const [held80, held95] = coverage ?? [score.coverage80!, score.coverage95!];
      expect(Math.abs(score.coverage80! - held80)).toBeLessThan(2);
      expect(Math.abs(score.coverage95! - held95)).toBeLessThan(2);
      expect(score.leaked).toBe(model === "volatility_oracle");
    }
    // Python's cross_validation of the defaults on Bitcoin: 38.68 and 31.2; the optimum comes nearer than the others.
    const described = scores.find(({ model }) => model === "prophet")!;
    if (asset === "btc") {
      expect(Math.abs(described.mape! - 38.68)).toBeLessThan(0.5);
      expect(Math.abs(described.coverage80! - 31.2)).toBeLessThan(1.5);
      expect(Math.abs(described.skill! + 3.04)).toBeLessThan(0.1);
    }
    const errorOf = (name: string) => scores.find(({ model }) => model === name)!.mape!;
    // Anchored on log price it is 2 to 3 points behind the naive, and holds about 80 %.
    const anchored = scores.find(({ model }) => model === "prophet_log_anchored");
    if (asset === "eth") {
      expect(Math.abs(anchored!.mape! - errorOf("naive") - 2.5)).toBeLessThan(0.5);
      expect(Math.abs(anchored!.coverage80! - 80)).toBeLessThan(3);
    }
    // The famous sentence.
    const worse = 100 * (errorOf("prophet") / errorOf("naive") - 1);
    expect(worse).toBeGreaterThan(100);
  });
});
