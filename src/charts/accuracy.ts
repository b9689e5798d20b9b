import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import type { GroupScore, ModelScore } from "../evaluation/score.ts";
import type { Axis, Description, LineMark, Mark, Point } from "./description.ts";
import { slug } from "./escape.ts";
import { type Fan, forecastOf } from "./fan.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { bandText, rangeText, TEXTS } from "./texts.ts";
import { FAINT, formatNumber, formatPercent, INK, PALETTE } from "./theme.ts";

export interface AccuracyOptions extends FigureOptions {
  /** Which models, naive among them where it is to be compared with; all where nothing is said. */
  models?: readonly string[];
}

/** What these figures need of an evaluation, or of a forecast stage's result. */
export interface Scored extends Pick<Fan, "symbol" | "scores"> {
  /** Days from one cutoff to the next, where it is to be said: windows that overlap are not so many witnesses. */
  step?: number;
}

/** What the famous experiment was advertised with, in percent: a line to hold errors against. */
const FAMOUS = 3.36;

/** Labels of the x axis. */
const MOST_TICKS = 16;

const MAPE_AXIS: Axis = { kind: "log", label: sameText("MAPE, %") };
const DAYS_AXIS: Axis = { kind: "number", label: TEXTS.daysAhead };
const RULE = { kind: "rules", axis: "y", colour: FAINT, dash: "dot" } as const;
const DOTTED = { kind: "line", width: 1.8, dots: 2 } as const;

const COLOURS = [PALETTE.blue, PALETTE.orange, PALETTE.green, PALETTE.purple, PALETTE.sky, PALETTE.grey, INK];

/**
 * The mean absolute percentage error of each model by the number of days ahead, beside the famous 3.36 %, on a
 * logarithmic axis.
 * @throws CandlebookError `nothing_to_draw`
 */
export function errorByStepChart(scored: Scored, { source, models }: AccuracyOptions): Figure {
  const scores = chosen(scored, models);
  const last = Math.max(...scores.map(({ byStep }) => byStep.length));
  const ends = scores.map(({ model, leaked, byStep }) => {
    const [first, end] = [byStep[0], byStep[byStep.length - 1]].map(({ mape }) => formatNumber(mape ?? 0, 1));
    const name = nameOf(model, leaked);
    return en`${name} ${first} and ${end} %`.vi`${name} ${first} và ${end} %`;
  });
  const [all, windows] = [joined(ends, ", "), windowWords(scores[0], scored)];
  return makeFigure({
    id: `${slug(scored.symbol)}-error-by-step`,
    title: en`${scored.symbol}: error by days ahead`.vi`${scored.symbol}: sai số theo số ngày phía trước`,
    subtitle: en`MAPE over ${windows}; the further ahead, the larger, by any model`
      .vi`MAPE qua ${windows}; càng xa càng lớn, với mọi mô hình`,
    alt: en`Mean absolute percentage error 1 and ${last} days ahead: ${all}.`
      .vi`Sai số phần trăm tuyệt đối trung bình trước 1 và ${last} ngày: ${all}.`,
    source,
    ...onePanel(DAYS_AXIS, MAPE_AXIS, [
      ...linesOf(scores, ({ byStep }) => byStep.map(({ stepsAhead, mape }) => ({ x: stepsAhead, y: mape }))),
      {
        ...RULE,
        at: [FAMOUS],
        note: en`the famous ${FAMOUS} % (leaked)`.vi`con số ${FAMOUS} % nổi tiếng (rò rỉ)`,
      },
    ]),
  });
}

/**
 * The mean absolute percentage error of each model by year, all days ahead together.
 * @throws CandlebookError `nothing_to_draw`
 */
export function errorByYearChart(scored: Scored, { source, models }: AccuracyOptions): Figure {
  const scores = chosen(scored, models);
  const years = scores[0].byYear.map(({ year }) => String(year));
  const [first, last] = [years[0], years[years.length - 1]];
  const windows = windowWords(scores[0], scored);
  const ranges = scores.map(({ model, leaked, byYear }) =>
    joined([nameOf(model, leaked), rangeWords(byYear)], " "),
  );
  const all = joined(ranges, ", ");
  return makeFigure({
    id: `${slug(scored.symbol)}-error-by-year`,
    title: en`${scored.symbol}: error by year`.vi`${scored.symbol}: sai số theo năm`,
    subtitle: en`MAPE of all days ahead together, over ${windows}; a wild year is wild for every model`
      .vi`MAPE của mọi ngày phía trước gộp lại, qua ${windows}; năm dữ dội thì dữ dội với mọi mô hình`,
    alt: en`Mean absolute percentage error by year from ${first} to ${last}: ${all}.`
      .vi`Sai số phần trăm tuyệt đối trung bình theo năm từ ${first} đến ${last}: ${all}.`,
    source,
    ...onePanel(
      { kind: "number", label: { en: "year", vi: "năm" }, format: "year" },
      MAPE_AXIS,
      linesOf(scores, ({ byYear }) => byYear.map(({ year, mape }) => ({ x: year, y: mape }))),
    ),
  });
}

/**
 * How often the bands of a model held, by days ahead: they should lie on the rules at 80 and 95 %.
 * @throws CandlebookError `nothing_to_draw`, `no_such_model`
 */
export function coverageChart(
  fan: Fan & Scored,
  { source, model }: { source: Source; model?: string },
): Figure {
  const name = forecastOf(fan, model).model;
  const [score] = chosen(fan, [name]);
  const at = (value: (group: GroupScore) => number | null) =>
    score.byStep.map((group) => ({ x: group.stepsAhead, y: value(group) }));
  const [held80, held95] = [score.coverage80, score.coverage95].map((held) => formatNumber(held ?? 0, 1));
  const words = en`80 % band ${held80} %, 95 % band ${held95} %`
    .vi`dải 80 % giữ ${held80} %, dải 95 % giữ ${held95} %`;
  const windows = windowWords(score, fan);
  const lowest = Math.min(60, ...score.byStep.map(({ coverage80 }) => Math.floor(coverage80 ?? 60)));
  const label = { en: "days inside the band, %", vi: "số ngày nằm trong dải, %" };
  const yAxis: Axis = { kind: "number", label, domain: [lowest, 100] };
  return makeFigure({
    id: `${slug(fan.symbol)}-coverage-${slug(name)}`,
    title: en`${fan.symbol}: how often the bands of ${name} held`
      .vi`${fan.symbol}: các dải của ${name} giữ được thường xuyên đến đâu`,
    subtitle: en`by days ahead, over ${windows}; all days together: ${words}`
      .vi`theo số ngày phía trước, qua ${windows}; gộp mọi ngày: ${words}`,
    alt: en`Coverage by days ahead. All days together: ${words}.`
      .vi`Độ phủ theo số ngày phía trước. Gộp mọi ngày: ${words}.`,
    source,
    ...onePanel(DAYS_AXIS, yAxis, [
      { ...DOTTED, label: bandText(80), colour: PALETTE.blue, points: at(({ coverage80 }) => coverage80) },
      {
        ...DOTTED,
        label: bandText(95),
        colour: PALETTE.vermillion,
        points: at(({ coverage95 }) => coverage95),
      },
      // The axis and the legend have their names.
      { ...RULE, at: [80, 95] },
    ]),
  });
}

/** Lines over a whole number, days ahead or years. */
function onePanel(axis: Axis, y: Axis, marks: readonly Mark[]): Pick<Description, "x" | "panels"> {
  const lines = marks.filter((mark) => mark.kind === "line");
  const places = lines.flatMap(({ points }) => points.map(({ x }) => Number(x)));
  const all = [...new Set(places)].sort((a, b) => a - b);
  const every = Math.ceil(all.length / MOST_TICKS);
  const x: Axis = { ...axis, ticks: all.filter((_, i) => i % every === 0) };
  return { x, panels: [{ height: 300, y, marks }] };
}

function windowWords({ cutoffs }: ModelScore, { step }: Scored): Text {
  return en`${cutoffs} windows${step === undefined ? "" : `, one every ${step} days`}`
    .vi`${cutoffs} cửa sổ${step === undefined ? "" : `, cứ ${step} ngày một cửa sổ`}`;
}

function chosen({ symbol, scores }: Scored, models: readonly string[] | undefined): ModelScore[] {
  const own = scores.filter(
    ({ model, byStep }) => byStep.length > 0 && (models === undefined || models.includes(model)),
  );
  if (own.length > 0) return own;
  throw inputError(
    "nothing_to_draw",
    `There are no scores to draw for ${symbol}: its history is too short, or no such model was scored.`,
    `There are ${scores.map(({ model }) => model).join(", ") || "none"}.`,
  );
}

function linesOf(scores: readonly ModelScore[], points: (score: ModelScore) => Point[]): LineMark[] {
  const others = scores.filter(({ model }) => model !== "naive");
  // The naive lies on top: models with its point would hide it.
  const naive = scores.filter(({ model }) => model === "naive");
  return [...others, ...naive].map((score) => ({
    ...DOTTED,
    label: nameOf(score.model, score.leaked),
    colour: score.model === "naive" ? PALETTE.vermillion : COLOURS[others.indexOf(score) % COLOURS.length],
    ...(score.model === "naive" ? { dash: "dash" } : {}),
    points: points(score),
  }));
}

/** A model's name, marked where it had data that it could not know. */
export function nameOf(model: string, leaked: boolean): Text {
  return leaked ? en`${model} (leaked)`.vi`${model} (rò rỉ)` : sameText(model);
}

function rangeWords(groups: readonly GroupScore[]): Text {
  const values = groups.flatMap(({ mape }) => (mape === null ? [] : [mape]));
  return rangeText(formatNumber(Math.min(...values), 1), formatPercent(Math.max(...values)));
}
