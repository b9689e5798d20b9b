import * as Plot from "@observablehq/plot";
import type { DailyCandle, ServedDay, Source } from "../candle/candle.ts";
import { slug } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { type FoldUnit, foldDays, unitFor } from "./fold.ts";
import { logTicks } from "./logTicks.ts";
import { makeFigure } from "./make.ts";
import { originLegend, originRuns, originStrip, originTraces } from "./origins.ts";
import { baseLayout, timeAxis, valueAxis } from "./plotly.ts";
import { rowsOfOne, type Span, spanInDays } from "./rows.ts";
import { gridAt, gridMarks, type LegendItem, svgDocument, utc, utcAxis } from "./static.ts";
import { FALLING, formatCompact, formatPrice, PALETTE, RISING } from "./theme.ts";
import { unitsOf } from "./units.ts";

export interface CandleOptions {
  /** Whose prices these are; the tables' manifest and the stages' results say it. */
  source: Source;
  /** Needed where the rows hold several. */
  symbol?: string;
  /** How much of the end to show first: `90d`, `6m`, `2y`. The interactive figure can show all. */
  last?: Span;
}

type Day = DailyCandle & Partial<Pick<ServedDay, "ma7" | "ma30">>;

const AVERAGES = [
  { key: "ma7", label: "mean of 7 days", colour: PALETTE.orange },
  { key: "ma30", label: "mean of 30 days", colour: PALETTE.purple },
] as const;

/**
 * Daily candlesticks with volume, the means of the last 7 and 30 closes, and a strip that marks each day's origin.
 * The price axis is logarithmic where the highest price is more than eight times the lowest.
 * @param days rows of a daily table, with or without averages, in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`, `bad_span`
 */
export function candleChart(days: readonly Day[], { source, symbol: wanted, last }: CandleOptions): Figure {
  const { symbol, rows } = rowsOfOne(days, wanted);
  rows.sort((a, b) => (a.day < b.day ? -1 : 1));
  const shown = rows.slice(-spanInDays(last));
  const first = shown[0];
  const final = shown[shown.length - 1];
  const change = final.close / first.open - 1;
  const title = `${symbol}: daily candles`;
  const alt =
    `${shown.length} days from ${first.day} to ${final.day} (UTC). First open ${formatPrice(first.open)}, last close ` +
    `${formatPrice(final.close)}, ${change < 0 ? "down" : "up"} ${Math.abs(change * 100).toFixed(1)} %; highest ` +
    `${formatPrice(Math.max(...shown.map((row) => row.high)))}, lowest ${formatPrice(Math.min(...shown.map((row) => row.low)))}.`;
  const unit = unitFor(shown.length);
  return makeFigure({
    id: `${slug(symbol)}-candles`,
    title,
    alt,
    source,
    interactive: { data: traces(rows), layout: layout({ title, source, rows, shown, symbol }) },
    svg: () =>
      svgDocument({
        title: title.replace("daily", { day: "daily", week: "weekly", month: "monthly" }[unit]),
        subtitle: `${first.day} to ${final.day}, days are UTC`,
        alt,
        source,
        panels: panels(shown, unit, symbol),
        legend: [
          ...averagesOf(shown, unit).map(
            ({ label, colour }): LegendItem => ({ label, colour, form: "line" }),
          ),
          ...originLegend(shown),
        ],
      }),
  });
}

function traces(rows: readonly Day[]): PlotlyPart[] {
  const x = rows.map((row) => row.day);
  const candles = {
    type: "candlestick",
    name: "price",
    x,
    open: rows.map((row) => row.open),
    high: rows.map((row) => row.high),
    low: rows.map((row) => row.low),
    close: rows.map((row) => row.close),
    text: rows.map(minutesText),
    increasing: { line: { color: RISING, width: 1 }, fillcolor: RISING },
    decreasing: { line: { color: FALLING, width: 1 }, fillcolor: FALLING },
    showlegend: false,
  };
  const averages = AVERAGES.map(({ key, label, colour }) => ({
    type: "scatter",
    mode: "lines",
    name: label,
    x,
    y: rows.map((row) => row[key] ?? null),
    line: { color: colour, width: 1.5 },
    hovertemplate: "%{y:,.6~g}",
  })).filter((trace) => trace.y.some((value) => value !== null));
  const volume = {
    type: "bar",
    name: "volume",
    x,
    y: rows.map((row) => row.volume),
    yaxis: "y2",
    marker: {
      color: rows.map((row) => (row.close < row.open ? FALLING : RISING)),
      opacity: 0.55,
      line: { width: 0 },
    },
    hovertemplate: "%{y:,.6~g}",
    showlegend: false,
  };
  return [candles, ...averages, volume, ...originTraces(rows)];
}

function minutesText({ minutes, origin, complete }: Day): string {
  const made = minutes === null ? "daily candle" : `${minutes} minutes`;
  return `${made}, ${origin}${complete ? "" : ", not over yet"}`;
}

interface LayoutInput {
  title: string;
  source: Source;
  rows: readonly Day[];
  /** Those of `rows` that are shown first. */
  shown: readonly Day[];
  symbol: string;
}

function layout({ title, source, rows, shown, symbol }: LayoutInput): PlotlyPart {
  const { base, quote } = unitsOf(symbol);
  const log = isWide(rows);
  const long = rows.length > 450 ? "; drawn by week or month where days would be too narrow" : "";
  const whole = shown.length === rows.length;
  const [low, high] = [Math.min(...shown.map((row) => row.low)), Math.max(...shown.map((row) => row.high))];
  const room = 0.04 * (high - low || high);
  const range = log ? [Math.log10(low) - 0.03, Math.log10(high) + 0.03] : [low - room, high + room];
  const buttons = [
    { label: "1 month", count: 30, step: "day", stepmode: "backward" },
    { label: "3 months", count: 91, step: "day", stepmode: "backward" },
    { label: "1 year", count: 365, step: "day", stepmode: "backward" },
    { label: "all", step: "all" },
  ];
  return {
    ...baseLayout({
      title,
      subtitle: `${rows[0].day} to ${rows[rows.length - 1].day}, days are UTC${long}`,
      source,
      height: 520,
    }),
    meta: { autoscale: ["yaxis", "yaxis2"], fold: true },
    bargap: 0.15,
    xaxis: timeAxis({
      anchor: "y3",
      rangeslider: { visible: false },
      ...(whole
        ? {}
        : { range: [`${dayBefore(shown[0].day)} 12:00`, `${shown[shown.length - 1].day} 12:00`] }),
      ...(rows.length > 60
        ? { rangeselector: { buttons, x: 0, y: 1, yanchor: "bottom", font: { size: 11 } } }
        : {}),
    }),
    yaxis: valueAxis(`price, ${quote}`, {
      domain: [0.3, 1],
      range,
      ...(log ? { type: "log", minorloglabels: "complete" } : {}),
    }),
    yaxis2: valueAxis(`volume, ${base}`, {
      domain: [0.07, 0.25],
      range: [0, 1.05 * Math.max(...shown.map((row) => row.volume ?? 0))],
      rangemode: "tozero",
      nticks: 4,
    }),
    yaxis3: { domain: [0, 0.035], visible: false, fixedrange: true, range: [0, 1] },
  };
}

function panels(shown: readonly Day[], unit: FoldUnit, symbol: string): Plot.PlotOptions[] {
  const { base, quote } = unitsOf(symbol);
  const folded = foldDays(shown, unit);
  const x = {
    ...utcAxis(),
    domain: [utc(folded[0].day), new Date(+utc(shown[shown.length - 1].day) + 86_400_000)],
  };
  const width = Math.max(1, Math.min(12, (860 / folded.length) * 0.7));
  const colour = (row: Day) => (row.close < row.open ? FALLING : RISING);
  // A day is drawn in its middle, so that the first and the last stand whole between the axes.
  const at = (row: Day) => new Date(+utc(row.day) + 43_200_000);
  const lines = averagesOf(shown, unit).map(({ key, colour: stroke }) =>
    Plot.lineY(shown, { x: at, y: (row: Day) => row[key] ?? Number.NaN, stroke, strokeWidth: 1.5 }),
  );
  const ticks = logTicks(shown.flatMap(({ low, high }) => [low, high]));
  const price: Plot.PlotOptions = {
    height: 280,
    marginTop: 12,
    marginBottom: 6,
    x: { ...x, axis: null },
    y: {
      label: `price, ${quote}`,
      type: isWide(shown) ? "log" : "linear",
      ...(isWide(shown) ? { ticks } : {}),
      zero: false,
      tickFormat: formatPrice,
    },
    marks: [
      ...(isWide(shown) ? gridAt(ticks) : gridMarks),
      Plot.ruleX(folded, { x: at, y1: "low", y2: "high", stroke: colour, strokeWidth: Math.min(1, width) }),
      Plot.ruleX(folded, { x: at, y1: "open", y2: "close", stroke: colour, strokeWidth: width }),
      ...lines,
    ],
  };
  const volume: Plot.PlotOptions = {
    height: 126,
    marginTop: 20,
    marginBottom: 36,
    x,
    y: { label: `volume, ${base}`, ticks: 3, tickFormat: formatCompact },
    marks: [
      ...gridMarks,
      Plot.ruleX(folded, {
        x: at,
        y1: 0,
        y2: (row: Day) => row.volume ?? 0,
        stroke: colour,
        strokeWidth: width,
        strokeOpacity: 0.55,
      }),
    ],
  };
  const domain = x.domain as [Date, Date];
  return [price, volume, originStrip(originRuns(shown), domain)];
}

// Weeks and months hide their own mean of seven days.
function averagesOf(rows: readonly Day[], unit: FoldUnit) {
  return AVERAGES.filter(({ key }) => key === "ma30" || unit === "day").filter(({ key }) =>
    rows.some((row) => typeof row[key] === "number"),
  );
}

function dayBefore(day: string): string {
  return new Date(+utc(day) - 86_400_000).toISOString().slice(0, 10);
}

function isWide(rows: readonly Day[]): boolean {
  return Math.max(...rows.map((row) => row.high)) > 8 * Math.min(...rows.map((row) => row.low));
}
