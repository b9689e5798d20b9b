import * as Plot from "@observablehq/plot";
import type { Candle, Source } from "../candle/candle.ts";
import { en, type Text } from "../core/text.ts";
import { slug } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { baseLayout, timeAxis, valueAxis } from "./plotly.ts";
import { rowsOfOne } from "./rows.ts";
import { clockTick, gridMarks, type Panel, svgDocument, utcAxis } from "./static.ts";
import { TEXTS } from "./texts.ts";
import { formatCompact, formatNumber, formatPrice, PALETTE, WIDTH } from "./theme.ts";
import { priceAxis, unitsOf, volumeAxis } from "./units.ts";

const MINUTE = 60_000;
/** A page with more bars than this stands still for seconds. */
const CLOSE_SPANS = 4 * WIDTH;

export interface MinuteOptions {
  source: Source;
}

/**
 * The closes and volumes of a few hours or days, minute by minute; of more than five days the lowest and the highest of
 * every few minutes. Where minutes are missing the line breaks.
 * @param candles one symbol's minutes, in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function minuteChart(candles: readonly Candle[], { source }: MinuteOptions): Figure {
  const { symbol, rows } = rowsOfOne(candles);
  const sorted = [...rows].sort((a, b) => a.openTime - b.openTime);
  const points = withBreaks(sorted);
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  const expected = (last.openTime - first.openTime) / MINUTE + 1;
  const missing = expected - new Set(sorted.map((row) => row.openTime)).size;
  const { points: close, length } = thinned(points, CLOSE_SPANS);
  const title = en`${symbol}: minute by minute`.vi`${symbol}: từng phút một`;
  const [from, to] = [stamp(first.openTime), stamp(last.openTime)];
  const [count, lacking] = [rows.length, missing].map((minutes) => formatNumber(minutes));
  const subtitle = en`${from} to ${to} UTC, ${count} minutes, ${missing === 0 ? "none" : lacking} missing`
    .vi`${from} đến ${to} UTC, ${count} phút, ${missing === 0 ? "không thiếu phút nào" : `thiếu ${lacking}`}`;
  // Not spread into Math.min: a hundred thousand arguments are more than a call takes.
  const low = sorted.reduce((least, row) => Math.min(least, row.low), Number.POSITIVE_INFINITY);
  const high = sorted.reduce((most, row) => Math.max(most, row.high), 0);
  const [open, end, least, most] = [first.open, last.close, low, high].map(formatPrice);
  const alt = en`${subtitle}. First open ${open}, last close ${end}, between ${least} and ${most}.`
    .vi`${subtitle}. Giá mở đầu ${open}, giá đóng cuối ${end}, nằm giữa ${least} và ${most}.`;
  return makeFigure({
    id: `${slug(symbol)}-minutes-${slug(from)}`,
    title,
    alt,
    source,
    interactive: { data: traces(close), layout: layout(title, thinly(subtitle, length), source, symbol) },
    svg: () =>
      svgDocument({ title, subtitle, alt, source, panels: panels(thinned(points, WIDTH).points, symbol) }),
  });
}

type Point = { at: Date; close: number | null; volume: number | null };

/** A point without a value at each hole, so that no line is drawn across it. */
function withBreaks(rows: readonly Candle[]): Point[] {
  return rows.flatMap((row, i) => {
    const previous = rows[i - 1];
    const point = { at: new Date(row.openTime), close: row.close, volume: row.volume };
    const hole = previous !== undefined && row.openTime - previous.openTime > MINUTE;
    return hole ? [{ at: new Date(previous.openTime + MINUTE), close: null, volume: null }, point] : [point];
  });
}

/**
 * No more points than an eye can tell apart: of each span the lowest and the highest close, in their order, with the
 * span's highest volume, and a hole where one begins.
 * @returns with the points how many of them are in a span; 1: all are there
 */
function thinned(points: readonly Point[], spans: number): { points: readonly Point[]; length: number } {
  const length = Math.ceil(points.length / spans);
  if (length <= 2) return { points, length: 1 };
  const parts = Array.from({ length: Math.ceil(points.length / length) }, (_, i) => {
    const span = points.slice(i * length, (i + 1) * length);
    const known = span.filter(({ close }) => close !== null);
    const [low, high] = [extreme(known, (a, b) => a < b), extreme(known, (a, b) => a > b)];
    const volume = known.reduce((most, point) => Math.max(most, point.volume ?? 0), 0);
    const ends = [...new Set([low, high])].flatMap((point) => (point ? [{ ...point, volume }] : []));
    const hole = span.find(({ close }) => close === null);
    return [...ends, ...(hole ? [hole] : [])].sort((a, b) => +a.at - +b.at);
  });
  return { points: parts.flat(), length };
}

function thinly(subtitle: Text, length: number): Text {
  if (length === 1) return subtitle;
  return en`${subtitle}; of every ${length} minutes the lowest and the highest`
    .vi`${subtitle}; của mỗi ${length} phút chỉ giá thấp nhất và cao nhất`;
}

function extreme(points: readonly Point[], before: (a: number, b: number) => boolean): Point | undefined {
  return points.reduce<Point | undefined>(
    (best, point) => (best === undefined || before(point.close ?? 0, best.close ?? 0) ? point : best),
    undefined,
  );
}

function stamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace("T", " ");
}

function traces(points: readonly Point[]): PlotlyPart[] {
  const x = points.map(({ at }) => stamp(at.getTime()));
  return [
    {
      type: "scatter",
      mode: "lines",
      name: TEXTS.close,
      x,
      y: points.map(({ close }) => close),
      line: { color: PALETTE.blue, width: 1.3 },
      hovertemplate: "%{y:,.6~g}",
    },
    {
      type: "bar",
      name: TEXTS.volume,
      x,
      y: points.map(({ volume }) => volume),
      yaxis: "y2",
      marker: { color: PALETTE.grey, line: { width: 0 } },
      hovertemplate: "%{y:,.6~g}",
    },
  ];
}

function layout(title: Text, subtitle: Text, source: Source, symbol: string): PlotlyPart {
  const { base, quote } = unitsOf(symbol);
  return {
    ...baseLayout({ title, subtitle, source }),
    meta: { autoscale: ["yaxis", "yaxis2"] },
    bargap: 0,
    showlegend: false,
    xaxis: timeAxis({ anchor: "y2", hoverformat: "%d %b %Y %H:%M" }),
    yaxis: valueAxis(priceAxis(quote), { domain: [0.3, 1] }),
    yaxis2: valueAxis(volumeAxis(base), { domain: [0, 0.22], rangemode: "tozero", nticks: 4 }),
  };
}

function panels(points: readonly Point[], symbol: string): Panel[] {
  const { base, quote } = unitsOf(symbol);
  return [
    {
      height: 250,
      marginTop: 14,
      marginBottom: 6,
      x: { ...utcAxis(), axis: null },
      y: { label: priceAxis(quote), zero: false, tickFormat: formatPrice },
      marks: [
        ...gridMarks,
        Plot.lineY(points, {
          x: "at",
          y: (point: Point) => point.close ?? Number.NaN,
          stroke: PALETTE.blue,
          strokeWidth: 1.3,
        }),
      ],
    },
    {
      height: 110,
      marginTop: 20,
      marginBottom: 36,
      x: { ...utcAxis(), tickFormat: clockTick },
      y: { label: volumeAxis(base), ticks: 3, tickFormat: formatCompact },
      marks: [
        ...gridMarks,
        Plot.areaY(points, {
          x: "at",
          y: (point: Point) => point.volume ?? Number.NaN,
          fill: PALETTE.grey,
          fillOpacity: 0.7,
        }),
      ],
    },
  ];
}
