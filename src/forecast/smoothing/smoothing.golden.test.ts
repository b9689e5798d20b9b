import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { priceSeries } from "../../../testkit/series.ts";
import { NORMAL_QUANTILES } from "../define.ts";
import { quantileIndex } from "../forecaster.ts";
import { criterionOf } from "./criterion.ts";
import { type EtsOptions, ets } from "./ets.ts";
import { fitSmoothing } from "./exponential.ts";
import { SELECTED } from "./selectedModel.ts";
import { type ThetaOptions, theta } from "./theta.ts";
import { fitTheta, THETA_MODELS, type ThetaModel } from "./thetaLines.ts";

interface ThetaGolden {
  alpha: number;
  theta: number;
  initial_smoothed: number;
  forecast: number[];
}

interface Golden {
  y: number[];
  theta: Record<ThetaModel, ThetaGolden>;
  ets: Record<"ANN" | "AAN" | "AAdN", { aicc: number; forecast: number[]; sigma: number[] }>;
}

const folder = join(import.meta.dirname, "../../../golden/smoothing");
const golden = (name: string): Golden => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
const names = ["walk", "noisy_level", "trend", "waves"];
const FORMS = ["ANN", "AAN", "AAdN"] as const;
/** Where the reference ends in another optimum, far worse than ours: there its forecast is no measure. */
const WORSE_THERE = ["waves AAN", "waves AAdN"];

describe.each(names)("%s", (name) => {
  const { y: values, ...answers } = golden(name);
  const y = Float64Array.from(values);
  const spread = Math.max(...y) - Math.min(...y);

  it.each(THETA_MODELS)(
    "theta %s: a fit at least as good, the same forecast where the fits agree",
    (model) => {
      const theirs = answers.theta[model];
      const reference = { alpha: theirs.alpha, weight: 1 - 1 / theirs.theta, level: theirs.initial_smoothed };
      const formulas = thetaFromFormulas(model, y, reference);
      formulas.forecast.forEach((value, i) => {
        expect(value).toBeCloseTo(theirs.forecast[i], 9);
      });
      const ours = fitTheta(model, y);
      expect(ours.squares).toBeLessThanOrEqual(formulas.squares * (1 + 1e-9));
      expect(ours.squares).toBeGreaterThan(formulas.squares * 0.98);
      // Theta hardly matters for some series: fits of the same size differ in the trend by less than the noise of a day.
      ours.forecast(30).forEach((value, i) => {
        expect(Math.abs(value - theirs.forecast[i])).toBeLessThan(ours.sigma / 4);
      });
    },
  );

  it.each(FORMS)("ets %s: a fit at least as good", (form) => {
    const theirs = answers.ets[form];
    // Theirs is made from the sum of squares, ours from their mean.
    const aicc = criterionOf("aicc", fitSmoothing(form, y)) + y.length * Math.log(y.length);
    expect(aicc).toBeLessThanOrEqual(theirs.aicc + 1e-6);
    expect(aicc < theirs.aicc - 100).toBe(WORSE_THERE.includes(`${name} ${form}`));
  });

  it.each(FORMS.filter((form) => !WORSE_THERE.includes(`${name} ${form}`)))(
    "ets %s: its forecast",
    (form) => {
      const theirs = answers.ets[form];
      const ours = fitSmoothing(form, y);
      const next = ours.level + ours.phi * ours.slope;
      expect(Math.abs(next - theirs.forecast[0])).toBeLessThan(1e-3 * spread);
      // statsforecast takes one more degree of freedom from the variance.
      expect(Math.sqrt(ours.variance) / theirs.sigma[0]).toBeCloseTo(1, 2);
    },
  );

  it("on prices: the median is the forecast of the logarithm, the band as wide as the reference's", () => {
    const series = priceSeries(y.map(Math.exp));
    const steps = ets({ model: "ANN" }).fit(series).predict(30).steps;
    const { forecast, sigma } = answers.ets.ANN;
    for (const i of [0, 6, 29]) {
      expect(Math.log(steps[i].yhat)).toBeCloseTo(forecast[i], 3);
      const width =
        Math.log(steps[i].quantiles[quantileIndex(0.9)] / steps[i].yhat) /
        NORMAL_QUANTILES[quantileIndex(0.9)];
      expect(width / sigma[i]).toBeCloseTo(1, 1.5);
    }
    const nextOf = (options: ThetaOptions) => Math.log(theta(options).fit(series).predict(1).steps[0].yhat);
    expect(Math.abs(nextOf({ model: "DOTM" }) - answers.theta.DOTM.forecast[0])).toBeLessThan(0.005 * spread);
    const fits = THETA_MODELS.map((model) => ({ model, fit: fitTheta(model, y) }));
    const earned = ({ fit }: (typeof fits)[number]) => criterionOf(SELECTED.ic, fit);
    const { model } = fits.reduce((a, b) => (earned(b) < earned(a) ? b : a));
    expect(Math.abs(nextOf({ model: "auto" }) - answers.theta[model].forecast[0])).toBeLessThan(
      0.005 * spread,
    );
  });
});

it("smoothing chooses by the criterion that is asked for, and refuses what it doesn't know", () => {
  const y = Float64Array.from(golden("waves").y);
  const series = priceSeries(y.map(Math.exp));
  const pointsOf = (options: EtsOptions, of = series) =>
    ets(options)
      .fit(of)
      .predict(10)
      .steps.map(({ yhat }) => yhat);
  expect(pointsOf({})).toEqual(pointsOf({ model: "AAdN" }));
  // A drift that a random walk may well show by chance: AICc takes it for a trend, BIC doesn't.
  const drifting = priceSeries(golden("walk").y.map((value, i) => Math.exp(value + 0.003 * i)));
  expect(pointsOf({ ic: "aicc" }, drifting)).toEqual(pointsOf({ model: "AAN" }, drifting));
  expect(pointsOf({ ic: "bic" }, drifting)).toEqual(pointsOf({ model: "ANN" }, drifting));
  expect(pointsOf({}, drifting)).toEqual(pointsOf({ ic: SELECTED.ic }, drifting));
  expect(() => ets({ ic: "mse" as never })).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(() => ets({ model: "MAM" as never })).toThrow(expect.objectContaining({ code: "bad_option" }));
  expect(() => theta({ model: "XTM" as never })).toThrow(expect.objectContaining({ code: "bad_option" }));
});

/** The recursions of Fiorucci et al. (2016), equations 3–10, one state after the other, without the fit's algebra. */
function thetaFromFormulas(
  model: ThetaModel,
  y: Float64Array,
  { alpha, weight, level: first }: { alpha: number; weight: number; level: number },
): { squares: number; forecast: number[] } {
  const dynamic = model.startsWith("D");
  const line = (upTo: number) => lineThrough(Array.from(y.subarray(0, upTo)));
  const whole = line(y.length);
  const ahead = (level: number, t: number, { a, b }: { a: number; b: number }) =>
    level + weight * (a * (1 - alpha) ** t + (b * (1 - (1 - alpha) ** (t + 1))) / alpha);
  let level = alpha * y[0] + (1 - alpha) * first;
  let squares = 0;
  for (let t = 1; t < y.length; t += 1) {
    if (t >= 3) squares += (y[t] - ahead(level, t, dynamic ? line(t) : whole)) ** 2;
    level = alpha * y[t] + (1 - alpha) * level;
  }
  const forecast: number[] = [];
  const all = Array.from(y);
  for (let i = 0; i < 30; i += 1) {
    const t = y.length + i;
    const value = ahead(level, t, dynamic ? lineThrough(all) : whole);
    forecast.push(value);
    all.push(value);
    level = alpha * value + (1 - alpha) * level;
  }
  return { squares, forecast };
}

function lineThrough(y: number[]): { a: number; b: number } {
  const middle = (y.length + 1) / 2;
  const centre = y.reduce((a, b) => a + b, 0) / y.length;
  const spread = y.reduce((sum, _, t) => sum + (t + 1 - middle) ** 2, 0);
  const b = spread === 0 ? 0 : y.reduce((sum, v, t) => sum + (t + 1 - middle) * (v - centre), 0) / spread;
  return { a: centre - b * middle, b };
}
