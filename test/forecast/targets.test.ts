import { describe, expect, it } from "vitest";
import { backtest } from "../../src/evaluation/backtest.ts";
import { randomWalkEnsemble } from "../../src/forecast/ensemble/ensemble.ts";
import type { Series } from "../../src/forecast/forecaster.ts";
import { naive } from "../../src/forecast/naive.ts";
import { prophet } from "../../src/forecast/prophet/prophet.ts";
import { headOf } from "../../src/forecast/series.ts";
import { ets } from "../../src/forecast/smoothing/ets.ts";
import { theta } from "../../src/forecast/smoothing/theta.ts";
import { onWorkers } from "../../src/forecast/workerPool.ts";
import { binanceDaily, dataFolder, goldenCloses } from "../../testkit/realSeries.ts";

const data = dataFolder();
const runner = onWorkers(2);

// Frozen data, no chance involved: the figures are exact, the targets those of the design.
describe.skipIf(data === null).each([
  // The candles of the design's ETH table, 2017-08-17 → 2025-12-31.
  {
    name: "ETH",
    series: () => headOf(binanceDaily(data!, "ETHUSDT"), 3059),
    cutoffs: 65,
    month: 0.02,
    day: 0.06,
  },
  { name: "BTC", series: () => binanceDaily(data!, "BTCUSDT"), cutoffs: 73, month: 0.04, day: 0.08 },
  // The closes of the design's BTC table; a close without a range is all there is before 2017.
  {
    name: "BTC from 2012",
    series: () => goldenCloses(data!, "btc"),
    cutoffs: 130,
    month: 0.04,
    day: 0.08,
  },
])("the default model on $name", ({ series, cutoffs, month, day }) => {
  it("holds its bands and beats the naive's", async () => {
    const evaluation = await backtest(series() as Series, [naive(), randomWalkEnsemble()], { runner });
    const [benchmark, ensemble] = evaluation.models;
    expect(ensemble.cutoffs).toBe(cutoffs);
    expect(evaluation.leftOut).toEqual([]);
    expect(ensemble.skill!).toBeGreaterThan(month);
    expect(ensemble.byStep[0].skill!).toBeGreaterThan(day);
    expect(Math.abs(ensemble.coverage80! - 80)).toBeLessThan(5);
    expect(Math.abs(ensemble.coverage95! - 95)).toBeLessThan(3);
    expect(ensemble.mape! - benchmark.mape!).toBeLessThan(0.1);
    console.log(
      `${ensemble.cutoffs} cutoffs: CRPS skill ${percent(ensemble.skill)} over 30 days, ` +
        `${percent(ensemble.byStep[0].skill)} at 1; bands hold ${ensemble.coverage80?.toFixed(1)} and ` +
        `${ensemble.coverage95?.toFixed(1)} %; MAPE ${ensemble.mape?.toFixed(2)}, naive ${benchmark.mape?.toFixed(2)}`,
    );
  });
});

// statsforecast 2.1.1, AutoTheta and AutoETS ("ZZN") on log price, the same 130 and 65 cutoffs: bench/forecast.
it.skipIf(data === null)(
  "theta and ets forecast Bitcoin and Ether no worse than statsforecast's, Prophet as Python's",
  async () => {
    const all = [naive(), theta(), ets(), prophet()];
    const { models } = await backtest(goldenCloses(data!, "btc"), all, { runner });
    const [, ours, smoothing, described] = models;
    console.log(`MAPE over 130 cutoffs: theta ${ours.mape?.toFixed(3)}, ets ${smoothing.mape?.toFixed(3)}`);
    expect(ours).toMatchObject({ model: "theta", cutoffs: 130 });
    expect(ours.mape!).toBeLessThan(9.836);
    expect(smoothing.mape!).toBeLessThan(10.163);
    const ether = await backtest(goldenCloses(data!, "eth"), all.slice(0, 3), { runner });
    const [, etherTheta, etherEts] = ether.models;
    expect(etherTheta).toMatchObject({ model: "theta", cutoffs: 65 });
    expect(etherTheta.mape!).toBeLessThan(11.8);
    expect(etherEts.mape!).toBeLessThan(12);
    // The design's table, and Python's cross_validation: 38.68 and 31.2.
    expect(Math.abs(described.mape! - 38.7)).toBeLessThan(0.5);
    expect(Math.abs(described.coverage80! - 31)).toBeLessThan(1.5);
    expect(Math.abs(described.coverage95! - 44)).toBeLessThan(1.5);
    expect(Math.abs(described.skill! + 3.04)).toBeLessThan(0.1);
  },
);

function percent(skill: number | null): string {
  return `${(100 * skill!).toFixed(2)} %`;
}
