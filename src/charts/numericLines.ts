import * as Plot from "@observablehq/plot";
import type { Source } from "../candle/candle.ts";
import { sameText, type Text } from "../core/text.ts";
import { escapePlotly } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { logTicks } from "./logTicks.ts";
import { makeFigure } from "./make.ts";
import { baseLayout, valueAxis } from "./plotly.ts";
import { gridAt, gridMarks, type Panel, svgDocument } from "./static.ts";
import { FAINT, formatNumber, PAPER } from "./theme.ts";

export interface NumericLine {
  label: Text;
  colour: string;
  dashed?: boolean;
  points: readonly { x: number; value: number | null }[];
}

export interface NumericLinesParts {
  id: string;
  title: Text;
  subtitle: Text;
  alt: Text;
  source: Source;
  lines: readonly NumericLine[];
  /** Steps ahead, or years: whole numbers. */
  xLabel: Text;
  yLabel: Text;
  log?: boolean;
  domain?: [number, number];
  /** Values that the eye should compare with, each with its name. */
  rules?: readonly { value: number; label?: Text }[];
}

/** Lines over a whole number (days ahead, years) on one axis, every point marked. */
export function numericLinesFigure(parts: NumericLinesParts): Figure {
  const { title, subtitle, source, lines, rules = [] } = parts;
  return makeFigure({
    ...parts,
    interactive: {
      data: lines.map(trace),
      layout: {
        ...baseLayout({ title, subtitle, source }),
        xaxis: valueAxis(parts.xLabel, { dtick: ticksOf(lines).every, zeroline: false }),
        yaxis: valueAxis(parts.yLabel, {
          // Plotly's own leave out the tens: a lone 2 may stand for 20.
          ...(parts.log ? { type: "log", tickvals: ticksWithin(lines) } : {}),
          ...(parts.domain === undefined ? {} : { range: parts.domain }),
        }),
        shapes: rules.map(({ value, label }) => rule(value, label)),
      },
    },
    svg: () =>
      svgDocument({
        ...parts,
        panels: [panel(parts)],
        legend: lines.map(({ label, colour, dashed }) => ({
          label,
          colour,
          form: dashed ? ("dashes" as const) : ("line" as const),
        })),
      }),
  });
}

function trace({ label, colour, dashed, points }: NumericLine): PlotlyPart {
  return {
    type: "scatter",
    mode: "lines+markers",
    name: escapePlotly(label),
    x: points.map(({ x }) => x),
    y: points.map(({ value }) => value),
    line: { color: colour, width: 1.8, ...(dashed ? { dash: "dash" } : {}) },
    marker: { size: 4 },
    hovertemplate: "%{y:,.4~g}",
  };
}

function rule(value: number, label = sameText("")): PlotlyPart {
  return {
    type: "line",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: value,
    y1: value,
    line: { color: FAINT, width: 1, dash: "dot" },
    label: {
      text: escapePlotly(label),
      textposition: "end",
      yanchor: "bottom",
      font: { size: 10, color: FAINT },
    },
  };
}

function panel({ lines, xLabel, yLabel, log, domain, rules = [] }: NumericLinesParts): Panel {
  const ticks = ticksWithin(lines);
  const last = Math.max(...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const named = rules.flatMap(({ value, label }) => (label === undefined ? [] : [{ value, label }]));
  return {
    height: 360,
    texts: named.map(({ label }) => label),
    marginTop: 24,
    marginBottom: 44,
    x: { label: xLabel, ticks: ticksOf(lines).values, tickFormat: (tick: number) => String(tick) },
    y: {
      label: yLabel,
      type: log ? "log" : "linear",
      ...(domain === undefined ? {} : { domain }),
      ...(log ? { ticks } : {}),
      tickFormat: (tick: number) => formatNumber(tick, tick % 1 === 0 ? 0 : 1),
    },
    marks: [
      ...(log ? gridAt(ticks) : gridMarks),
      Plot.ruleY(rules, { y: "value", stroke: FAINT, strokeDasharray: "2 3" }),
      ...lines.flatMap(({ points, colour, dashed }) => {
        const known = points.filter(({ value }) => value !== null);
        const dashes = dashed ? { strokeDasharray: "5 4" } : {};
        return [
          Plot.lineY(known, { x: "x", y: "value", stroke: colour, strokeWidth: 1.8, ...dashes }),
          Plot.dot(known, { x: "x", y: "value", fill: colour, r: 2 }),
        ];
      }),
      // Over the lines, with a rim of paper: they end where the labels stand.
      Plot.text(named, {
        x: last,
        y: "value",
        text: ({ label }) => label.en,
        textAnchor: "end",
        dy: -6,
        fill: FAINT,
        stroke: PAPER,
        strokeWidth: 4,
      }),
    ],
  };
}

function ticksWithin(lines: readonly NumericLine[]): number[] {
  return logTicks(lines.flatMap(({ points }) => points.map(({ value }) => value ?? 0)));
}

/** At most some 16 whole numbers. */
function ticksOf(lines: readonly NumericLine[]): { values: number[]; every: number } {
  const all = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(all.length / 16));
  return { values: all.filter((_, i) => i % every === 0), every };
}
