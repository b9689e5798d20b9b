import type { Source } from "../candle/candle.ts";
import type { ResultRow } from "../evaluation/evaluationRows.ts";
import type { Day } from "../time/day.ts";
import { nameOf } from "./accuracy.ts";
import { slug } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { linesFigure } from "./lines.ts";
import { rowsOfOne } from "./rows.ts";
import { formatNumber, INK, PALETTE } from "./theme.ts";

export interface ActualOptions {
  source: Source;
  /** Whose forecasts; those of the first row where nothing is said. */
  model?: string;
}

/**
 * What came against what had been forecast: each window's forecast, with its 80 % band, from its cutoff to the next.
 * @param rows one symbol's rows of `<asset>_forecast.csv`, or those of `pictureBacktest`
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function actualChart(rows: readonly ResultRow[], { source, model }: ActualOptions): Figure {
  const name = model ?? rows[0]?.model ?? "";
  const { symbol, rows: own } = rowsOfOne(rows.filter((row) => row.model === name));
  const sorted = newestOfEachDay(own);
  const ahead = sorted.filter(({ cutoff }) => cutoff === sorted[0].cutoff).length;
  const inside = sorted.filter(({ actual, lo80, hi80 }) => actual >= lo80 && actual <= hi80).length;
  const held = formatNumber((100 * inside) / sorted.length, 1);
  const line = (label: string, colour: string, value: (row: ResultRow) => number) => ({
    label,
    colour,
    points: sorted.map((row) => ({ day: row.ds, value: value(row) })),
  });
  return linesFigure({
    id: `${slug(symbol)}-actual-${slug(name)}`,
    title: `${symbol}: what came, and what ${name} had said`,
    subtitle: `each forecast runs from its cutoff to the next, ${ahead} days; ${held} % of ${formatNumber(sorted.length)} days lay in the 80 % band`,
    alt: `Closes and forecasts from ${sorted[0].ds} to ${sorted[sorted.length - 1].ds}; ${held} % in the 80 % band.`,
    source,
    lines: [
      line("80 % band, upper", PALETTE.sky, ({ hi80 }) => hi80),
      line("80 % band, lower", PALETTE.sky, ({ lo80 }) => lo80),
      line("forecast", PALETTE.blue, ({ yhat }) => yhat),
      line("close", INK, ({ actual }) => actual),
    ],
    axis: { label: "close, quote currency", log: sorted.every(({ lo80 }) => lo80 > 0) },
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
const LESSON_NAMES: Record<string, string> = {
  prophet_same_day_averages: "averages",
  ma7_of_the_day: "MA7",
  yesterdays_close: "yesterday's close",
  prophet_frozen_averages: "frozen averages",
};

/**
 * The leak lesson's test days: what came, and what each of its forecasts said. Those that had seen the answer are
 * marked.
 */
export function lessonChart(lesson: LessonLines, { source }: { source: Source }): Figure {
  const { symbol, rows, days, actual, predicted } = lesson;
  const points = (values: ArrayLike<number>) => days.map((day, i) => ({ day, value: values[i] }));
  const labels = rows.map(
    ({ model, leaked, mape }) => `${nameOf(LESSON_NAMES[model] ?? model, leaked)} ${formatNumber(mape, 2)} %`,
  );
  return linesFigure({
    id: `${slug(symbol)}-leak-lesson`,
    title: `${symbol}: an error of ${formatNumber(rows[0].mape, 2)} %, and what it is worth`,
    subtitle: `the ${days.length} test days; MAPE beside each name; leaked: it was told prices or scores of these days`,
    alt: `Closes of the test days and four forecasts, with MAPE: ${labels.join(", ")}.`,
    source,
    lines: [
      ...rows.map(({ model }, i) => ({
        label: labels[i],
        colour: LESSON_COLOURS[i],
        points: points(predicted[model]),
      })),
      { label: "close", colour: INK, points: points(actual) },
    ],
    axis: { label: "close, quote currency" },
  });
}
