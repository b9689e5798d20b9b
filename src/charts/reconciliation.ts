import * as Plot from "@observablehq/plot";
import type { Origin, Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import { escapePlotly, slug } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { baseLayout, timeAxis, valueAxis } from "./plotly.ts";
import { rowsOfOne } from "./rows.ts";
import { gridMarks, type Panel, svgDocument, utc, utcAxis } from "./static.ts";
import { rangeText } from "./texts.ts";
import { FAINT, formatPrice, ORIGIN_COLOURS, PALETTE } from "./theme.ts";

/** What the figure needs of a layer's day; `DailyCandle` has it. */
export interface LayerDay {
  symbol: string;
  day: string;
  high: number;
  low: number;
  close: number;
}

/** A row of the table `reconciliation`, or as much of it as is needed. */
export interface ReconciledField {
  symbol: string;
  day: string;
  field: string;
  layer_a: string;
  layer_b: string;
  difference: number;
  relative: number | null;
  cause: string | null;
}

export interface ReconciliationParts {
  /** The layer that goes first, drawn wide; `label` is its name in the rows. */
  a: { label: string; days: readonly LayerDay[] };
  /** The other, drawn narrow over it. */
  b: { label: string; days: readonly LayerDay[] };
  rows: readonly ReconciledField[];
}

export interface ReconciliationOptions {
  source: Source;
  /** Needed where the layers hold several. */
  symbol?: string;
}

/** Days before and after the overlap that are shown too. */
const CONTEXT = 10;
const HALF_DAY = 43_200_000;
const DIFFERENT = PALETTE.vermillion;
const EQUAL = PALETTE.blue;

const LARGEST = { en: "largest difference of the day", vi: "chênh lệch lớn nhất của ngày" };
const RANGE_AXIS = { en: "low to high, quote currency", vi: "thấp đến cao, tiền định giá" };

/** The causes of the table `reconciliation`. */
const CAUSE_TEXTS: Readonly<Record<string, Text>> = {
  open_day: { en: "open day", vi: "ngày chưa kết thúc" },
  late_events: { en: "late events", vi: "sự kiện muộn" },
  minutes_missing: { en: "minutes missing", vi: "thiếu phút" },
  other_source: { en: "other source", vi: "nguồn khác" },
  unexplained: { en: "unexplained", vi: "chưa giải thích được" },
};

/** The colour of the layer's rows elsewhere. */
const colourOf = (label: string) => ORIGIN_COLOURS[label as Origin] ?? PALETTE.purple;

/** The largest relative difference of a day's fields, per cent. */
interface DayDifference {
  day: string;
  percent: number;
  words: Text;
  cause: string | null;
}

/**
 * Two layers drawn over one another, high to low with a mark at the close, around the days that both know; below,
 * each such day's largest relative difference.
 * @throws CandlebookError `nothing_to_draw` where no day is in both, `several_symbols`
 */
export function reconciliationChart(parts: ReconciliationParts, options: ReconciliationOptions): Figure {
  const { symbol, rows: a } = rowsOfOne(parts.a.days, options.symbol);
  const { rows: b } = rowsOfOne(parts.b.days, symbol);
  const labels = { a: parts.a.label, b: parts.b.label };
  const pair = [labels.a, labels.b];
  const differences = differencesOf(
    parts.rows.filter(
      (row) => row.symbol === symbol && pair.includes(row.layer_a) && pair.includes(row.layer_b),
    ),
  );
  if (differences.length === 0) {
    throw inputError(
      "nothing_to_draw",
      `No day of ${symbol} is in both layers, ${labels.a} and ${labels.b}.`,
      "Draw two layers that overlap.",
    );
  }
  const [from, to] = [differences[0].day, differences[differences.length - 1].day];
  const near = ({ day }: LayerDay) => +utc(day) >= shift(from, -CONTEXT) && +utc(day) <= shift(to, CONTEXT);
  const shown = { a: a.filter(near), b: b.filter(near) };
  const different = differences.filter(({ cause }) => cause !== null);
  const causes = joined(
    [...new Set(different.map(({ cause }) => String(cause)))].map(
      (cause) => CAUSE_TEXTS[cause] ?? sameText(cause),
    ),
    ", ",
  );
  const [layerA, layerB] = pair.map((label) => layerText(label).vi);
  const title = en`${symbol}: ${labels.a} and ${labels.b} layer over one another`
    .vi`${symbol}: ${layerA} và ${layerB} chồng lên nhau`;
  const equal = differences.length - different.length;
  const [all, others] = [differences.length, en`; different: ${causes}`.vi`; khác nhau: ${causes}`];
  const rest = different.length === 0 ? "" : others;
  const words = en`${all} days in both layers, ${equal} equal${rest}`
    .vi`${all} ngày có ở cả hai lớp, ${equal} ngày bằng nhau${rest}`;
  const span = rangeText(from, to);
  const subtitle = joined([span, words], "; ");
  const alt = en`${words}. Overlap from ${span} (UTC).`.vi`${words}. Phần chung từ ${span} (UTC).`;
  const { source } = options;
  return makeFigure({
    id: `${slug(symbol)}-reconciliation-${slug(pair.join("-"))}`,
    title,
    alt,
    source,
    interactive: {
      data: [ranges(shown.a, labels.a, 0.8), ranges(shown.b, labels.b, 0.3), differenceBars(differences)],
      layout: layout(title, subtitle, source),
    },
    svg: () =>
      svgDocument({
        title,
        subtitle,
        alt,
        source,
        panels: panels(shown, labels, differences),
        legend: [
          { label: layerText(labels.a), colour: colourOf(labels.a), form: "square" },
          { label: layerText(labels.b), colour: colourOf(labels.b), form: "square" },
          { label: LARGEST, colour: DIFFERENT, form: "square" },
        ],
      }),
  });
}

function layerText(label: string): Text {
  return en`${label} layer`.vi`lớp ${ORIGIN_TEXTS[label as Origin]?.vi ?? label}`;
}

function shift(day: string, days: number): number {
  return +utc(day) + days * 2 * HALF_DAY;
}

function differencesOf(rows: readonly ReconciledField[]): DayDifference[] {
  const days = [...new Set(rows.map(({ day }) => day))].sort();
  return days.map((day) => {
    const fields = rows.filter((row) => row.day === day);
    const size = (row: ReconciledField) => (row.cause === null ? 0 : Math.abs(row.relative ?? 1));
    const worst = fields.reduce((a, b) => (size(b) > size(a) ? b : a));
    const percent = size(worst) * 100;
    const words =
      percent === 0
        ? { en: "equal in every field", vi: "bằng nhau ở mọi trường" }
        : sameText(`${worst.field}: ${percent.toPrecision(2)} %`);
    return { day, percent, words, cause: fields.find(({ cause }) => cause !== null)?.cause ?? null };
  });
}

function ranges(days: readonly LayerDay[], label: string, width: number): PlotlyPart {
  return {
    type: "bar",
    name: escapePlotly(layerText(label)),
    x: days.map(({ day }) => day),
    base: days.map(({ low }) => low),
    y: days.map(({ high, low }) => high - low),
    width: width * 2 * HALF_DAY,
    marker: { color: colourOf(label), line: { width: 0 } },
    customdata: days.map(({ low, high, close }) => {
      const range = rangeText(formatPrice(low), formatPrice(high));
      return en`${range}, close ${formatPrice(close)}`.vi`${range}, giá đóng ${formatPrice(close)}`;
    }),
    hovertemplate: "%{customdata}",
  };
}

function differenceBars(differences: readonly DayDifference[]): PlotlyPart {
  return {
    type: "bar",
    name: LARGEST,
    x: differences.map(({ day }) => day),
    y: differences.map(({ percent }) => percent),
    width: HALF_DAY,
    yaxis: "y2",
    marker: { color: DIFFERENT, line: { width: 0 } },
    customdata: differences.map(({ words, cause }) =>
      cause === null ? words : joined([words, sameText(`(${cause})`)], " "),
    ),
    hovertemplate: "%{customdata}",
  };
}

function layout(title: Text, subtitle: Text, source: Source): PlotlyPart {
  return {
    ...baseLayout({ title, subtitle, source }),
    barmode: "overlay",
    xaxis: timeAxis({ anchor: "y2" }),
    yaxis: valueAxis(RANGE_AXIS, { domain: [0.32, 1] }),
    yaxis2: valueAxis(
      { en: "difference, %", vi: "chênh lệch, %" },
      { domain: [0, 0.22], rangemode: "tozero", nticks: 3 },
    ),
  };
}

function panels(
  shown: { a: readonly LayerDay[]; b: readonly LayerDay[] },
  labels: { a: string; b: string },
  differences: readonly DayDifference[],
): Panel[] {
  const all = [...shown.a, ...shown.b].map(({ day }) => +utc(day));
  const domain = [new Date(Math.min(...all)), new Date(Math.max(...all) + 2 * HALF_DAY)];
  const at = ({ day }: { day: string }) => new Date(+utc(day) + HALF_DAY);
  const room = 862 / ((+domain[1] - +domain[0]) / (2 * HALF_DAY));
  const layer = (days: readonly LayerDay[], stroke: string, share: number) => [
    Plot.ruleX(days, { x: at, y1: "low", y2: "high", stroke, strokeWidth: Math.max(1, room * share) }),
    Plot.dot(days, { x: at, y: "close", r: Math.min(3, room * share), fill: "#ffffff", stroke: FAINT }),
  ];
  const most = Math.max(...differences.map(({ percent }) => percent));
  return [
    {
      height: 260,
      marginTop: 14,
      marginBottom: 6,
      x: { ...utcAxis(), domain, axis: null },
      y: { label: RANGE_AXIS, zero: false, tickFormat: formatPrice },
      marks: [
        ...gridMarks,
        ...layer(shown.a, colourOf(labels.a), 0.8),
        ...layer(shown.b, colourOf(labels.b), 0.3),
      ],
    },
    {
      height: 110,
      marginTop: 20,
      marginBottom: 36,
      x: { ...utcAxis(), domain },
      y: {
        label: { en: "largest difference, %", vi: "chênh lệch lớn nhất, %" },
        ticks: 2,
        domain: [0, most || 1],
      },
      marks: [
        ...gridMarks,
        Plot.ruleX(differences, {
          x: at,
          y1: 0,
          y2: "percent",
          stroke: DIFFERENT,
          strokeWidth: Math.max(1, room * 0.5),
        }),
        Plot.ruleY([0], { stroke: FAINT }),
        ...(most === 0 ? [Plot.dot(differences, { x: at, y: "percent", r: 2.5, fill: EQUAL })] : []),
      ],
    },
  ];
}
