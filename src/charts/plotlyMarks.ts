import { joined, type Text, textOf } from "../core/text.ts";
import { DAY_MS } from "../time/epoch.ts";
import {
  type Axis,
  type BandMark,
  type BarsMark,
  type CandlesMark,
  type CellsMark,
  instantOf,
  isTime,
  type LineMark,
  type Mark,
  type Point,
  type PointsMark,
  type RowBarsMark,
  type RulesMark,
} from "./description.ts";
import { escapePlotly } from "./escape.ts";
import type { PlotlyPart } from "./figure.ts";
import { TEXTS } from "./texts.ts";
import { FALLING, RISING } from "./theme.ts";

/** A panel's axes: as described, and by their names in plotly, `x`, `y2`. */
export interface PanelAxes {
  x: Axis;
  y: Axis | null;
  names: { xaxis: string; yaxis: string };
}

/** The traces of a mark, and what it has in the layout. */
export interface DrawnMark {
  data?: PlotlyPart[];
  shapes?: PlotlyPart[];
  annotations?: PlotlyPart[];
}

export function drawnMark(mark: Mark, axes: PanelAxes): DrawnMark {
  switch (mark.kind) {
    case "line":
      return { data: [line(mark, axes)] };
    case "points":
      return { data: [dots(mark, axes)] };
    case "band":
      return { data: band(mark, axes) };
    case "bars":
      return { data: [bars(mark, axes)] };
    case "rowBars":
      return { data: [rowBars(mark, axes)], annotations: notes(mark, axes) };
    case "candles":
      return { data: [candles(mark, axes)] };
    case "cells":
      return { data: cells(mark, axes) };
    case "rules":
      return rules(mark, axes);
  }
}

interface Listed {
  label: Text;
  unlisted?: true;
}

/** What all traces of a mark share; marks of one name are shown and hidden together. */
function base({ label, unlisted }: Listed, { y, names }: PanelAxes): PlotlyPart {
  return {
    name: escapePlotly(label),
    legendgroup: label.en,
    ...(unlisted ? { showlegend: false } : {}),
    ...(names.xaxis === "x" ? {} : { xaxis: names.xaxis }),
    ...(names.yaxis === "y" ? {} : { yaxis: names.yaxis }),
    hovertemplate: `%{y${valueFormat(y)}}`,
  };
}

function valueFormat(axis: Axis | null): string {
  if (axis === null || isTime(axis)) return "";
  return axis.format === "price" || axis.format === "compact" ? ":,.6~g" : ":,.4~g";
}

function placed(points: readonly Point[]): PlotlyPart {
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

const STEPS = { after: "hv", middle: "hvh" };

function line(mark: LineMark, axes: PanelAxes): PlotlyPart {
  const { colour, width = 1.5, dash, step, dots: radius, fill } = mark;
  const unit = axes.y?.format === "percent" ? " %" : "";
  return {
    type: "scatter",
    mode: radius === undefined ? "lines" : "lines+markers",
    ...base(mark, axes),
    hovertemplate: `%{y${valueFormat(axes.y)}}${unit}`,
    ...placed(mark.points),
    line: { color: colour, width, ...(dash && { dash }), ...(step && { shape: STEPS[step] }) },
    ...(radius === undefined ? {} : { marker: { color: colour, size: 2 * radius } }),
    ...(fill === undefined ? {} : { fill: "tozeroy", fillcolor: translucent(colour, fill) }),
  };
}

function dots(mark: PointsMark, axes: PanelAxes): PlotlyPart {
  const [x, y] = [axes.x.label, axes.y?.label].map((label) => escapePlotly(label ?? mark.label));
  return {
    type: "scatter",
    mode: "markers",
    ...base(mark, axes),
    hovertemplate: textOf((one) => `${y[one]}: %{y${valueFormat(axes.y)}}, ${x[one]}: %{x}`),
    ...placed(mark.points),
    marker: { color: mark.colour, size: 2 * mark.radius, opacity: 0.7 },
  };
}

/** The lower edge, then the upper one with the area between both. */
function band(mark: BandMark, axes: PanelAxes): PlotlyPart[] {
  const x = mark.points.map((point) => point.x);
  const edge = { type: "scatter", mode: "lines", ...base(mark, axes), x, line: { width: 0 } };
  const lower = escapePlotly(joined([mark.label, TEXTS.lower], ", "));
  return [
    { ...edge, name: lower, y: mark.points.map(({ low }) => low), showlegend: false },
    {
      ...edge,
      y: mark.points.map(({ high }) => high),
      fill: "tonexty",
      fillcolor: translucent(mark.colour, mark.opacity),
    },
  ];
}

function bars(mark: BarsMark, axes: PanelAxes): PlotlyPart {
  const list = mark.bars;
  const has = (key: "from" | "days" | "words" | "colour") => list.some((bar) => bar[key] !== undefined);
  return {
    type: "bar",
    ...base(mark, axes),
    x: list.map(({ x }) => x),
    y: list.map(({ y, from = 0 }) => (y === null ? null : y - from)),
    ...(has("from") ? { base: list.map(({ from = 0 }) => from) } : {}),
    ...(has("days") ? { width: list.map(({ days = mark.days ?? 1 }) => days * DAY_MS) } : {}),
    ...(!has("days") && mark.days !== undefined ? { width: mark.days * DAY_MS } : {}),
    marker: {
      color: has("colour") ? list.map(({ colour = mark.colour }) => colour) : mark.colour,
      opacity: mark.opacity ?? 1,
      line: { width: 0 },
    },
    ...(has("words") ? wordsOf(list.map(({ words }) => words ?? mark.label)) : {}),
    ...(axes.y === null ? { hoverinfo: "skip", hovertemplate: undefined } : {}),
  };
}

function wordsOf(words: readonly Text[], extra = ""): PlotlyPart {
  return { customdata: words.map(escapePlotly), hovertemplate: `%{customdata}${extra}` };
}

function rowBars(mark: RowBarsMark, axes: PanelAxes): PlotlyPart {
  const list = mark.bars;
  return {
    type: "bar",
    orientation: "h",
    ...base(mark, axes),
    x: list.map(({ from, to }) => instantOf(to) - instantOf(from)),
    base: list.map(({ from }) => from),
    y: list.map(({ row }) => row),
    width: 0.66,
    marker: { color: list.map(({ colour = mark.colour }) => colour), line: { width: 0 } },
    ...wordsOf(
      list.map(({ words }) => words),
      "<extra></extra>",
    ),
  };
}

function notes({ bars: list }: RowBarsMark, { names }: PanelAxes): PlotlyPart[] {
  return list.flatMap(({ row, from, to, note }) =>
    note === undefined
      ? []
      : {
          text: escapePlotly(note),
          x: instantOf(from) > instantOf(to) ? from : to,
          y: row,
          ...{ xref: names.xaxis, yref: names.yaxis, xanchor: "left", xshift: 8, showarrow: false },
          font: { size: 11 },
        },
  );
}

function candles({ label, candles: list }: CandlesMark, axes: PanelAxes): PlotlyPart {
  const candle = (color: string) => ({ line: { color, width: 1 }, fillcolor: color });
  const { hovertemplate: _, ...shared } = base({ label, unlisted: true }, axes);
  return {
    type: "candlestick",
    ...shared,
    x: list.map(({ x }) => x),
    open: list.map(({ open }) => open),
    high: list.map(({ high }) => high),
    low: list.map(({ low }) => low),
    close: list.map(({ close }) => close),
    text: list.map(({ words }) => escapePlotly(words)),
    increasing: candle(RISING),
    decreasing: candle(FALLING),
  };
}

function cells({ cells: list, kinds }: CellsMark, axes: PanelAxes): PlotlyPart[] {
  const rows = 1 + list.reduce((most, { row }) => Math.max(most, row), 0);
  const [first, last] = [Math.min, Math.max].map((end) =>
    list.reduce((found, { column }) => end(found, column), list[0]?.column ?? 0),
  );
  const columns = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const z = Array.from({ length: rows }, () => columns.map((): number | null => null));
  const text = Array.from({ length: rows }, () => columns.map((): Text => NOTHING));
  for (const { column, row, kind, words } of list) {
    z[row][column - first] = kind;
    text[row][column - first] = escapePlotly(words);
  }
  const heatmap = {
    type: "heatmap",
    x: columns,
    ...{ z, text, zmin: -0.5, zmax: kinds.length - 0.5 },
    colorscale: kinds.flatMap(({ colour }, i) => [
      [i / kinds.length, colour],
      [(i + 1) / kinds.length, colour],
    ]),
    ...{ showscale: false, xgap: 2, ygap: 2, hoverongaps: false, hovertemplate: "%{text}<extra></extra>" },
  };
  const square = (color: string) => ({ mode: "markers", marker: { symbol: "square", size: 12, color } });
  const listed = kinds.filter(({ unlisted }) => !unlisted);
  return [heatmap, ...listed.map(({ label, colour }) => legendEntry(label, square(colour), axes))];
}

const NOTHING = { en: "", vi: "" };

/** A trace without points, for what the legend would not list. */
function legendEntry(label: Text, style: PlotlyPart, axes: PanelAxes): PlotlyPart {
  return { type: "scatter", ...base({ label }, axes), x: [null], y: [null], ...style };
}

function rules({ axis, at, colour, dash, note, label }: RulesMark, axes: PanelAxes): DrawnMark {
  const { xaxis, yaxis } = axes.names;
  const style = { color: colour, width: 1, ...(dash && { dash }) };
  const shapes = at.map((place) => ({
    type: "line",
    ...(axis === "x"
      ? { xref: xaxis, x0: place, x1: place, yref: `${yaxis} domain`, y0: 0, y1: 1 }
      : { xref: `${xaxis} domain`, x0: 0, x1: 1, yref: yaxis, y0: place, y1: place }),
    line: style,
    ...(note && {
      label: {
        text: escapePlotly(note),
        ...{ textposition: "end", yanchor: "bottom", font: { size: 10, color: colour } },
      },
    }),
  }));
  return { shapes, data: label ? [legendEntry(label, { mode: "lines", line: style }, axes)] : [] };
}

/** A colour of `#rrggbb` that lets through what is below it. */
function translucent(colour: string, opacity: number): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${parts.join(",")},${opacity})`;
}
