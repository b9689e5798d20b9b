import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { en, type Text } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Series } from "../forecast/forecaster.ts";
import { knownFuture, Prophet } from "../forecast/prophet/prophet.ts";
import { mean } from "../forecast/returns.ts";
import { daysThatHaveData } from "../forecast/series.ts";
import { seriesOf } from "../forecasting/evaluate.ts";
import { type Day, startOfDay } from "../time/day.ts";

/** The experiment's four forecasts of the test days, as tables and charts name them. */
export type LessonModel =
  | "prophet_same_day_averages"
  | "ma7_of_the_day"
  | "yesterdays_close"
  | "prophet_frozen_averages";

export interface LessonRow {
  model: LessonModel;
  /** Mean absolute percentage error over the test days. */
  mape: number;
  /** It has seen the prices that it forecasts, or was chosen by its score on them. */
  leaked: boolean;
  /** What it sees of the days that it forecasts. */
  sees: Text;
}

/** A famous experiment, done again with the leak in it, beside what it is worth without. */
export interface LeakLesson {
  symbol: string;
  trainDays: number;
  rows: LessonRow[];
  /** What was chosen because it did best on the test days: the second leak. */
  tuned: { seasonalityMode: "additive" | "multiplicative"; changepointPriorScale: number };
  /** The test days, with the observed closes and each row's forecasts; quote currency. */
  days: Day[];
  actual: Float64Array;
  predicted: Record<LessonModel, Float64Array>;
}

const SHARE = 0.8;
const MIN_DAYS = 400;
const PRIORS = [0.01, 0.05, 0.1, 0.5];

/**
 * "Prophet forecasts Bitcoin with an error of 3.36 %": the mean closes of the last 7 and 30 days, those of the test
 * days included, as regressors; 80 % of the history for training, the rest for the test, options tuned on the test.
 * The averages of a day contain its close, so the model has nearly the answer; the average alone, without any
 * model, does as well; yesterday's close, which anyone has, does better; and with the averages frozen at the last
 * training day, which is all that a forecast could know, nothing is left. Its options were chosen on the test all the
 * same, so that it is marked leaked too: an honest one would be no better.
 * Filled days are passed over.
 * @throws CandlebookError `series_too_short` (exit 2) under 400 days with data
 */
export function leakLesson(series: Series): LeakLesson {
  const { symbol } = series;
  const known = daysThatHaveData(series);
  const days = known.map((i) => series.days[i]);
  const close = Float64Array.from(known, (i) => series.close[i]);
  if (days.length < MIN_DAYS) {
    throw inputError(
      "series_too_short",
      `${symbol} has ${days.length} days; the lesson needs at least ${MIN_DAYS}.`,
      "Load a longer history (--from).",
    );
  }
  const from = Math.floor(SHARE * days.length);
  const first = 29; // the first day that has an average of 30
  const ma7 = averages(close, 7);
  const ma30 = averages(close, 30);
  const ds = days.map(startOfDay);
  const actual = close.slice(from);
  const same = { ma7: ma7.slice(from), ma30: ma30.slice(from) };
  const frozen = {
    ma7: new Float64Array(actual.length).fill(ma7[from - 1]),
    ma30: new Float64Array(actual.length).fill(ma30[from - 1]),
  };
  const fits = (["additive", "multiplicative"] as const).flatMap((seasonalityMode) =>
    PRIORS.map((changepointPriorScale) => {
      const model = new Prophet({
        seasonalityMode,
        changepointPriorScale,
        uncertaintySamples: 0,
        // Declared as known in advance, which is the lie that the lesson is about.
        regressors: ["ma7", "ma30"].map((name) => ({ name, availability: knownFuture })),
      });
      const columns = { ma7: ma7.slice(first, from), ma30: ma30.slice(first, from) };
      const fitted = model.fit({ ds: ds.slice(first, from), y: close.slice(first, from), columns });
      const predict = (future: typeof same) => fitted.predict({ ds: ds.slice(from), columns: future }).yhat;
      const told = predict(same);
      return {
        tuned: { seasonalityMode, changepointPriorScale },
        predict,
        told,
        error: mapeOf(told, actual),
      };
    }),
  );
  const best = fits.reduce((a, b) => (b.error < a.error ? b : a));
  const predicted: LeakLesson["predicted"] = {
    prophet_same_day_averages: best.told,
    ma7_of_the_day: same.ma7,
    yesterdays_close: close.slice(from - 1, -1),
    prophet_frozen_averages: best.predict(frozen),
  };
  return {
    symbol,
    trainDays: from,
    rows: rowsOf(predicted, actual),
    tuned: best.tuned,
    days: days.slice(from),
    actual,
    predicted,
  };
}

/**
 * The leak lesson on each symbol's own history.
 * @throws CandlebookError `no_input`, `unknown_symbol`, `series_too_short` (exit 2)
 */
export async function evaluateLesson(
  workspace: Workspace,
  { symbols }: { symbols?: readonly string[] } = {},
  effects: Effects = {},
): Promise<{ source: Source; lessons: LeakLesson[] }> {
  const { source, series } = await seriesOf(workspace, symbols, effects);
  const lessons = series.map((one, done) => {
    const lesson = leakLesson(one);
    const note = `${one.symbol} leak lesson`;
    effects.progress?.({ stage: "evaluate", note, done: done + 1, total: series.length });
    return lesson;
  });
  return { source, lessons };
}

function rowsOf(predicted: LeakLesson["predicted"], actual: Float64Array): LessonRow[] {
  const row = (model: LessonModel, leaked: boolean, sees: Text): LessonRow => {
    return { model, mape: mapeOf(predicted[model], actual), leaked, sees };
  };
  return [
    row(
      "prophet_same_day_averages",
      true,
      en`the averages of the day itself, and the test's score`
        .vi`trung bình của chính ngày đó, và điểm của bài kiểm tra`,
    ),
    row("ma7_of_the_day", true, { en: "the average of the day itself", vi: "trung bình của chính ngày đó" }),
    row("yesterdays_close", false, en`the day before, updated each day`.vi`ngày hôm trước, mỗi ngày một mới`),
    row(
      "prophet_frozen_averages",
      true,
      en`no price after the last training day, but the test's score`
        .vi`không giá nào sau ngày huấn luyện cuối, nhưng có điểm của bài kiểm tra`,
    ),
  ];
}

/** The mean of the last `count` values at each place; NaN before there are so many. */
function averages(values: Float64Array, count: number): Float64Array {
  return values.map((_, i) => (i + 1 < count ? Number.NaN : mean(values.subarray(i + 1 - count, i + 1))));
}

function mapeOf(predicted: ArrayLike<number>, actual: Float64Array): number {
  return mean(actual.map((price, i) => (100 * Math.abs(predicted[i] - price)) / price));
}
