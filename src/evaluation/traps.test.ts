import { expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { seededRandom } from "../core/random.ts";
import type { Series } from "../forecast/forecaster.ts";
import { naive } from "../forecast/naive.ts";
import { Prophet, prophet } from "../forecast/prophet/prophet.ts";
import { mean } from "../forecast/returns.ts";
import { startOfDay } from "../time/day.ts";
import { backtest } from "./backtest.ts";

// Two ways to a figure that no reader will ever get. Both markets have nothing in them to be forecast.

it("accuracy on the days that a model was fitted to says nothing of the days to come", async () => {
  const series = randomWalk(11, 700);
  const ds = series.days.map(startOfDay);
  const { yhat } = new Prophet({ uncertaintySamples: 0 }).fit({ ds, y: series.close }).predict({ ds });
  const inSample = mean(series.close.map((price, i) => (100 * Math.abs(yhat[i] - price)) / price));
  const [benchmark, ahead] = (await backtest(series, [naive(), prophet({ uncertaintySamples: 100 })])).models;
  expect(inSample).toBeLessThan(benchmark.mape!);
  expect(ahead.mape!).toBeGreaterThan(1.5 * inSample);
  expect(ahead.mape!).toBeGreaterThan(benchmark.mape!);
});

/** The last close moved by a share of its own for each step ahead: no knowledge of anything. */
function guess(seed: number) {
  const random = seededRandom(seed);
  const shift = Float64Array.from({ length: 12 }, () => (random() - 0.5) / 10);
  const model = naive();
  return {
    ...model,
    name: `guess ${seed}`,
    spec: undefined,
    fit: (series: Series) => ({
      predict: (horizon: number) => {
        const forecast = model.fit(series).predict(horizon);
        const factor = 1 + shift[Math.floor(series.days.length / 30) % shift.length];
        const steps = forecast.steps.map((step) => ({
          ...step,
          yhat: step.yhat * factor,
          quantiles: step.quantiles.map((value) => value * factor),
        }));
        return { ...forecast, steps };
      },
    }),
  };
}

it("the best of many guesses has skill on the windows that it was chosen on, and none on the next", async () => {
  const guesses = Array.from({ length: 150 }, (_, i) => guess(i + 1));
  const first = randomWalk(12, 500);
  const chosenOn = await backtest(first, [naive(), ...guesses], { initial: 140 });
  const best = chosenOn.models.slice(1).reduce((a, b) => (b.skill! > a.skill! ? b : a));
  expect(best.skill!).toBeGreaterThan(0.02);
  const later = Array.from({ length: 6 }, (_, i) => randomWalk(40 + i, 500));
  const skills = [];
  for (const series of later) {
    const model = guesses.find(({ name }) => name === best.model)!;
    skills.push((await backtest(series, [naive(), model], { initial: 140 })).models[1].skill!);
  }
  expect(mean(Float64Array.from(skills))).toBeLessThan(0);
});
