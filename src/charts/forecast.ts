import * as Plot from "@observablehq/plot";
import type { Source } from "../candle/candle.ts";
import { slug } from "./escape.ts";
import { bandsOf, type Fan, type FanStep, forecastOf, skillWords } from "./fan.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { baseLayout, timeAxis, valueAxis } from "./plotly.ts";
import { rowsOfOne, type Span, spanInDays } from "./rows.ts";
import { gridMarks, svgDocument, utc, utcAxis } from "./static.ts";
import { FAINT, formatPrice, INK, PALETTE } from "./theme.ts";

/** What the figure needs of a past day; `ServedDay` has it. */
export interface DailyClose {
  symbol: string;
  day: string;
  close: number;
}

export interface ForecastOptions {
  source: Source;
  /** Which model's fan is drawn; the first that is not the naive one where nothing is said. */
  model?: string;
  /** How much of the past to show, 120 days where nothing is said. */
  last?: Span;
}

const BLUE = PALETTE.blue;

/**
 * A fan: the closes so far, the forecast with its 50, 80 and 95 % intervals, and the naive forecast with its 80 %
 * interval beside it.
 * @param history past closes, in any order; other symbols' are left out
 * @param fan one symbol's forecasts and scores, as the forecast stage returns them
 * @throws CandlebookError `nothing_to_draw`, `no_such_model`, `bad_span`
 */
export function forecastChart(
  history: readonly DailyClose[],
  fan: Fan,
  { source, model: named, last = 120 }: ForecastOptions,
): Figure {
  const { symbol } = fan;
  const forecast = forecastOf(fan, named);
  const { model, cutoff } = forecast;
  const steps = bandsOf(forecast);
  const naive =
    model === "naive" ? [] : fan.forecasts.filter((one) => one.model === "naive").flatMap(bandsOf);
  const past = rowsOfOne(history, symbol).rows.sort((a, b) => (a.day < b.day ? -1 : 1));
  const closes = past.filter(({ day }) => day <= cutoff).slice(-spanInDays(last));
  const end = steps[steps.length - 1];
  const verdict = skillWords(fan, model);
  const title = `${symbol}: ${steps.length}-day forecast by ${model}`;
  const subtitle = `made from days up to ${cutoff} (UTC); ${verdict}`;
  const alt =
    `Last close ${formatPrice(closes[closes.length - 1]?.close ?? steps[0].yhat)} on ${cutoff}. Forecast for ${end.ds}: ` +
    `${formatPrice(end.yhat)}, 80 % interval ${formatPrice(end.lo80)} to ${formatPrice(end.hi80)}, 95 % interval ` +
    `${formatPrice(end.lo95)} to ${formatPrice(end.hi95)}; ${verdict}.`;
  return makeFigure({
    id: `${slug(symbol)}-forecast-${slug(model)}`,
    title,
    alt,
    source,
    interactive: {
      data: traces(closes, steps, naive, model),
      layout: {
        ...baseLayout({ title, subtitle, source, height: 480 }),
        xaxis: timeAxis(),
        yaxis: valueAxis("close, quote currency"),
        shapes: [cutoffLine(cutoff)],
      },
    },
    svg: () =>
      svgDocument({
        title,
        subtitle,
        alt,
        source,
        panels: [panel(closes, steps, naive, cutoff)],
        legend: [
          { label: "close", colour: INK, form: "line" },
          { label: `forecast by ${model}`, colour: BLUE, form: "line" },
          { label: "50, 80 and 95 %", colour: PALETTE.sky, form: "square" },
          ...(naive.length > 0
            ? [{ label: "naive and its 80 %", colour: PALETTE.vermillion, form: "dashes" as const }]
            : []),
        ],
      }),
  });
}

function traces(
  closes: readonly DailyClose[],
  fan: readonly FanStep[],
  naive: readonly FanStep[],
  model: string,
): PlotlyPart[] {
  const past = {
    type: "scatter",
    mode: "lines",
    name: "close",
    x: closes.map(({ day }) => day),
    y: closes.map(({ close }) => close),
    line: { color: PALETTE.grey, width: 2 },
    hovertemplate: "%{y:,.6~g}",
  };
  return [
    ...band(fan, ["lo95", "hi95"], "95 %", "rgba(86,180,233,0.25)"),
    ...band(fan, ["lo80", "hi80"], "80 %", "rgba(0,114,178,0.25)"),
    ...band(fan, ["lo50", "hi50"], "50 %", "rgba(0,114,178,0.30)"),
    past,
    line(fan, "yhat", model, { color: BLUE, width: 2.5 }),
    ...(naive.length === 0
      ? []
      : [
          line(naive, "yhat", "naive", { color: PALETTE.vermillion, width: 1.5, dash: "dash" }),
          {
            ...line(naive, "lo80", "naive 80 %", { color: PALETTE.vermillion, width: 1, dash: "dot" }),
            legendgroup: "naive 80 %",
          },
          {
            ...line(naive, "hi80", "naive 80 %", { color: PALETTE.vermillion, width: 1, dash: "dot" }),
            legendgroup: "naive 80 %",
            showlegend: false,
          },
        ]),
  ];
}

type Bound = "yhat" | "lo50" | "hi50" | "lo80" | "hi80" | "lo95" | "hi95";

function line(rows: readonly FanStep[], bound: Bound, name: string, style: PlotlyPart): PlotlyPart {
  return {
    type: "scatter",
    mode: "lines",
    name,
    x: rows.map((row) => row.ds),
    y: rows.map((row) => row[bound]),
    line: style,
    hovertemplate: "%{y:,.6~g}",
  };
}

function band(
  rows: readonly FanStep[],
  [low, high]: readonly [Bound, Bound],
  label: string,
  fillcolor: string,
): PlotlyPart[] {
  const none = { width: 0 };
  return [
    { ...line(rows, low, `${label}, lower`, none), showlegend: false, legendgroup: label },
    { ...line(rows, high, label, none), fill: "tonexty", fillcolor, legendgroup: label },
  ];
}

function cutoffLine(cutoff: string): PlotlyPart {
  return {
    type: "line",
    x0: cutoff,
    x1: cutoff,
    yref: "paper",
    y0: 0,
    y1: 1,
    line: { color: FAINT, width: 1, dash: "dot" },
  };
}

function panel(
  closes: readonly DailyClose[],
  fan: readonly FanStep[],
  naive: readonly FanStep[],
  cutoff: string,
): Plot.PlotOptions {
  const x = (row: FanStep) => utc(row.ds);
  const dashed = { x, stroke: PALETTE.vermillion, strokeDasharray: "5 4" };
  return {
    height: 380,
    marginTop: 14,
    marginBottom: 36,
    x: utcAxis(),
    y: { label: "close, quote currency", zero: false, tickFormat: formatPrice },
    marks: [
      ...gridMarks,
      Plot.areaY(fan, { x, y1: "lo95", y2: "hi95", fill: PALETTE.sky, fillOpacity: 0.28 }),
      Plot.areaY(fan, { x, y1: "lo80", y2: "hi80", fill: BLUE, fillOpacity: 0.25 }),
      Plot.areaY(fan, { x, y1: "lo50", y2: "hi50", fill: BLUE, fillOpacity: 0.3 }),
      Plot.ruleX([utc(cutoff)], { stroke: FAINT, strokeDasharray: "2 3" }),
      Plot.lineY(closes, { x: (row: DailyClose) => utc(row.day), y: "close", stroke: INK, strokeWidth: 1.6 }),
      Plot.lineY(fan, { x, y: "yhat", stroke: BLUE, strokeWidth: 2.4 }),
      Plot.lineY(naive, { ...dashed, y: "yhat", strokeWidth: 1.6 }),
      Plot.lineY(naive, { ...dashed, y: "lo80", strokeWidth: 0.9, strokeDasharray: "2 3" }),
      Plot.lineY(naive, { ...dashed, y: "hi80", strokeWidth: 0.9, strokeDasharray: "2 3" }),
    ],
  };
}
