import { seededRandom } from "../src/core/random.ts";
import type { Distribution } from "../src/evaluation/judge/distribution.ts";
import type { ForecastDay } from "../src/evaluation/judge/windows.ts";
import type { Window } from "../src/evaluation/outcome.ts";
import { logNormal } from "../src/forecast/define.ts";
import { type Forecaster, QUANTILE_LEVELS, quantileIndex, type Series } from "../src/forecast/forecaster.ts";
import { naive } from "../src/forecast/naive.ts";
import { quantileSorted } from "../src/forecast/quantile.ts";
import { headOf } from "../src/forecast/series.ts";
import { addDays, startOfDay } from "../src/time/day.ts";

const LEVELS = Float64Array.from(QUANTILE_LEVELS);

/** A window of our backtest as anyone's forecasts. */
export function forecastDaysOf({ forecast, model }: Window): ForecastDay[] {
  const { symbol, cutoff, steps } = forecast;
  return steps.map(({ ds, yhat, quantiles }) => ({
    ...{ symbol, model, cutoff, ds, point: yhat, made: null },
    distribution: { kind: "quantiles", levels: LEVELS, values: quantiles },
  }));
}

export interface HonestPlan {
  horizon: number;
  step: number;
  /** Days before the first cutoff; 120 by default. */
  from?: number;
  /** `bands`: the ends of the 80 and 95 % bands and the median. */
  kind?: "quantiles" | "samples" | "bands";
}

/** A model's forecasts, each from the days up to its cutoff alone. */
export function honestForecasts(
  series: Series,
  model: Forecaster,
  { horizon, step, from = 120, kind = "quantiles" }: HonestPlan,
): ForecastDay[] {
  const days: ForecastDay[] = [];
  for (let seen = from; seen + horizon <= series.days.length; seen += step) {
    const { symbol, cutoff, steps } = model.fit(headOf(series, seen)).predict(horizon);
    for (const { ds, yhat, quantiles } of steps) {
      const distribution = inForm(kind, quantiles);
      days.push({ symbol, model: model.name, cutoff, ds, point: yhat, distribution, made: null });
    }
  }
  return days;
}

function inForm(kind: "quantiles" | "samples" | "bands", quantiles: Float64Array): Distribution {
  if (kind === "quantiles") return { kind, levels: LEVELS, values: quantiles };
  if (kind === "samples") {
    const draw = (_: unknown, i: number) => quantileSorted(quantiles, i / 199);
    return { kind, values: Float64Array.from({ length: 200 }, draw) };
  }
  const levels = [0.025, 0.1, 0.5, 0.9, 0.975];
  const values = Float64Array.from(levels, (level) => quantiles[quantileIndex(level)]);
  return { kind: "quantiles", levels: Float64Array.from(levels), values };
}

/**
 * A forecast of no model of ours, made from past closes alone: a momentum or reversal of some days, and a band of the
 * volatility of some days times a factor; which, the seed decides.
 */
export function honestGuess(series: Series, seed: number, { horizon, step }: HonestPlan): ForecastDay[] {
  const random = seededRandom(seed);
  const [span, memory] = [1 + Math.floor(random() * 30), 10 + Math.floor(random() * 80)];
  const [momentum, factor] = [0.6 * (random() - 0.5), 0.5 + random()];
  const days: ForecastDay[] = [];
  for (let at = 120; at + horizon < series.days.length; at += step) {
    const past = series.close.subarray(at - memory, at + 1);
    const moves = past.subarray(1).map((price, i) => Math.log(price / past[i]) ** 2);
    const sigma = factor * Math.sqrt(meanOf(moves));
    const drift = (momentum * Math.log(series.close[at] / series.close[at - span])) / span;
    for (let h = 1; h <= horizon; h += 1) {
      const { yhat, quantiles } = logNormal(series.close[at] * Math.exp(drift * h), sigma * Math.sqrt(h));
      days.push({
        ...{
          symbol: series.symbol,
          model: `guess_${seed}`,
          cutoff: series.days[at],
          ds: series.days[at + h],
        },
        ...{ point: yhat, made: null },
        distribution: { kind: "quantiles", levels: LEVELS, values: quantiles },
      });
    }
  }
  return days;
}

const meanOf = (values: Float64Array) => values.reduce((a, b) => a + b) / values.length;

/** From what a cheat knows: the closes to come (1 the day after the cutoff) and the last close, to point and sigma. */
type Cheat = (
  h: number,
  known: {
    after(day: number): number;
    last: number;
    horizon: number;
    noise(): number;
    series: Series;
    at: number;
  },
) => [median: number, sigma: number];

function cheating(cheat: Cheat, { horizon = 30, step = 30 } = {}): (series: Series) => ForecastDay[] {
  return (series) => {
    const random = seededRandom(7);
    const noise = () => 2 * (random() + random() + random() - 1.5);
    return honestForecasts(series, naive(), { horizon, step }).map((day) => {
      const at = series.days.indexOf(day.cutoff);
      const h = series.days.indexOf(day.ds) - at;
      const after = (ahead: number) => series.close[at + ahead];
      const [median, sigma] = cheat(h, { after, last: series.close[at], horizon, noise, series, at });
      const { yhat, quantiles } = logNormal(median, sigma);
      return { ...day, point: yhat, distribution: { kind: "quantiles", levels: LEVELS, values: quantiles } };
    });
  };
}

const SIGMA = 0.03;

/** Twelve ways of knowing the answer, by name: the forecasts of a series. */
export const plantedLeaks: readonly (readonly [string, (series: Series) => ForecastDay[]])[] = [
  ["the close itself", cheating((h, { after }) => [after(h), 0.001])],
  [
    "the close with an error of 1 %",
    cheating((h, { after, noise }) => [after(h) * (1 + 0.01 * noise()), 0.01]),
  ],
  [
    "the mean of the last seven days, the day itself included",
    cheating((h, { series, at }) => [meanOf(series.close.subarray(at + h - 6, at + h + 1)), SIGMA]),
  ],
  ["the close of the day before, each day", cheating((h, { after }) => [after(h - 1), SIGMA])],
  [
    "the first day alone",
    cheating((h, { after, last }) => [h === 1 ? after(1) : last, h === 1 ? 0.002 : SIGMA * Math.sqrt(h)]),
  ],
  [
    "a cutoff three days late",
    cheating((h, { after, last }) => [
      h < 3 ? after(h) : (after(3) ?? last),
      SIGMA * Math.sqrt(Math.max(0.02, h - 3)),
    ]),
  ],
  [
    "the end of the window",
    cheating((h, { after, last, horizon }) => [
      last * (after(horizon) / last) ** (h / horizon),
      SIGMA * Math.sqrt(Math.max(0.1, (h * (horizon - h)) / horizon)),
    ]),
  ],
  [
    "the direction of each day",
    cheating((h, { after, last }) => [
      last * Math.exp(Math.sign(after(h) - last) * 0.7 * SIGMA * Math.sqrt(h)),
      0.6 * SIGMA * Math.sqrt(h),
    ]),
  ],
  [
    "half of the way",
    cheating((h, { after, last }) => [Math.sqrt(after(h) * last), 0.5 * SIGMA * Math.sqrt(h)]),
  ],
  ["tomorrow, seen every day", cheating((_, { after }) => [after(1), 0.005], { horizon: 1, step: 7 })],
  [
    "days up to the cutoff",
    (series) =>
      honestForecasts(series, naive(), { horizon: 30, step: 30 }).map((day, i) =>
        i % 400 === 0 ? { ...day, ds: day.cutoff } : day,
      ),
  ],
  [
    "made when the day had ended",
    (series) =>
      honestForecasts(series, naive(), { horizon: 30, step: 30 }).map((day) => ({
        ...day,
        made: startOfDay(addDays(day.cutoff, 12)),
      })),
  ],
];
