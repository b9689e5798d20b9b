import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import type { Figure } from "./figure.ts";
import { type Line, linesBySymbol, linesFigure } from "./lines.ts";
import { formatNumber, PALETTE } from "./theme.ts";

/** Figures that show several symbols on one axis. */
export interface TogetherOptions {
  source: Source;
}

/**
 * Closes of all symbols, each 100 on the first day that all of them have, on a logarithmic axis.
 * @param days rows of a daily table, in any order
 * @throws CandlebookError `nothing_to_draw`
 */
export function comparisonChart(
  days: readonly { symbol: string; day: string; close: number }[],
  { source }: TogetherOptions,
): Figure {
  const lines = requireLines(linesBySymbol(days, (row) => row.close));
  const start = lines.map(({ points }) => points[0].day).reduce((a, b) => (a > b ? a : b));
  const normalised = lines.map((line) => {
    const points = line.points.filter(({ day }) => day >= start);
    const base = points[0]?.value ?? Number.NaN;
    return { ...line, points: points.map(({ day, value }) => ({ day, value: ((value ?? 0) / base) * 100 })) };
  });
  const ends = normalised.map(({ label, points }) => `${label} ${formatNumber(lastOf(points), 0)}`);
  return linesFigure({
    id: "together-prices",
    title: `${namesOf(lines)}: prices, ${start} = 100`,
    subtitle: `from ${start} to ${endOf(normalised)} (UTC); at the end ${ends.join(", ")}`,
    alt: `Closes, each 100 on ${start}. At the end, ${endOf(normalised)}: ${ends.join(", ")}.`,
    source,
    lines: normalised,
    axis: { label: `close, ${start} = 100`, log: true, rule: 100 },
  });
}

/**
 * How far each symbol's close lies below the highest close so far.
 * @param rows the result `drawdown`
 * @throws CandlebookError `nothing_to_draw`
 */
export function drawdownChart(
  rows: readonly { symbol: string; day: string; drawdown_percent: number }[],
  { source }: TogetherOptions,
): Figure {
  const lines = requireLines(linesBySymbol(rows, (row) => row.drawdown_percent));
  const worst = lines.map(({ label, points }) => {
    const low = points.reduce((a, b) => ((b.value ?? 0) < (a.value ?? 0) ? b : a));
    return `${label} ${formatNumber(low.value ?? 0, 1)} % on ${low.day}`;
  });
  return linesFigure({
    id: "together-drawdown",
    title: `${namesOf(lines)}: drawdown`,
    subtitle: `below the highest close so far; deepest: ${worst.join(", ")}`,
    alt: `Drawdown of the close from its highest value so far. Deepest: ${worst.join(", ")}.`,
    source,
    lines,
    axis: { label: "below the peak, %", rule: 0, fill: true, unit: " %" },
  });
}

/**
 * The volatility of the last 30 days, annualised.
 * @param rows the result `volatility`
 * @throws CandlebookError `nothing_to_draw`
 */
export function volatilityChart(
  rows: readonly { symbol: string; day: string; volatility_percent: number | null }[],
  { source }: TogetherOptions,
): Figure {
  const lines = requireLines(linesBySymbol(rows, (row) => row.volatility_percent));
  const means = lines.map(({ label, points }) => {
    const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return `${label} ${values.length === 0 ? "too short a history" : `${formatNumber(mean, 0)} %`}`;
  });
  return linesFigure({
    id: "together-volatility",
    title: `${namesOf(lines)}: volatility of the last 30 days`,
    subtitle: `standard deviation of daily log returns × √365; mean: ${means.join(", ")}`,
    alt: `Annualised volatility of the last 30 days. Mean over the whole time: ${means.join(", ")}.`,
    source,
    lines,
    axis: { label: "volatility, % a year", rule: 0, unit: " %" },
  });
}

/**
 * How closely two symbols' daily returns go together, over the last 90 days; a line for each pair.
 * @param rows the result `rolling_correlation`
 * @throws CandlebookError `nothing_to_draw` where there are not two symbols with 90 days in common
 */
export function correlationChart(
  rows: readonly { symbol_a: string; symbol_b: string; day: string; correlation: number | null }[],
  { source }: TogetherOptions,
): Figure {
  const pairs = rows.map((row) => ({ ...row, symbol: `${row.symbol_a} and ${row.symbol_b}` }));
  const found = linesBySymbol(pairs, (row) => row.correlation);
  const lines = requireLines(found).map((line, i) => (i === 0 ? { ...line, colour: PALETTE.green } : line));
  const ranges = lines.map(({ label, points }) => {
    const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
    const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => formatNumber(value, 2));
    return values.length === 0 ? `${label}: too short a history` : `${label}: from ${low} to ${high}`;
  });
  const lowest = Math.min(...rows.map(({ correlation }) => correlation ?? 0));
  return linesFigure({
    id: "together-correlation",
    title: "Correlation of the daily returns, last 90 days",
    subtitle: ranges.join("; "),
    alt: `Pearson's correlation of daily log returns over the last 90 days. ${ranges.join("; ")}.`,
    source,
    lines,
    axis: { label: "correlation", rule: 0, domain: [lowest < 0 ? -1 : 0, 1] },
  });
}

function requireLines(lines: Line[]): Line[] {
  if (lines.length > 0) return lines;
  throw inputError("nothing_to_draw", "No rows to draw.", "Run the stage that makes them first.");
}

function namesOf(lines: readonly Line[]): string {
  return lines.map(({ label }) => label).join(" and ");
}

function lastOf(points: Line["points"]): number {
  return points[points.length - 1]?.value ?? Number.NaN;
}

function endOf(lines: readonly Line[]): string {
  return lines.flatMap(({ points }) => points.slice(-1)).reduce((a, { day }) => (a > day ? a : day), "");
}
