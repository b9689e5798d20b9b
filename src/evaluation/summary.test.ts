import { expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { randomWalkEnsemble } from "../forecast/ensemble/ensemble.ts";
import { type Forecaster, quantileIndex } from "../forecast/forecaster.ts";
import { naive } from "../forecast/naive.ts";
import { prophet } from "../forecast/prophet/prophet.ts";
import { backtest } from "./backtest.ts";
import { DETAIL_COLUMNS, detailRows } from "./evaluationRows.ts";
import { ageText, SUMMARY_COLUMNS, type Summarized, summarize, summaryRows } from "./summary.ts";

const MODEL = "random_walk_ensemble";
const models = (): Forecaster[] => [naive(), randomWalkEnsemble(), prophet({ uncertaintySamples: 100 })];

async function found(days: number, horizon = 30): Promise<Summarized> {
  const series = randomWalk(1, days);
  const { models: scores } = await backtest(series, models(), { horizon });
  const forecasts = models().map((model) => model.fit(series).predict(horizon));
  const last = days - 1;
  return { symbol: "TESTUSDT", cutoff: series.days[last], lastClose: series.close[last], forecasts, scores };
}

it("says first what an analyst wants to see first", async () => {
  const facts = await found(500);
  const now = Date.parse(`${facts.cutoff}T24:00:00Z`) + 14.9 * 3_600_000;
  const summary = summarize(facts, MODEL, now);
  expect(summary).toMatchObject({
    cutoff: facts.cutoff,
    ageHours: 14,
    lastClose: facts.lastClose,
    famousMape: 3.36,
  });
  expect(summary.bands.map(({ daysAhead }) => daysAhead)).toEqual([1, 7, 30]);
  const { steps } = facts.forecasts[1];
  for (const band of summary.bands) {
    const { ds, quantiles } = steps[band.daysAhead - 1];
    expect(band.ds).toBe(ds);
    expect([band.lo95, band.lo80, band.median, band.hi80, band.hi95]).toEqual(
      [0.025, 0.1, 0.5, 0.9, 0.975].map((level) => quantiles[quantileIndex(level)]),
    );
    expect(band.rise).toBeGreaterThan(0.3);
    expect(band.rise).toBeLessThan(0.7);
  }
  const score = (name: string) => facts.scores.find(({ model }) => model === name)!;
  expect(summary.errors[2]).toEqual({
    daysAhead: 30,
    mape: score(MODEL).byStep[29].mape,
    naiveMape: score("naive").byStep[29].mape,
  });
  const worse = (100 * (score("prophet").mape! / score("naive").mape! - 1)).toFixed(0);
  expect(summary.sentence.en).toBe(
    `TESTUSDT: by MAPE, Prophet is ${worse} % worse than yesterday's price over ${score(MODEL).cutoffs} windows; ` +
      `the default's 80 % band held ${score(MODEL).coverage80!.toFixed(0)} % of the time.`,
  );
  const rows = summaryRows([summary]);
  expect(rows.map((row) => Object.keys(row))).toEqual(Array(3).fill(SUMMARY_COLUMNS));
});

it("the probability of a rise is the share of the distribution above the last close", async () => {
  const facts = await found(120);
  const riseOf = (lastClose: number) => summarize({ ...facts, lastClose }, "naive", 0).bands[0].rise;
  const { quantiles } = facts.forecasts[0].steps[0];
  expect(riseOf(quantiles[quantileIndex(0.15)])).toBeCloseTo(0.85, 12);
  expect(riseOf((quantiles[quantileIndex(0.15)] + quantiles[quantileIndex(0.2)]) / 2)).toBeCloseTo(0.825, 12);
  expect(riseOf(quantiles[quantileIndex(0.025)] / 2)).toBeCloseTo(0.975, 12);
  expect(riseOf(quantiles[quantileIndex(0.975)] * 2)).toBeCloseTo(0.025, 12);
});

it("says the age in hours for two days, then in days", () => {
  expect([0, 47, 48, 11_127].map((hours) => ageText(hours).en)).toEqual([
    "0 hours old",
    "47 hours old",
    "2 days old",
    "463 days old",
  ]);
});

it("admits that it can't tell how good it is, and shows no day that was not forecast", async () => {
  const summary = summarize(await found(120, 5), MODEL, 0);
  expect(summary.sentence.en).toContain("too short to say");
  expect(summary.bands.map(({ daysAhead }) => daysAhead)).toEqual([1, 5]);
  expect(summary.ageHours).toBe(0);
});

it("details hold every score by step and by year", async () => {
  const evaluation = await backtest(randomWalk(1, 500), models());
  const rows = detailRows(evaluation);
  expect(Object.keys(rows[0])).toEqual(DETAIL_COLUMNS);
  // Three models and the ceiling: once all, 30 steps, and the years of the test windows.
  const years = evaluation.models[0].byYear.length;
  expect(rows).toHaveLength(4 * (1 + 30 + years));
  const step = rows.find((row) => row.model === "prophet" && row.by === "step" && row.at === 7);
  expect(step?.intervalScore80).toBe(evaluation.models[2].byStep[6].intervalScore80);
  expect(rows.filter(({ leaked }) => leaked).every(({ model }) => model === "volatility_oracle")).toBe(true);
});
