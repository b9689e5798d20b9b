import { describe, expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { leakLesson } from "../course/leakLesson.ts";
import { backtest } from "../evaluation/backtest.ts";
import { resultRows } from "../evaluation/evaluationRows.ts";
import { randomWalkEnsemble } from "../forecast/ensemble/ensemble.ts";
import { naive } from "../forecast/naive.ts";
import { prophetComponents } from "../forecast/prophet/prophet.ts";
import { coverageChart, errorByStepChart, errorByYearChart } from "./accuracy.ts";
import { actualChart, lessonChart } from "./actual.ts";
import { componentsChart } from "./components.ts";
import type { Figure } from "./figure.ts";
import { inLanguage } from "./inLanguage.ts";
import { scoreChart } from "./scores.ts";

const source = "simulated" as const;
const series = randomWalk(1, 800);
type Trace = { name?: string; x: unknown[]; y: unknown[] };
const traces = (figure: Figure) => inLanguage(figure.interactive.data, "en") as Trace[];

const evaluation = () => backtest(series, [naive(), randomWalkEnsemble()]);
const forecasts = () => [naive(), randomWalkEnsemble()].map((model) => model.fit(series).predict(30));

/** What every figure must have: a static form that says what it shows, and whose prices these are. */
function expectWhole(figure: Figure, ...words: string[]): void {
  const svg = figure.svg();
  for (const word of ["SIMULATED", ...words]) expect(svg).toContain(word);
  expect(svg).not.toContain("NaN");
  expect(JSON.stringify(figure.interactive)).not.toContain("NaN");
}

describe("figures of the evaluation", () => {
  it("error by days ahead and by year: a line for each model, the naive on top", async () => {
    const { symbol, models: scores } = await evaluation();
    const byStep = errorByStepChart({ symbol, scores }, { source });
    expect(traces(byStep).map(({ name, x }) => [name, x.length])).toEqual([
      ["random_walk_ensemble", 30],
      ["naive", 30],
    ]);
    expect(traces(byStep)[1].y).toEqual(scores[0].byStep.map(({ mape }) => mape));
    expectWhole(byStep, "the famous 3.36 % (leaked)", `over ${scores[0].cutoffs} windows; `);
    expectWhole(errorByStepChart({ symbol, scores, step: 7 }, { source }), "windows, one every 7 days; ");
    const byYear = errorByYearChart({ symbol, scores }, { source, models: ["naive"] });
    expect(traces(byYear).map(({ x }) => x)).toEqual([scores[0].byYear.map(({ year }) => year)]);
    expectWhole(byYear);
    expect(() => errorByStepChart({ symbol, scores }, { source, models: ["nobody"] })).toThrow(
      expect.objectContaining({ code: "nothing_to_draw" }),
    );
  });

  it("coverage by days ahead, of the model that was asked for", async () => {
    const { symbol, models: scores } = await evaluation();
    const fan = { symbol, scores, forecasts: forecasts() };
    const figure = coverageChart(fan, { source, model: "naive" });
    expect(traces(figure)[0].y).toEqual(scores[0].byStep.map(({ coverage80 }) => coverage80));
    expectWhole(figure, "95 % band");
  });

  it("the ceiling stands in the scoreboard, marked as leaked", async () => {
    const { symbol, models: scores, ceiling } = await evaluation();
    const figure = scoreChart({ symbol, scores, ceiling, forecasts: forecasts() }, { source });
    expectWhole(figure, "volatility_oracle (leaked)");
  });

  it("actual against predicted counts the days inside the band", async () => {
    const { windows, models } = await evaluation();
    const rows = windows.flatMap(resultRows);
    const figure = actualChart(rows, { source, model: "naive" });
    expect(figure.alt.en).toContain(`${models[0].coverage80!.toFixed(1)} % in the 80 % band`);
    expect(traces(figure).map(({ name }) => name)).toContain("forecast");
    expectWhole(figure, "from its cutoff to the next, 30 days; ");
    // Overlapping windows: each day once, from the last cutoff before it.
    const weekly = await backtest(series, [naive()], { step: 7 });
    const close = actualChart(weekly.windows.flatMap(resultRows), { source });
    const forecast = traces(close).find(({ name }) => name === "forecast")!;
    const cutoff = series.days.indexOf(weekly.cutoffs[3]);
    expect(forecast.x.slice(21, 28)).toEqual(series.days.slice(cutoff + 1, cutoff + 8));
    expect(new Set(forecast.y.slice(21, 28))).toEqual(new Set([series.close[cutoff]]));
    expectWhole(close, "from its cutoff to the next, 7 days; ");
  });

  it("the lesson's chart marks what has seen the answer", () => {
    const lesson = leakLesson(series);
    const figure = lessonChart(lesson, { source });
    const marked = traces(figure).map(({ name }) => name?.includes("(leaked)"));
    expect(marked).toEqual([true, true, false, true, false]);
    expectWhole(figure, "averages (leaked)");
  });
});

describe("Prophet taken apart", () => {
  it("shows trend, changepoints, weekday and day of the year", () => {
    const parts = prophetComponents(series);
    expect(parts.days).toHaveLength(830);
    expect(parts.weekly).toHaveLength(7);
    expect(parts.yearly).toHaveLength(365);
    expect(parts.changepoints.every((day) => day < parts.cutoff)).toBe(true);
    // A weekday's effect comes back a week later, whatever the week.
    expect(Math.abs(parts.weekly!.reduce((a, b) => a + b))).toBeLessThan(1e-6 * parts.close[0]);
    const figure = componentsChart(parts, { source });
    expect(traces(figure).map(({ x }) => x.length)).toEqual([800, 830, 830, 830, 1, 7, 365]);
    expectWhole(figure, "weekday", "day of the year");
  });

  it("has one panel where there is no season, and fractions where seasons multiply", () => {
    const plain = prophetComponents(series, { weeklySeasonality: false, yearlySeasonality: false });
    expect([plain.weekly, plain.yearly]).toEqual([null, null]);
    expectWhole(componentsChart(plain, { source }));
    const fractions = prophetComponents(series, { seasonalityMode: "multiplicative" });
    expectWhole(componentsChart(fractions, { source }), "% of the trend");
  });
});
