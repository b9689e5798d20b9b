import * as Plot from "@observablehq/plot";
import type { Source } from "../candle/candle.ts";
import type { ProphetComponents } from "../forecast/prophet/prophetComponents.ts";
import { slug } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { baseLayout, timeAxis, valueAxis } from "./plotly.ts";
import { gridMarks, svgDocument, utc, utcAxis } from "./static.ts";
import { FAINT, formatNumber, formatPrice, INK, PALETTE } from "./theme.ts";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * Prophet taken apart: the trend with its changepoints over the closes, the effect of the weekday and of the day in
 * the year.
 */
export function componentsChart(parts: ProphetComponents, { source }: { source: Source }): Figure {
  const { symbol, cutoff, changepoints } = parts;
  const title = `${symbol}: Prophet taken apart`;
  const subtitle = `fitted to days up to ${cutoff} (UTC); the trend changed its slope at ${changepoints.length} of its changepoints`;
  const alt = `Trend at the cutoff ${formatPrice(trendAtCutoff(parts))}. ${effectWords(parts)} Changepoints: ${changepoints.join(", ") || "none"}.`;
  return makeFigure({
    id: `${slug(symbol)}-components`,
    title,
    alt,
    source,
    interactive: { data: traces(parts), layout: layout(parts, title, subtitle, source) },
    svg: () =>
      svgDocument({
        ...{ title, subtitle, alt, source },
        panels: [trendPanel(parts), ...effectPanels(parts)],
        legend: [
          { label: "close", colour: PALETTE.grey, form: "line" },
          { label: "trend, with its 80 % band", colour: PALETTE.blue, form: "line" },
          { label: "changepoint", colour: PALETTE.vermillion, form: "dashes" },
        ],
      }),
  });
}

interface Effect {
  title: string;
  unit: string;
  x: (string | number)[];
  y: number[];
}

function effectsOf({ weekly, yearly, multiplicative }: ProphetComponents): Effect[] {
  const values = (effect: Float64Array) => Array.from(effect, (v) => (multiplicative ? 100 * v : v));
  const unit = multiplicative ? "% of the trend" : "quote currency";
  return [
    ...(weekly ? [{ title: "weekday", unit, x: WEEKDAYS, y: values(weekly) }] : []),
    ...(yearly
      ? [{ title: "day of the year", unit, x: values(yearly).map((_, i) => i + 1), y: values(yearly) }]
      : []),
  ];
}

function effectWords(parts: ProphetComponents): string {
  return effectsOf(parts)
    .map(
      ({ title, unit, y }) =>
        `By ${title}, ${unit}: ${formatNumber(Math.min(...y), 2)} to ${formatNumber(Math.max(...y), 2)}.`,
    )
    .join(" ");
}

function trendAtCutoff({ days, cutoff, trend }: ProphetComponents): number {
  return trend[days.indexOf(cutoff)];
}

function traces(parts: ProphetComponents): PlotlyPart[] {
  const { days, close, trend, trendLower, trendUpper } = parts;
  const base = { type: "scatter", mode: "lines", hovertemplate: "%{y:,.6~g}" };
  const none = { width: 0 };
  return [
    {
      ...base,
      name: "close",
      x: days.slice(0, close.length),
      y: [...close],
      line: { color: PALETTE.grey, width: 1 },
    },
    { ...base, name: "trend, lower", x: days, y: [...trendLower], line: none, showlegend: false },
    {
      ...base,
      name: "80 %",
      x: days,
      y: [...trendUpper],
      line: none,
      fill: "tonexty",
      fillcolor: "rgba(0,114,178,0.30)",
    },
    { ...base, name: "trend", x: days, y: [...trend], line: { color: PALETTE.blue, width: 2 } },
    // The rules are shapes, which the legend doesn't know.
    {
      ...base,
      name: "changepoint",
      x: [null],
      y: [null],
      line: { color: PALETTE.vermillion, width: 1, dash: "dash" },
    },
    ...effectsOf(parts).map(({ title, x, y }, i) => ({
      ...base,
      name: title,
      ...{ x, y, xaxis: `x${i + 2}`, yaxis: `y${i + 2}` },
      line: { color: PALETTE.blue, width: 1.6 },
      showlegend: false,
    })),
  ];
}

/** What a panel shows stands over it: along its axis there is room for the unit alone. */
function panelTitle({ title }: Effect, i: number): PlotlyPart {
  return {
    text: title,
    showarrow: false,
    xref: "paper",
    x: 0,
    xanchor: "left",
    yref: `y${i + 2} domain`,
    y: 1,
    yanchor: "bottom",
  };
}

function layout(parts: ProphetComponents, title: string, subtitle: string, source: Source): PlotlyPart {
  const effects = effectsOf(parts);
  const height = 1 / (1 + effects.length);
  const domain = (place: number) => [
    1 - (place + 1) * height + 0.06,
    1 - place * height - (place > 0 ? 0.03 : 0),
  ];
  const axes = effects.flatMap(({ unit }, i) => [
    [`xaxis${i + 2}`, valueAxis("", { anchor: `y${i + 2}` })] as const,
    [`yaxis${i + 2}`, valueAxis(unit, { anchor: `x${i + 2}`, domain: domain(i + 1) })] as const,
  ]);
  const base = baseLayout({ title, subtitle, source, height: 300 + 220 * effects.length });
  return {
    ...base,
    annotations: [...(base.annotations as PlotlyPart[]), ...effects.map(panelTitle)],
    hovermode: "closest",
    xaxis: timeAxis({ anchor: "y" }),
    yaxis: valueAxis("trend, quote currency", { domain: domain(0) }),
    ...Object.fromEntries(axes),
    shapes: parts.changepoints.map((day) => ({
      type: "line",
      ...{ x0: day, x1: day, yref: "y domain", y0: 0, y1: 1 },
      line: { color: PALETTE.vermillion, width: 1, dash: "dash" },
    })),
  };
}

function trendPanel({
  days,
  close,
  trend,
  trendLower,
  trendUpper,
  changepoints,
}: ProphetComponents): Plot.PlotOptions {
  const places = days.map((_, i) => i);
  const x = (i: number) => utc(days[i]);
  return {
    height: 300,
    marginTop: 20,
    marginBottom: 30,
    x: utcAxis(),
    y: { label: "trend, quote currency", tickFormat: formatPrice },
    marks: [
      ...gridMarks,
      Plot.ruleX(changepoints.map(utc), {
        stroke: PALETTE.vermillion,
        strokeDasharray: "4 4",
        strokeWidth: 0.8,
      }),
      Plot.lineY(places.slice(0, close.length), {
        x,
        y: (i: number) => close[i],
        stroke: PALETTE.grey,
        strokeWidth: 0.9,
      }),
      Plot.areaY(places, {
        x,
        y1: (i: number) => trendLower[i],
        y2: (i: number) => trendUpper[i],
        fill: PALETTE.blue,
        fillOpacity: 0.3,
      }),
      Plot.lineY(places, { x, y: (i: number) => trend[i], stroke: PALETTE.blue, strokeWidth: 2 }),
    ],
  };
}

function effectPanels(parts: ProphetComponents): Plot.PlotOptions[] {
  return effectsOf(parts).map(({ title, unit, x, y }) => {
    const isNamed = typeof x[0] === "string";
    return {
      height: 170,
      marginTop: 24,
      marginBottom: 30,
      x: isNamed ? { type: "point", domain: x, label: null } : { label: null, ticks: 12 },
      y: {
        label: `${title}, ${unit}`,
        tickFormat: (v: number) => formatNumber(v, v !== 0 && Math.abs(v) < 10 ? 1 : 0),
      },
      marks: [
        ...gridMarks,
        Plot.ruleY([0], { stroke: FAINT }),
        Plot.lineY(y, {
          x: (_: number, i: number) => x[i],
          y: (v: number) => v,
          stroke: INK,
          strokeWidth: 1.5,
        }),
      ],
    };
  });
}
