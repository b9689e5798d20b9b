import { inputError } from "../core/errors.ts";
import { en, joined, type Text } from "../core/text.ts";
import { type DayLine, linesBySymbol, overDays } from "./dayLines.ts";
import type { Axis, Description, RulesMark } from "./description.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { andText, TEXTS } from "./texts.ts";
import { FAINT, formatNumber, formatPercent, PALETTE } from "./theme.ts";

/**
 * Closes of all symbols, each 100 on the first day that all of them have, on a logarithmic axis.
 * @param days rows of a daily table, in any order
 * @throws CandlebookError `nothing_to_draw`
 */
export function comparisonChart(
  days: readonly { symbol: string; day: string; close: number }[],
  { source }: FigureOptions,
): Figure {
  const lines = requireLines(linesBySymbol(days, (row) => row.close));
  const start = lines.map(({ points }) => points[0].x).reduce((a, b) => (a > b ? a : b));
  const normalised = lines.map((line) => {
    const points = line.points.filter(({ x }) => x >= start);
    const base = points[0]?.y ?? Number.NaN;
    return { ...line, points: points.map(({ x, y }) => ({ x, y: y === null ? null : (y / base) * 100 })) };
  });
  const ends = joined(
    normalised.map(({ label, points }) => joined([label, formatNumber(lastOf(points), 0)], " ")),
    ", ",
  );
  const [names, end] = [namesOf(lines), endOf(normalised)];
  return makeFigure({
    id: "together-prices",
    title: en`${names}: prices, ${start} = 100`.vi`${names}: giá, ${start} = 100`,
    subtitle: en`from ${start} to ${end} (UTC); at the end ${ends}`
      .vi`từ ${start} đến ${end} (UTC); ở cuối ${ends}`,
    alt: en`Closes, each 100 on ${start}. At the end, ${end}: ${ends}.`
      .vi`Giá đóng, mỗi mã bằng 100 vào ${start}. Ở cuối, ${end}: ${ends}.`,
    source,
    ...onePanel(
      { kind: "log", label: en`close, ${start} = 100`.vi`giá đóng, ${start} = 100` },
      normalised,
      100,
    ),
  });
}

/**
 * How far each symbol's close lies below the highest close so far.
 * @param rows the result `drawdown`
 * @throws CandlebookError `nothing_to_draw`
 */
export function drawdownChart(
  rows: readonly { symbol: string; day: string; drawdown_percent: number }[],
  { source }: FigureOptions,
): Figure {
  const lines = requireLines(linesBySymbol(rows, (row) => row.drawdown_percent));
  const worst = lines.map(({ label, points }) => {
    const low = points.reduce((a, b) => ((b.y ?? 0) < (a.y ?? 0) ? b : a));
    const fall = joined([label, formatPercent(low.y ?? 0)], " ");
    return en`${fall} on ${low.x}`.vi`${fall} vào ${low.x}`;
  });
  const [names, deepest] = [namesOf(lines), joined(worst, ", ")];
  return makeFigure({
    id: "together-drawdown",
    title: en`${names}: drawdown`.vi`${names}: mức sụt từ đỉnh`,
    subtitle: en`below the highest close so far; deepest: ${deepest}`
      .vi`dưới giá đóng cao nhất đến lúc đó; sâu nhất: ${deepest}`,
    alt: en`Drawdown of the close from its highest value so far. Deepest: ${deepest}.`
      .vi`Mức sụt của giá đóng so với đỉnh cao nhất đến lúc đó. Sâu nhất: ${deepest}.`,
    source,
    ...onePanel(
      { kind: "number", label: { en: "below the peak, %", vi: "dưới đỉnh, %" }, format: "percent" },
      lines.map((line) => ({ ...line, fill: 0.1 })),
      0,
    ),
  });
}

/**
 * The volatility of the last 30 days, annualised.
 * @param rows the result `volatility`
 * @throws CandlebookError `nothing_to_draw`
 */
export function volatilityChart(
  rows: readonly { symbol: string; day: string; volatility_percent: number | null }[],
  { source }: FigureOptions,
): Figure {
  const lines = requireLines(linesBySymbol(rows, (row) => row.volatility_percent));
  const means = lines.map(({ label, points }) => {
    const values = knownOf(points);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const words = values.length === 0 ? TEXTS.tooShort : formatPercent(mean, 0);
    return joined([label, words], " ");
  });
  const [names, all] = [namesOf(lines), joined(means, ", ")];
  return makeFigure({
    id: "together-volatility",
    title: en`${names}: volatility of the last 30 days`.vi`${names}: mức biến động của 30 ngày cuối`,
    subtitle: en`standard deviation of daily log returns × √365; mean: ${all}`
      .vi`độ lệch chuẩn của lợi suất log ngày × √365; trung bình: ${all}`,
    alt: en`Annualised volatility of the last 30 days. Mean over the whole time: ${all}.`
      .vi`Mức biến động quy năm của 30 ngày cuối. Trung bình cả thời kỳ: ${all}.`,
    source,
    ...onePanel(
      {
        kind: "number",
        label: { en: "volatility, % a year", vi: "mức biến động, % mỗi năm" },
        format: "percent",
      },
      lines,
      0,
    ),
  });
}

/**
 * The correlation of two symbols' daily returns, over the last 90 days; a line for each pair.
 * @param rows the result `rolling_correlation`
 * @throws CandlebookError `nothing_to_draw` where there are not two symbols with 90 days in common
 */
export function correlationChart(
  rows: readonly { symbol_a: string; symbol_b: string; day: string; correlation: number | null }[],
  { source }: FigureOptions,
): Figure {
  const pairs = rows.map((row) => ({ ...row, symbol: `${row.symbol_a} and ${row.symbol_b}` }));
  const names = new Map(pairs.map((row) => [row.symbol, andText([row.symbol_a, row.symbol_b])]));
  const found = linesBySymbol(pairs, (row) => row.correlation);
  const lines = requireLines(found).map((line, i) => ({
    ...line,
    label: names.get(line.label.en) ?? line.label,
    ...(i === 0 ? { colour: PALETTE.green } : {}),
  }));
  const ranges = lines.map(({ label, points }) => {
    const values = knownOf(points);
    const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => formatNumber(value, 2));
    const words = values.length === 0 ? TEXTS.tooShort : en`from ${low} to ${high}`.vi`từ ${low} đến ${high}`;
    return joined([label, words], ": ");
  });
  const subtitle = joined(ranges, "; ");
  const lowest = Math.min(...rows.map(({ correlation }) => correlation ?? 0));
  return makeFigure({
    id: "together-correlation",
    title: en`Correlation of the daily returns, last 90 days`.vi`Tương quan của lợi suất ngày, 90 ngày cuối`,
    subtitle,
    alt: en`Pearson's correlation of daily log returns over the last 90 days. ${subtitle}.`
      .vi`Tương quan Pearson của lợi suất log ngày trong 90 ngày cuối. ${subtitle}.`,
    source,
    ...onePanel(
      { kind: "number", label: { en: "correlation", vi: "tương quan" }, domain: [lowest < 0 ? -1 : 0, 1] },
      lines,
      0,
    ),
  });
}

/** Lines over days, with a rule at the value that they are compared with. */
function onePanel(y: Axis, lines: readonly DayLine[], at: number): Pick<Description, "x" | "panels"> {
  const rule: RulesMark = { kind: "rules", axis: "y", at: [at], colour: FAINT };
  return overDays(y, [rule, ...lines]);
}

function knownOf(points: DayLine["points"]): number[] {
  return points.flatMap(({ y }) => (y === null ? [] : [y]));
}

function requireLines(lines: DayLine[]): DayLine[] {
  if (lines.length > 0) return lines;
  throw inputError("nothing_to_draw", "No rows to draw.", "Run the stage that makes them first.");
}

function namesOf(lines: readonly DayLine[]): Text {
  return andText(lines.map(({ label }) => label.en));
}

function lastOf(points: DayLine["points"]): number {
  return points[points.length - 1]?.y ?? Number.NaN;
}

function endOf(lines: readonly DayLine[]): string {
  return lines.flatMap(({ points }) => points.slice(-1)).reduce((a, { x }) => (a > x ? a : x), "");
}
