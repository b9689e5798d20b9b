import * as Plot from "@observablehq/plot";
import type { DailyCandle, ServedDay, Source } from "../candle/candle.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, type Text } from "../core/text.ts";
import { slug } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { type FoldUnit, foldDays, unitFor } from "./fold.ts";
import { logTicks } from "./logTicks.ts";
import { makeFigure } from "./make.ts";
import { minutesText, originLegend, originRuns, originStrip, originTraces } from "./origins.ts";
import { baseLayout, timeAxis, valueAxis } from "./plotly.ts";
import { rowsOfOne, type Span, spanInDays } from "./rows.ts";
import { gridAt, gridMarks, type LegendItem, type Panel, svgDocument, utc, utcAxis } from "./static.ts";
import { rangeText, TEXTS } from "./texts.ts";
import { FALLING, formatCompact, formatPrice, PALETTE, RISING } from "./theme.ts";
import { priceAxis, unitsOf, volumeAxis } from "./units.ts";

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
  { key: "ma7", label: { en: "mean of 7 days", vi: "trung bình 7 ngày" }, colour: PALETTE.orange },
  { key: "ma30", label: { en: "mean of 30 days", vi: "trung bình 30 ngày" }, colour: PALETTE.purple },
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
  const title = titleOf(symbol, "day");
  const alt = altOf(shown);
  const unit = unitFor(shown.length);
  return makeFigure({
    id: `${slug(symbol)}-candles`,
    title,
    alt,
    source,
    interactive: { data: traces(rows), layout: layout(title, source, rows, shown, symbol) },
    svg: () =>
      svgDocument({
        title: titleOf(symbol, unit),
        subtitle: daysText(shown),
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

/** What the page says of a candle that it has folded. */
const FOLDED = {
  week: { en: "whole week", vi: "cả tuần" },
  month: { en: "whole month", vi: "cả tháng" },
};

function titleOf(symbol: string, unit: FoldUnit): Text {
  const candles = {
    day: { en: "daily", vi: "ngày" },
    week: { en: "weekly", vi: "tuần" },
    month: { en: "monthly", vi: "tháng" },
  }[unit];
  return en`${symbol}: ${candles} candles`.vi`${symbol}: nến ${candles}`;
}

function daysText(rows: readonly Day[]): Text {
  const span = rangeText(rows[0].day, rows[rows.length - 1].day);
  return en`${span}, days are UTC`.vi`${span}, ngày tính theo UTC`;
}

function altOf(shown: readonly Day[]): Text {
  const [first, final] = [shown[0], shown[shown.length - 1]];
  const change = final.close / first.open - 1;
  const percent = `${Math.abs(change * 100).toFixed(1)} %`;
  const [open, close] = [first.open, final.close].map(formatPrice);
  const high = formatPrice(Math.max(...shown.map((row) => row.high)));
  const low = formatPrice(Math.min(...shown.map((row) => row.low)));
  return en`${shown.length} days from ${first.day} to ${final.day} (UTC). First open ${open}, last close ${close}, ${change < 0 ? "down" : "up"} ${percent}; highest ${high}, lowest ${low}.`
    .vi`${shown.length} ngày từ ${first.day} đến ${final.day} (UTC). Giá mở đầu ${open}, giá đóng cuối ${close}, ${change < 0 ? "giảm" : "tăng"} ${percent}; cao nhất ${high}, thấp nhất ${low}.`;
}

function traces(rows: readonly Day[]): PlotlyPart[] {
  const x = rows.map((row) => row.day);
  const candles = {
    type: "candlestick",
    name: { en: "price", vi: "giá" },
    x,
    open: rows.map((row) => row.open),
    high: rows.map((row) => row.high),
    low: rows.map((row) => row.low),
    close: rows.map((row) => row.close),
    text: rows.map(hoverText),
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
    name: TEXTS.volume,
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

function hoverText({ minutes, origin, complete }: Day): Text {
  const notOver = complete ? [] : [TEXTS.notOver];
  return joined([minutesText(minutes), ORIGIN_TEXTS[origin], ...notOver], ", ");
}

function layout(
  title: Text,
  source: Source,
  rows: readonly Day[],
  shown: readonly Day[],
  symbol: string,
): PlotlyPart {
  const { base, quote } = unitsOf(symbol);
  const log = isWide(rows);
  const span = daysText(rows);
  const long = en`${span}; drawn by week or month where days would be too narrow`
    .vi`${span}; vẽ theo tuần hoặc tháng khi ngày quá hẹp`;
  const whole = shown.length === rows.length;
  const [low, high] = [Math.min(...shown.map((row) => row.low)), Math.max(...shown.map((row) => row.high))];
  const room = 0.04 * (high - low || high);
  const range = log ? [Math.log10(low) - 0.03, Math.log10(high) + 0.03] : [low - room, high + room];
  const buttons = [
    { label: { en: "1 month", vi: "1 tháng" }, count: 30, step: "day", stepmode: "backward" },
    { label: { en: "3 months", vi: "3 tháng" }, count: 91, step: "day", stepmode: "backward" },
    { label: { en: "1 year", vi: "1 năm" }, count: 365, step: "day", stepmode: "backward" },
    { label: { en: "all", vi: "tất cả" }, step: "all" },
  ];
  return {
    ...baseLayout({
      title,
      subtitle: rows.length > 450 ? long : span,
      source,
      height: 520,
    }),
    meta: { autoscale: ["yaxis", "yaxis2"], fold: FOLDED },
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
    yaxis: valueAxis(priceAxis(quote), {
      domain: [0.3, 1],
      range,
      ...(log ? { type: "log", minorloglabels: "complete" } : {}),
    }),
    yaxis2: valueAxis(volumeAxis(base), {
      domain: [0.07, 0.25],
      range: [0, 1.05 * Math.max(...shown.map((row) => row.volume ?? 0))],
      rangemode: "tozero",
      nticks: 4,
    }),
    yaxis3: { domain: [0, 0.035], visible: false, fixedrange: true, range: [0, 1] },
  };
}

function panels(shown: readonly Day[], unit: FoldUnit, symbol: string): Panel[] {
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
  const price: Panel = {
    height: 280,
    marginTop: 12,
    marginBottom: 6,
    x: { ...x, axis: null },
    y: {
      label: priceAxis(quote),
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
  const volume: Panel = {
    height: 126,
    marginTop: 20,
    marginBottom: 36,
    x,
    y: { label: volumeAxis(base), ticks: 3, tickFormat: formatCompact },
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
