import type { Candle } from "../candle/candle.ts";
import { en, type Text } from "../core/text.ts";
import { MINUTE_MS } from "../time/epoch.ts";
import type { LineMark, Panel } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { highOf, lowOf, rowsOfOne } from "./rows.ts";
import { stamp, TEXTS } from "./texts.ts";
import { formatPrice, PALETTE, WIDTH } from "./theme.ts";
import { priceAxis, unitsOf, volumeAxis } from "./units.ts";

/** A page with more points than these blocks for seconds. */
const CLOSE_SPANS = 4 * WIDTH;

/**
 * The closes and volumes of a few hours or days, minute by minute; of more than five days the lowest and the highest of
 * every few minutes. Where minutes are missing the line breaks.
 * @param candles one symbol's minutes, in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function minuteChart(candles: readonly Candle[], { source }: FigureOptions): Figure {
  const { symbol, rows } = rowsOfOne(candles);
  const sorted = [...rows].sort((a, b) => a.openTime - b.openTime);
  const points = withBreaks(sorted);
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  const expected = (last.openTime - first.openTime) / MINUTE_MS + 1;
  const missing = expected - new Set(sorted.map((row) => row.openTime)).size;
  const title = en`${symbol}: minute by minute`.vi`${symbol}: từng phút một`;
  const [from, to] = [stamp(first.openTime), stamp(last.openTime)];
  const lacking =
    missing === 0
      ? { en: "none missing", vi: "không thiếu phút nào" }
      : en`${missing} missing`.vi`thiếu ${missing}`;
  const subtitle = en`${from} to ${to} UTC, ${rows.length} minutes, ${lacking}`
    .vi`${from} đến ${to} UTC, ${rows.length} phút, ${lacking}`;
  const [open, end] = [first.open, last.close].map(formatPrice);
  const [least, most] = [lowOf(rows), highOf(rows)].map(formatPrice);
  const alt = en`${subtitle}. First open ${open}, last close ${end}, between ${least} and ${most}.`
    .vi`${subtitle}. Giá mở đầu ${open}, giá đóng cuối ${end}, nằm giữa ${least} và ${most}.`;
  const id = `${slug(symbol)}-minutes-${slug(from)}`;
  const { points: close, length } = thinned(points, CLOSE_SPANS);
  const whole = { id, title, subtitle, alt, source, x: { kind: "minute" } as const };
  return makeFigure(
    { ...whole, subtitle: thinly(subtitle, length), panels: panelsOf(close, symbol) },
    { ...whole, panels: panelsOf(thinned(points, WIDTH).points, symbol) },
  );
}

interface Minute {
  openTime: number;
  close: number | null;
  volume: number | null;
}

/** A point without a value at each gap, so that no line is drawn across it. */
function withBreaks(rows: readonly Candle[]): Minute[] {
  return rows.flatMap((row, i) => {
    const previous = rows[i - 1];
    const gap = previous !== undefined && row.openTime - previous.openTime > MINUTE_MS;
    return gap ? [{ openTime: previous.openTime + MINUTE_MS, close: null, volume: null }, row] : [row];
  });
}

/**
 * No more points than an eye can distinguish: of each span the lowest and the highest close, in their order, with the
 * span's highest volume, and a gap where one begins.
 * @returns with the points how many of them are in a span; 1: all are there
 */
function thinned(points: readonly Minute[], spans: number): { points: readonly Minute[]; length: number } {
  const length = Math.ceil(points.length / spans);
  if (length <= 2) return { points, length: 1 };
  const parts = Array.from({ length: Math.ceil(points.length / length) }, (_, i) => {
    const span = points.slice(i * length, (i + 1) * length);
    const known = span.filter(({ close }) => close !== null);
    const [low, high] = [extreme(known, (a, b) => a < b), extreme(known, (a, b) => a > b)];
    const volume = known.reduce((most, point) => Math.max(most, point.volume ?? 0), 0);
    const ends = [...new Set([low, high])].flatMap((point) => (point ? [{ ...point, volume }] : []));
    const gap = span.find(({ close }) => close === null);
    return [...ends, ...(gap ? [gap] : [])].sort((a, b) => a.openTime - b.openTime);
  });
  return { points: parts.flat(), length };
}

function thinly(subtitle: Text, length: number): Text {
  if (length === 1) return subtitle;
  return en`${subtitle}; of every ${length} minutes the lowest and the highest`
    .vi`${subtitle}; của mỗi ${length} phút chỉ giá thấp nhất và cao nhất`;
}

function extreme(points: readonly Minute[], before: (a: number, b: number) => boolean): Minute | undefined {
  return points.reduce<Minute | undefined>(
    (best, point) => (best === undefined || before(point.close ?? 0, best.close ?? 0) ? point : best),
    undefined,
  );
}

function panelsOf(minutes: readonly Minute[], symbol: string): Panel[] {
  const { base, quote } = unitsOf(symbol);
  const line = (label: Text, colour: string, key: "close" | "volume"): LineMark => ({
    ...{ kind: "line", label, colour, unlisted: true },
    points: minutes.map((minute) => ({ x: minute.openTime, y: minute[key] })),
  });
  return [
    {
      height: 220,
      y: { kind: "number", label: priceAxis(quote), format: "price" },
      marks: [{ ...line(TEXTS.close, PALETTE.blue, "close"), width: 1.3 }],
    },
    {
      height: 60,
      y: { kind: "number", label: volumeAxis(base), format: "compact", zero: true },
      marks: [{ ...line(TEXTS.volume, PALETTE.grey, "volume"), width: 0, fill: 0.7, step: "middle" }],
    },
  ];
}
