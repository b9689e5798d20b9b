import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import type { GroupScore, ModelScore } from "../evaluation/score.ts";
import { slug } from "./escape.ts";
import { type Fan, forecastOf } from "./fan.ts";
import type { Figure } from "./figure.ts";
import { numericLinesFigure } from "./numericLines.ts";
import { formatNumber, INK, PALETTE } from "./theme.ts";

export interface AccuracyOptions {
  source: Source;
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
    return `${nameOf(model, leaked)} ${first} and ${end} %`;
  });
  return numericLinesFigure({
    id: `${slug(scored.symbol)}-error-by-step`,
    title: `${scored.symbol}: error by days ahead`,
    subtitle: `MAPE over ${windowWords(scores[0], scored)}; the further ahead, the larger, by any model`,
    alt: `Mean absolute percentage error 1 and ${last} days ahead: ${ends.join(", ")}.`,
    source,
    lines: linesOf(scores, ({ byStep }) =>
      byStep.map((group) => ({ x: group.stepsAhead, value: group.mape })),
    ),
    xLabel: "days ahead",
    yLabel: "MAPE, %",
    log: true,
    rules: [{ value: FAMOUS, label: `the famous ${FAMOUS} % (leaked)` }],
  });
}

/**
 * The mean absolute percentage error of each model by year, all days ahead together.
 * @throws CandlebookError `nothing_to_draw`
 */
export function errorByYearChart(scored: Scored, { source, models }: AccuracyOptions): Figure {
  const scores = chosen(scored, models);
  const years = scores[0].byYear.map(({ year }) => year);
  return numericLinesFigure({
    id: `${slug(scored.symbol)}-error-by-year`,
    title: `${scored.symbol}: error by year`,
    subtitle: `MAPE of all days ahead together, over ${windowWords(scores[0], scored)}; a wild year is wild for every model`,
    alt: `Mean absolute percentage error by year from ${years[0]} to ${years[years.length - 1]}: ${scores
      .map(({ model, leaked, byYear }) => `${nameOf(model, leaked)} ${rangeWords(byYear)}`)
      .join(", ")}.`,
    source,
    lines: linesOf(scores, ({ byYear }) => byYear.map((group) => ({ x: group.year, value: group.mape }))),
    xLabel: "year",
    yLabel: "MAPE, %",
    log: true,
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
    score.byStep.map((group) => ({ x: group.stepsAhead, value: value(group) }));
  const words = `80 % band ${formatNumber(score.coverage80 ?? 0, 1)} %, 95 % band ${formatNumber(score.coverage95 ?? 0, 1)} %`;
  return numericLinesFigure({
    id: `${slug(fan.symbol)}-coverage-${slug(name)}`,
    title: `${fan.symbol}: how often the bands of ${name} held`,
    subtitle: `by days ahead, over ${windowWords(score, fan)}; all days together: ${words}`,
    alt: `Coverage by days ahead. All days together: ${words}.`,
    source,
    lines: [
      { label: "80 % band", colour: PALETTE.blue, points: at(({ coverage80 }) => coverage80) },
      { label: "95 % band", colour: PALETTE.vermillion, points: at(({ coverage95 }) => coverage95) },
    ],
    xLabel: "days ahead",
    yLabel: "days inside the band, %",
    domain: [Math.min(60, ...score.byStep.map(({ coverage80 }) => Math.floor(coverage80 ?? 60))), 100],
    // The axis and the legend have their names.
    rules: [{ value: 80 }, { value: 95 }],
  });
}

function windowWords({ cutoffs }: ModelScore, { step }: Scored): string {
  return `${formatNumber(cutoffs)} windows${step === undefined ? "" : `, one every ${step} days`}`;
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

function linesOf(
  scores: readonly ModelScore[],
  points: (score: ModelScore) => { x: number; value: number | null }[],
) {
  const others = scores.filter(({ model }) => model !== "naive");
  // The naive lies on top: models with its point would hide it.
  const naive = scores.filter(({ model }) => model === "naive");
  return [...others, ...naive].map((score) => ({
    label: nameOf(score.model, score.leaked),
    colour: score.model === "naive" ? PALETTE.vermillion : COLOURS[others.indexOf(score) % COLOURS.length],
    dashed: score.model === "naive",
    points: points(score),
  }));
}

export function nameOf(model: string, leaked: boolean): string {
  return leaked ? `${model} (leaked)` : model;
}

function rangeWords(groups: readonly GroupScore[]): string {
  const values = groups.flatMap(({ mape }) => (mape === null ? [] : [mape]));
  return `${formatNumber(Math.min(...values), 1)} to ${formatNumber(Math.max(...values), 1)} %`;
}
