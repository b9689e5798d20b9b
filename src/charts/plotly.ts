import type { Source } from "../candle/candle.ts";
import { type Text, textOf } from "../core/text.ts";
import { escapePlotly } from "./escape.ts";
import type { PlotlyPart } from "./figure.ts";
import { FAINT, FONT, GRID, HEIGHT, INK, PAPER, sourceLine, watermarkOf } from "./theme.ts";

export interface Frame {
  title: Text;
  subtitle: Text;
  source: Source;
  height?: number;
}

/** The layout that all figures share: title, fonts, legend below, source line, watermark. */
export function baseLayout({ title, subtitle, source, height = HEIGHT }: Frame): PlotlyPart {
  const [large, small] = [title, subtitle].map(escapePlotly);
  return {
    height,
    title: {
      text: textOf((one) => `<b>${large[one]}</b><br><span style="font-size:12px">${small[one]}</span>`),
      x: 0,
      xref: "paper",
      y: 1,
      yref: "container",
      yanchor: "top",
      pad: { t: 14 },
      font: { size: 16 },
    },
    font: { family: FONT, size: 12, color: INK },
    paper_bgcolor: PAPER,
    plot_bgcolor: PAPER,
    margin: { t: 88, r: 24, b: 72, l: 76 },
    hovermode: "x unified",
    legend: { orientation: "h", x: 0, y: 0, yref: "container", yanchor: "bottom" },
    annotations: [sourceNote(source), ...watermark(source)],
  };
}

function sourceNote(source: Source): PlotlyPart {
  return {
    text: sourceLine(source),
    showarrow: false,
    xref: "paper",
    yref: "paper",
    x: 1,
    xanchor: "right",
    y: 1,
    yanchor: "bottom",
    yshift: 30,
    font: { size: 10, color: source === "simulated" ? "#D55E00" : FAINT },
  };
}

function watermark(source: Source): PlotlyPart[] {
  const text = watermarkOf(source);
  if (text === null) return [];
  const middle = { xref: "paper", yref: "paper", x: 0.5, y: 0.5, showarrow: false };
  return [{ ...middle, text, textangle: -18, opacity: 0.15, font: { size: 72, color: "#D55E00" } }];
}

/** A time axis in UTC: plotly shows dates without a zone as they are written. */
export function timeAxis(more: PlotlyPart = {}): PlotlyPart {
  return {
    type: "date",
    gridcolor: GRID,
    linecolor: GRID,
    showline: true,
    hoverformat: "%a %d %b %Y",
    ...more,
  };
}

export function valueAxis(title: Text, more: PlotlyPart = {}): PlotlyPart {
  return {
    title: { text: escapePlotly(title), standoff: 8 },
    gridcolor: GRID,
    linecolor: GRID,
    zerolinecolor: GRID,
    automargin: true,
    ...more,
  };
}
