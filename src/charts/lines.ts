import * as Plot from "@observablehq/plot";
import type { Source } from "../candle/candle.ts";
import { sameText, type Text } from "../core/text.ts";
import { escapePlotly } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { logTicks } from "./logTicks.ts";
import { makeFigure } from "./make.ts";
import { baseLayout, timeAxis, valueAxis } from "./plotly.ts";
import { daysFromTo } from "./rows.ts";
import { gridAt, gridMarks, type Panel, svgDocument, utc, utcAxis } from "./static.ts";
import { FAINT, formatNumber, PALETTE } from "./theme.ts";

export interface LinePoint {
  day: string;
  /** Null breaks the line, as a day without a point does. */
  value: number | null;
}

export interface Line {
  label: Text;
  colour: string;
  points: readonly LinePoint[];
}

export interface LinesParts {
  id: string;
  title: Text;
  subtitle: Text;
  alt: Text;
  source: Source;
  lines: readonly Line[];
  axis: {
    label: Text;
    log?: boolean;
    /** A rule at this value, which belongs into the picture. */
    rule?: number;
    /** Fills between the line and the rule. */
    fill?: boolean;
    /** What follows a value where it is read off: ` %`. */
    unit?: string;
    domain?: [number, number];
  };
}

/** Colours by which symbols are told apart, in the order of their names. */
const SYMBOL_COLOURS = [
  PALETTE.orange,
  PALETTE.blue,
  PALETTE.green,
  PALETTE.purple,
  PALETTE.vermillion,
  PALETTE.sky,
];

/** A line for each symbol, sorted by name. */
export function linesBySymbol<Row extends { symbol: string; day: string }>(
  rows: readonly Row[],
  value: (row: Row) => number | null,
): Line[] {
  const symbols = [...new Set(rows.map((row) => row.symbol))].sort();
  return symbols.map((symbol, i) => ({
    label: sameText(symbol),
    colour: SYMBOL_COLOURS[i % SYMBOL_COLOURS.length],
    points: rows
      .filter((row) => row.symbol === symbol)
      .map((row) => ({ day: row.day, value: value(row) }))
      .sort((a, b) => (a.day < b.day ? -1 : 1)),
  }));
}

/** Lines over time on one axis. */
export function linesFigure(parts: LinesParts): Figure {
  const { title, subtitle, source, axis } = parts;
  const lines = parts.lines.map((line) => ({ ...line, points: withBreaks(line.points) }));
  return makeFigure({
    ...parts,
    interactive: {
      data: lines.map((line) => trace(line, axis)),
      layout: {
        ...baseLayout({ title, subtitle, source }),
        meta: { autoscale: axis.domain === undefined ? ["yaxis"] : [] },
        xaxis: timeAxis(),
        yaxis: valueAxis(axis.label, {
          ...(axis.log ? { type: "log", minorloglabels: "complete" } : {}),
          ...(axis.domain === undefined ? {} : { range: axis.domain }),
        }),
      },
    },
    svg: () =>
      svgDocument({
        ...parts,
        panels: [panel(lines, axis)],
        legend: lines.map(({ label, colour }) => ({ label, colour, form: "line" })),
      }),
  });
}

/** Every day of the line's span once; those without a point have no value. */
function withBreaks(points: readonly LinePoint[]): LinePoint[] {
  if (points.length === 0) return [];
  const values = new Map(points.map(({ day, value }) => [day, value]));
  return daysFromTo(points.map(({ day }) => day)).map((day) => ({ day, value: values.get(day) ?? null }));
}

function trace({ label, colour, points }: Line, { fill, unit = "" }: LinesParts["axis"]): PlotlyPart {
  return {
    type: "scatter",
    mode: "lines",
    name: escapePlotly(label),
    x: points.map(({ day }) => day),
    y: points.map(({ value }) => value),
    line: { color: colour, width: 1.4 },
    hovertemplate: `%{y:,.4~g}${unit}`,
    ...(fill ? { fill: "tozeroy", fillcolor: `${colour}1a` } : {}),
  };
}

function panel(lines: readonly Line[], axis: LinesParts["axis"]): Panel {
  const value = (point: LinePoint) => point.value ?? Number.NaN;
  const at = (point: LinePoint) => utc(point.day);
  const ticks = logTicks(lines.flatMap(({ points }) => points.map((point) => point.value ?? 0)));
  return {
    height: 350,
    marginTop: 24,
    marginBottom: 36,
    x: utcAxis(),
    y: {
      label: axis.label,
      type: axis.log ? "log" : "linear",
      ...(axis.domain === undefined ? {} : { domain: axis.domain }),
      tickFormat: (tick: number) => formatNumber(tick, Math.abs(tick) < 10 && tick % 1 !== 0 ? 2 : 0),
      ...(axis.log ? { ticks } : {}),
    },
    marks: [
      ...(axis.log ? gridAt(ticks) : gridMarks),
      ...(axis.rule === undefined ? [] : [Plot.ruleY([axis.rule], { stroke: FAINT, strokeWidth: 1 })]),
      ...(axis.fill ? lines : []).map(({ points, colour }) =>
        Plot.areaY(points, { x: at, y1: axis.rule ?? 0, y2: value, fill: colour, fillOpacity: 0.1 }),
      ),
      ...lines.map(({ points, colour }) =>
        Plot.lineY(points, { x: at, y: value, stroke: colour, strokeWidth: 1.4 }),
      ),
    ],
  };
}
