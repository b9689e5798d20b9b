import { en, joined, sameText, type Text, textOf } from "../core/text.ts";
import type { ResultRow } from "../evaluation/evaluationRows.ts";
import type { Day } from "../time/day.ts";
import { nameOf } from "./accuracy.ts";
import { CLOSE_AXIS, everyDay, overDays } from "./dayLines.ts";
import type { LineMark } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { rowsOfOne } from "./rows.ts";
import { bandText, TEXTS } from "./texts.ts";
import { formatNumber, formatPercent, INK, PALETTE } from "./theme.ts";

export interface ActualOptions extends FigureOptions {
  /** Whose forecasts; those of the first row where nothing is said. */
  model?: string;
}

/**
 * Observed closes against forecasts: each window's forecast, with its 80 % band, from its cutoff to the next.
 * @param rows one symbol's rows of `<asset>_forecast.csv`, or those of `pictureBacktest`
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function actualChart(rows: readonly ResultRow[], { source, model }: ActualOptions): Figure {
  const name = model ?? rows[0]?.model ?? "";
  const { symbol, rows: own } = rowsOfOne(rows.filter((row) => row.model === name));
  const sorted = newestOfEachDay(own);
  const ahead = sorted.filter(({ cutoff }) => cutoff === sorted[0].cutoff).length;
  const inside = sorted.filter(({ actual, lo80, hi80 }) => actual >= lo80 && actual <= hi80).length;
  const [from, to] = [sorted[0].ds, sorted[sorted.length - 1].ds];
  const held = formatNumber((100 * inside) / sorted.length, 1);
  const all = everyDay(sorted, (row) => row.ds);
  const line = (label: Text, colour: string, value: (row: ResultRow) => number): LineMark => ({
    ...{ kind: "line", label, colour },
    points: all.map(({ day, row }) => ({ x: day, y: row === undefined ? null : value(row) })),
  });
  return makeFigure({
    id: `${slug(symbol)}-actual-${slug(name)}`,
    title: en`${symbol}: closes, and the forecasts by ${name}`
      .vi`${symbol}: giá đóng cửa, và các dự báo của ${name}`,
    subtitle: en`each forecast runs from its cutoff to the next, ${ahead} days; ${held} % of ${formatNumber(sorted.length)} days lay in the 80 % band`
      .vi`mỗi dự báo chạy từ mốc dự báo của nó đến mốc kế tiếp, ${ahead} ngày; ${held} % trên ${formatNumber(sorted.length)} ngày nằm trong dải 80 %`,
    alt: en`Closes and forecasts from ${from} to ${to}; ${held} % in the 80 % band.`
      .vi`Giá đóng và dự báo từ ${from} đến ${to}; ${held} % nằm trong dải 80 %.`,
    source,
    ...overDays({ ...CLOSE_AXIS, kind: sorted.every(({ lo80 }) => lo80 > 0) ? "log" : "number" }, [
      {
        kind: "band",
        label: bandText(80),
        colour: PALETTE.sky,
        opacity: 0.35,
        points: all.map(({ day, row }) => ({ x: day, low: row?.lo80 ?? null, high: row?.hi80 ?? null })),
      },
      line(TEXTS.forecast, PALETTE.blue, ({ yhat }) => yhat),
      line(TEXTS.close, INK, ({ actual }) => actual),
    ]),
  });
}

/** Where windows overlap, a day belongs to the last forecast before it. */
function newestOfEachDay(rows: readonly ResultRow[]): ResultRow[] {
  const newest = new Map<string, ResultRow>();
  for (const row of rows) {
    const known = newest.get(row.ds);
    if (known === undefined || row.cutoff > known.cutoff) newest.set(row.ds, row);
  }
  return [...newest.values()].sort((a, b) => (a.ds < b.ds ? -1 : 1));
}

/** The leak lesson as its chart reads it: the test days' closes, and what each forecast said; quote currency. */
export interface LessonLines {
  symbol: string;
  days: readonly Day[];
  actual: Float64Array;
  rows: readonly { model: string; mape: number; leaked: boolean }[];
  /** By model. */
  predicted: Readonly<Record<string, Float64Array>>;
}

const LESSON_COLOURS = [PALETTE.vermillion, PALETTE.orange, PALETTE.green, PALETTE.blue];

/** Short, so that the legend has room. */
const LESSON_NAMES: Record<string, Text> = {
  prophet_same_day_averages: { en: "averages", vi: "trung bình" },
  ma7_of_the_day: sameText("MA7"),
  yesterdays_close: { en: "yesterday's close", vi: "giá đóng hôm qua" },
  prophet_frozen_averages: { en: "frozen averages", vi: "trung bình đóng băng" },
};

/**
 * The leak lesson's test days: closes, and each of its forecasts. Those that had seen the answer are
 * marked.
 */
export function lessonChart(lesson: LessonLines, { source }: FigureOptions): Figure {
  const { symbol, rows, days, actual, predicted } = lesson;
  const line = (label: Text, colour: string, values: ArrayLike<number>): LineMark => ({
    ...{ kind: "line", label, colour },
    points: days.map((x, i) => ({ x, y: values[i] })),
  });
  const labels = rows.map(({ model, leaked, mape }) => {
    const name = LESSON_NAMES[model] ?? sameText(model);
    const marked = textOf((one) => nameOf(name[one], leaked)[one]);
    return joined([marked, formatPercent(mape, 2)], " ");
  });
  const [error, all] = [formatNumber(rows[0].mape, 2), joined(labels, ", ")];
  return makeFigure({
    id: `${slug(symbol)}-leak-lesson`,
    title: en`${symbol}: an error of ${error} %, and what it is worth`
      .vi`${symbol}: sai số ${error} %, và giá trị thật của nó`,
    subtitle: en`the ${days.length} test days; MAPE beside each name; leaked: it had prices or scores of these days`
      .vi`${days.length} ngày kiểm tra; MAPE cạnh mỗi tên; rò rỉ: nó được mách giá hoặc điểm của những ngày này`,
    alt: en`Closes of the test days and four forecasts, with MAPE: ${all}.`
      .vi`Giá đóng của các ngày kiểm tra và bốn dự báo, kèm MAPE: ${all}.`,
    source,
    ...overDays(CLOSE_AXIS, [
      ...rows.map(({ model }, i) => line(labels[i], LESSON_COLOURS[i], predicted[model])),
      line(TEXTS.close, INK, actual),
    ]),
  });
}
