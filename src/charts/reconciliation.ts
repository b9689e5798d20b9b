import type { Origin } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import { DAY_MS } from "../time/epoch.ts";
import { instantOf, type Mark } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure, SymbolOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { rowsOfOne } from "./rows.ts";
import { rangeText, TEXTS } from "./texts.ts";
import { FAINT, formatPrice, INK, ORIGIN_COLOURS, PALETTE } from "./theme.ts";

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
  /** The first layer, drawn wide; `label` is its name in the rows. */
  a: { label: string; days: readonly LayerDay[] };
  /** The other, drawn narrow over it. */
  b: { label: string; days: readonly LayerDay[] };
  rows: readonly ReconciledField[];
}

/** Days before and after the overlap that are shown too. */
const CONTEXT = 10;
const DIFFERENT = PALETTE.vermillion;

const LARGEST = { en: "largest difference of the day", vi: "chênh lệch lớn nhất của ngày" };
const EQUAL = { en: "equal in every field", vi: "bằng nhau ở mọi trường" };
const DIFFERENCE_AXIS = { en: "difference, %", vi: "chênh lệch, %" };
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
export function reconciliationChart(parts: ReconciliationParts, options: SymbolOptions): Figure {
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
  const near = ({ day }: LayerDay) =>
    instantOf(day) >= shift(from, -CONTEXT) && instantOf(day) <= shift(to, CONTEXT);
  const shown = { a: a.filter(near), b: b.filter(near) };
  const [layerA, layerB] = pair.map((label) => layerText(label).vi);
  const [words, span] = [verdictOf(differences), rangeText(from, to)];
  const most = Math.max(...differences.map(({ percent }) => percent));
  return makeFigure({
    id: `${slug(symbol)}-reconciliation-${slug(pair.join("-"))}`,
    title: en`${symbol}: ${labels.a} and ${labels.b} layer over one another`
      .vi`${symbol}: ${layerA} và ${layerB} chồng lên nhau`,
    subtitle: joined([span, words], "; "),
    alt: en`${words}. Overlap from ${span} (UTC).`.vi`${words}. Phần chung từ ${span} (UTC).`,
    source: options.source,
    x: { kind: "day" },
    panels: [
      {
        height: 220,
        y: { kind: "number", label: RANGE_AXIS, format: "price" },
        marks: [...layerMarks(shown.a, labels.a, 0.8), ...layerMarks(shown.b, labels.b, 0.3)],
      },
      {
        height: 60,
        y: { kind: "number", label: DIFFERENCE_AXIS, domain: [0, most || 1] },
        marks: differenceMarks(differences),
      },
    ],
  });
}

/** How many days are equal, and why the others are not. */
function verdictOf(differences: readonly DayDifference[]): Text {
  const causes = differences.flatMap(({ cause }) => cause ?? []);
  const equal = differences.length - causes.length;
  const names = [...new Set(causes)].map((cause) => CAUSE_TEXTS[cause] ?? sameText(cause));
  const all = joined(names, ", ");
  const rest = names.length === 0 ? "" : en`; different: ${all}`.vi`; khác nhau: ${all}`;
  return en`${differences.length} days in both layers, ${equal} equal${rest}`
    .vi`${differences.length} ngày có ở cả hai lớp, ${equal} ngày bằng nhau${rest}`;
}

function layerText(label: string): Text {
  return en`${label} layer`.vi`lớp ${ORIGIN_TEXTS[label as Origin]?.vi ?? label}`;
}

function shift(day: string, days: number): number {
  return instantOf(day) + days * DAY_MS;
}

function differencesOf(rows: readonly ReconciledField[]): DayDifference[] {
  const days = [...new Set(rows.map(({ day }) => day))].sort();
  return days.map((day) => {
    const fields = rows.filter((row) => row.day === day);
    const size = (row: ReconciledField) => (row.cause === null ? 0 : Math.abs(row.relative ?? 1));
    const worst = fields.reduce((a, b) => (size(b) > size(a) ? b : a));
    const percent = size(worst) * 100;
    const share = Number(percent.toPrecision(2));
    const words = share === 0 ? EQUAL : en`${worst.field}: ${share} %`.vi`${worst.field}: ${share} %`;
    return { day, percent, words, cause: fields.find(({ cause }) => cause !== null)?.cause ?? null };
  });
}

/** Each day from its low to its high, with a dot at its close. */
function layerMarks(days: readonly LayerDay[], label: string, width: number): Mark[] {
  const name = layerText(label);
  const bars = days.map(({ day, low, high, close }) => {
    const [range, price] = [rangeText(formatPrice(low), formatPrice(high)), formatPrice(close)];
    return {
      x: day,
      from: low,
      y: high,
      words: en`${range}, close ${price}`.vi`${range}, giá đóng ${price}`,
    };
  });
  const points = days.map(({ day, close }) => ({ x: day, y: close }));
  return [
    { kind: "bars", label: name, colour: colourOf(label), days: width, bars },
    {
      kind: "points",
      label: joined([name, TEXTS.close], ", "),
      colour: INK,
      unlisted: true,
      radius: 2,
      points,
    },
  ];
}

function differenceMarks(differences: readonly DayDifference[]): Mark[] {
  const bars = differences.map(({ day, percent, words, cause }) => ({
    ...{ x: day, y: percent },
    words: cause === null ? words : joined([words, sameText(`(${cause})`)], " "),
  }));
  const equal = differences.filter(({ percent }) => percent === 0);
  return [
    { kind: "rules", axis: "y", at: [0], colour: FAINT },
    { kind: "bars", label: LARGEST, colour: DIFFERENT, days: 0.5, bars },
    {
      kind: "points",
      label: EQUAL,
      colour: PALETTE.blue,
      radius: 2.5,
      points: equal.map(({ day }) => ({ x: day, y: 0 })),
    },
  ];
}
