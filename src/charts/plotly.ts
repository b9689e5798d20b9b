import type { Source } from "../candle/candle.ts";
import { sameText, type Text, textOf } from "../core/text.ts";
import { DAY_MS } from "../time/epoch.ts";
import {
  type Axis,
  type CandlesMark,
  type Description,
  instantOf,
  isTime,
  type Mark,
  type Panel,
  valuesOf,
} from "./description.ts";
import { escapePlotly } from "./escape.ts";
import type { PlotlyPart, PlotlySpec } from "./figure.ts";
import { logTicks } from "./logTicks.ts";
import { drawnMark, type PanelAxes } from "./plotlyMarks.ts";
import { FAINT, FONT, GRID, INK, PALETTE, PAPER, sourceLine, watermarkOf } from "./theme.ts";

const MARGIN = { t: 88, r: 24, b: 72, l: 76 };
/** Between a panel and the next, and where the next has its own x axis, pixels. */
const [GAP, WIDE_GAP] = [26, 70];
/** A panel lower than that has few labels. */
const LOW = 100;
/** More days than these are more than one wants to see at once. */
const MANY_DAYS = 60;

/** The interactive form of a figure: plotly's traces and layout. */
export function plotlySpec(description: Description): PlotlySpec {
  const { panels } = description;
  const axes = panels.map((panel, i) => panelAxes(description, panel, i));
  const drawn = panels.flatMap(({ marks }, i) => marks.map((mark) => drawnMark(mark, axes[i])));
  const own = panels.some(({ x }) => x !== undefined);
  const values = panels.every(({ y }) => y === null || isValues(y));
  return {
    data: drawn.flatMap(({ data = [] }) => data),
    layout: {
      ...frame(description),
      ...domains(description, axes),
      hovermode: !own && values ? "x unified" : "closest",
      ...{ barmode: "overlay", bargap: 0.3 },
      meta: pageDoes(description, axes),
      annotations: [
        sourceNote(description.source),
        ...watermark(description.source),
        ...panels.flatMap(({ title }, i) => (title ? panelTitle(title, axes[i]) : [])),
        ...drawn.flatMap(({ annotations = [] }) => annotations),
      ],
      shapes: drawn.flatMap(({ shapes = [] }) => shapes),
    },
  };
}

function panelAxes({ x }: Description, panel: Panel, i: number): PanelAxes {
  const number = i === 0 ? "" : String(i + 1);
  const own = panel.x !== undefined;
  return { x: panel.x ?? x, y: panel.y, names: { xaxis: own ? `x${number}` : "x", yaxis: `y${number}` } };
}

/** An axis of values that are compared: no time, no names. */
function isValues(axis: Axis): boolean {
  return !isTime(axis) && axis.names === undefined;
}

/** Title, fonts, margins and legend. */
function frame({ title, subtitle, panels }: Description): PlotlyPart {
  const [large, small] = [title, subtitle].map(escapePlotly);
  return {
    height: MARGIN.t + MARGIN.b + room(panels),
    title: {
      text: textOf((one) => `<b>${large[one]}</b><br><span style="font-size:12px">${small[one]}</span>`),
      ...{ x: 0, xref: "paper", y: 1, yref: "container", yanchor: "top", pad: { t: 14 }, font: { size: 16 } },
    },
    font: { family: FONT, size: 12, color: INK },
    ...{ paper_bgcolor: PAPER, plot_bgcolor: PAPER },
    margin: MARGIN,
    legend: { orientation: "h", x: 0, y: 0, yref: "container", yanchor: "bottom", tracegroupgap: 0 },
  };
}

/** The height of panels and of what is between them. */
function room(panels: readonly Panel[]): number {
  return panels.reduce((sum, panel, i) => sum + panel.height + (i === 0 ? 0 : gapAbove(panel)), 0);
}

function gapAbove({ x }: Panel): number {
  return x === undefined ? GAP : WIDE_GAP;
}

/** All axes by their names in the layout, the panels one below the other. */
function domains({ x, panels }: Description, axes: readonly PanelAxes[]): PlotlyPart {
  const height = room(panels);
  const shared = axes.filter(({ names }) => names.xaxis === "x");
  const layout: PlotlyPart = {
    xaxis: { ...xAxis(x, panels), anchor: shared[shared.length - 1]?.names.yaxis ?? "y" },
  };
  let top = height;
  for (const [i, panel] of panels.entries()) {
    if (i > 0) top -= gapAbove(panel);
    const { xaxis, yaxis } = axes[i].names;
    const domain = [(top - panel.height) / height, top / height];
    layout[layoutName(yaxis)] = { ...yAxis(panel, axes[i].x), domain, anchor: xaxis };
    if (panel.x !== undefined) layout[layoutName(xaxis)] = { ...xAxis(panel.x, [panel]), anchor: yaxis };
    top -= panel.height;
  }
  return layout;
}

function layoutName(axis: string): string {
  return `${axis[0]}axis${axis.slice(1)}`;
}

function xAxis(axis: Axis, panels: readonly Panel[]): PlotlyPart {
  if (!isTime(axis)) return { ...valueAxis(axis), zeroline: false };
  const days = axis.kind === "day";
  return {
    ...timeAxis(axis),
    hoverformat: days ? "%a %d %b %Y" : "%d %b %Y %H:%M",
    ...(axis.label && { title: { text: escapePlotly(axis.label), standoff: 22 }, automargin: true }),
    ...rangeButtons(panels),
  };
}

function yAxis({ y, height, marks }: Panel, x: Axis): PlotlyPart {
  if (y === null) return { visible: false, fixedrange: true, range: [0, 1] };
  if (isTime(y)) {
    const title = { text: escapePlotly(y.label ?? sameText("")) };
    return { ...timeAxis(y), title, hoverformat: "%d %b %H:%M", automargin: true };
  }
  return {
    ...valueAxis(y),
    ...(y.kind === "log" ? logLabels(marks, x) : {}),
    ...(y.zero ? { rangemode: "tozero" } : {}),
    ...(height < LOW && y.names === undefined ? { nticks: 4 } : {}),
    ...(y.names ? { range: [y.names.length - 0.5, -0.5], showgrid: false, zeroline: false } : {}),
  };
}

/** Plotly's own labels leave out the tens: a lone 2 may mean 20. Along a time axis they change with the view. */
function logLabels(marks: readonly Mark[], x: Axis): PlotlyPart {
  return isTime(x) ? { minorloglabels: "complete" } : { tickvals: logTicks(marks.flatMap(valuesOf)) };
}

/** A time axis in UTC: plotly shows dates without a zone as they are written. */
function timeAxis({ domain }: Axis): PlotlyPart {
  return { type: "date", gridcolor: GRID, linecolor: GRID, showline: true, ...(domain && { range: domain }) };
}

/** As the still form writes them: prices in full, large quantities as 40k or 2.5M. */
function numberFormat({ kind, format, names }: Axis): PlotlyPart {
  if (names !== undefined || kind === "log" || format === "year") return {};
  return format === "compact" ? { exponentformat: "SI" } : { tickformat: ",.8~g" };
}

function valueAxis(axis: Axis): PlotlyPart {
  const { kind, label, domain, ticks, names } = axis;
  const { log10 } = Math;
  return {
    title: { text: escapePlotly(label ?? sameText("")), standoff: 8 },
    ...{ gridcolor: GRID, linecolor: GRID, zerolinecolor: GRID, automargin: true },
    ...numberFormat(axis),
    ...(kind === "log" ? { type: "log" } : {}),
    ...(domain && { range: kind === "log" ? domain.map((end) => log10(Number(end))) : domain }),
    ...(ticks && { tickvals: ticks }),
    ...(names && {
      tickvals: ticks ?? names.map((_, i) => i),
      ticktext: (ticks ?? names.map((_, i) => i)).map((i) => escapePlotly(names[i])),
    }),
  };
}

const BUTTONS = [
  { label: { en: "1 month", vi: "1 tháng" }, count: 30, step: "day", stepmode: "backward" },
  { label: { en: "3 months", vi: "3 tháng" }, count: 91, step: "day", stepmode: "backward" },
  { label: { en: "1 year", vi: "1 năm" }, count: 365, step: "day", stepmode: "backward" },
  { label: { en: "all", vi: "tất cả" }, step: "all" },
];

/** Buttons to choose the days in view, where candles are of many days. */
function rangeButtons(panels: readonly Panel[]): PlotlyPart {
  const mark = candlesOf(panels);
  if (mark === undefined) return {};
  const { candles } = mark;
  const length = instantOf(candles[candles.length - 1].x) - instantOf(candles[0].x);
  const selector = { buttons: BUTTONS, x: 0, y: 1, yanchor: "bottom", font: { size: 11 } };
  return {
    rangeslider: { visible: false },
    ...(length > MANY_DAYS * DAY_MS ? { rangeselector: selector } : {}),
  };
}

function candlesOf(panels: readonly Panel[]): CandlesMark | undefined {
  return panels.flatMap(({ marks }) => marks).find((mark) => mark.kind === "candles");
}

/** What the page's script does with the figure: value axes follow the days in view, candles are folded. */
function pageDoes({ x, panels }: Description, axes: readonly PanelAxes[]): PlotlyPart {
  const follows = ({ y, names }: PanelAxes) =>
    names.xaxis === "x" && y !== null && isValues(y) && y.domain === undefined;
  const candles = candlesOf(panels);
  return {
    autoscale: isTime(x) ? axes.filter(follows).map(({ names }) => layoutName(names.yaxis)) : [],
    ...(candles && { levels: { interval: candles.interval, words: candles.folded } }),
  };
}

function panelTitle(text: Text, { names }: PanelAxes): PlotlyPart {
  const above = { xanchor: "left", yanchor: "bottom", showarrow: false };
  return {
    text: escapePlotly(text),
    ...{ xref: `${names.xaxis} domain`, x: 0, yref: `${names.yaxis} domain`, y: 1, ...above },
  };
}

function sourceNote(source: Source): PlotlyPart {
  return {
    text: sourceLine(source),
    ...{ xref: "paper", x: 1, xanchor: "right", yref: "paper", y: 1, yanchor: "bottom", yshift: 30 },
    showarrow: false,
    font: { size: 10, color: source === "simulated" ? PALETTE.vermillion : FAINT },
  };
}

function watermark(source: Source): PlotlyPart[] {
  const text = watermarkOf(source);
  if (text === null) return [];
  const middle = { xref: "paper", yref: "paper", x: 0.5, y: 0.5, showarrow: false };
  return [{ ...middle, text, textangle: -18, opacity: 0.15, font: { size: 72, color: PALETTE.vermillion } }];
}
