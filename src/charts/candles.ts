import type { DailyCandle, FoldedCandle, ServedDay } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import { startOfDay } from "../time/day.ts";
import { DAY_MS } from "../time/epoch.ts";
import { type Interval, intervalMs, nextOpenTime } from "../time/interval.ts";
import type { CandlesMark, LineMark, Panel, Place } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure, SymbolOptions } from "./figure.ts";
import { foldTo, levelFor, levelsOver, type PlacedCandle } from "./fold.ts";
import { makeFigure } from "./make.ts";
import { minutesText, type OriginSpan, originStrip } from "./origins.ts";
import { highOf, lowOf, rowsOfOne, type Span, spanInDays } from "./rows.ts";
import { rangeText, stamp, TEXTS } from "./texts.ts";
import { FALLING, formatPercent, formatPrice, PALETTE, RISING } from "./theme.ts";
import { priceAxis, unitsOf, volumeAxis } from "./units.ts";

export interface CandleOptions extends SymbolOptions {
  /** How much of the end to show first: `90d`, `6m`, `2y`. The interactive figure can show all. */
  last?: Span;
  /** Default: the rows' own. Rows of a query over `candles_4h` have none. */
  interval?: Interval;
}

type ChartDay = DailyCandle & Partial<Pick<ServedDay, "ma7" | "ma30">>;
type ChartCandle = Omit<FoldedCandle, "interval"> & Partial<Pick<FoldedCandle, "interval">>;

const AVERAGES = [
  { key: "ma7", label: { en: "mean of 7 days", vi: "trung bình 7 ngày" }, colour: PALETTE.orange },
  { key: "ma30", label: { en: "mean of 30 days", vi: "trung bình 30 ngày" }, colour: PALETTE.purple },
] as const;

/**
 * Candlesticks of days, or of any other interval, with volume, the means of the last 7 and 30 closes where the rows have
 * them, and a strip that marks each candle's origin. The price axis is logarithmic where the highest price is more than
 * eight times the lowest. Candles that would be too narrow are folded to longer ones.
 * @param candles rows of a daily table, with or without averages, or those of `readCandles`; in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`, `bad_span`, `no_interval`
 */
export function candleChart(
  candles: readonly (ChartDay | ChartCandle)[],
  { source, symbol: wanted, last, interval: stated }: CandleOptions,
): Figure {
  const { symbol, rows: own } = rowsOfOne<ChartDay | ChartCandle>(candles, wanted);
  const interval = stated ?? intervalOf(own[0]);
  const rows = own.map((row) => placed(row, interval)).sort((a, b) => a.from - b.from);
  const shown = lastOf(rows, spanInDays(last));
  const level = levelFor(lengthOf(shown), interval);
  const span = spanText(rows, interval);
  const suffix = interval === "1d" ? "" : `-${interval}`;
  const figure = { id: `${slug(symbol)}-candles${suffix}`, alt: altOf(shown, interval), source };
  const isFolded = levelFor(lengthOf(rows), interval) !== interval;
  return makeFigure(
    {
      ...figure,
      title: titleOf(symbol, interval),
      subtitle: isFolded ? joined([span, foldingText(interval)], "; ") : span,
      x: { kind: axisKind(interval), ...(shown.length < rows.length ? { domain: viewOf(shown) } : {}) },
      panels: panelsOf(rows, { own: interval, level: interval }, symbol),
    },
    {
      ...figure,
      title: titleOf(symbol, level),
      subtitle: spanText(shown, interval),
      x: { kind: axisKind(level) },
      panels: panelsOf(shown, { own: interval, level }, symbol),
    },
  );
}

/** A candle where it is drawn. */
interface Drawn extends PlacedCandle, OriginSpan {
  words: Text;
  ma7?: number | null;
  ma30?: number | null;
}

function intervalOf(row: ChartDay | ChartCandle): Interval {
  if ("day" in row) return "1d";
  if (row.interval !== undefined) return row.interval;
  throw inputError(
    "no_interval",
    "The rows have open times, but no interval.",
    'Name it in the options: { interval: "4h" }.',
  );
}

function placed(row: ChartDay | ChartCandle, interval: Interval): Drawn {
  const { open, high, low, close, volume, origin } = row;
  const from = "day" in row ? startOfDay(row.day) : Date.parse(row.open_time);
  const x: Place = interval === "1d" ? new Date(from).toISOString().slice(0, 10) : from;
  const candle = { x, open, high, low, close, volume, origin, from, to: nextOpenTime(from, interval) };
  return {
    ...candle,
    words: hoverText(row),
    ...("day" in row ? { ma7: row.ma7, ma30: row.ma30 } : {}),
  };
}

function hoverText(row: ChartDay | ChartCandle): Text {
  const notOver = row.complete ? [] : [TEXTS.notOver];
  return joined([partsText(row), ORIGIN_TEXTS[row.origin], ...notOver], ", ");
}

function partsText(row: ChartDay | ChartCandle): Text {
  if ("day" in row) return minutesText(row.minutes);
  const { parts, expected, made_from } = row;
  return en`${parts} of ${expected} parts from ${made_from}`.vi`${parts}/${expected} phần từ ${made_from}`;
}

/** The rows of the last so many days. */
function lastOf(rows: readonly Drawn[], days: number): readonly Drawn[] {
  const end = rows[rows.length - 1].from;
  return rows.filter(({ from }) => from > end - days * DAY_MS);
}

function lengthOf(rows: readonly Drawn[]): number {
  return rows[rows.length - 1].to - rows[0].from;
}

const WHOLE: CandlesMark["folded"] = {
  "1d": { en: "whole day", vi: "cả ngày" },
  "1w": { en: "whole week", vi: "cả tuần" },
  "1M": { en: "whole month", vi: "cả tháng" },
};

/** What the page says of a candle that it has folded. */
function foldedTexts(interval: Interval): CandlesMark["folded"] {
  const texts = levelsOver(interval).map((level) => [level, WHOLE[level] ?? sameText(level)]);
  return Object.fromEntries(texts);
}

function foldingText(interval: Interval): Text {
  return interval === "1d"
    ? en`drawn by week or month where days would be too narrow`.vi`vẽ theo tuần hoặc tháng khi ngày quá hẹp`
    : en`folded to longer candles where those of ${interval} would be too narrow`
        .vi`gộp thành nến dài hơn khi nến ${interval} quá hẹp`;
}

const NAMES: Partial<Record<Interval, Text>> = {
  "1d": { en: "daily candles", vi: "nến ngày" },
  "1w": { en: "weekly candles", vi: "nến tuần" },
  "1M": { en: "monthly candles", vi: "nến tháng" },
};

function nameOf(interval: Interval): Text {
  return NAMES[interval] ?? en`candles of ${interval}`.vi`nến ${interval}`;
}

function titleOf(symbol: string, interval: Interval): Text {
  const candles = nameOf(interval);
  return en`${symbol}: ${candles}`.vi`${symbol}: ${candles}`;
}

function axisKind(interval: Interval): "day" | "minute" {
  return (intervalMs(interval) ?? DAY_MS) < DAY_MS ? "minute" : "day";
}

/** An open time as short as its interval allows. */
function timeText({ from }: Drawn, interval: Interval): string {
  const text = stamp(from);
  return axisKind(interval) === "day" ? text.slice(0, 10) : text;
}

function spanText(rows: readonly Drawn[], interval: Interval): Text {
  const span = rangeText(timeText(rows[0], interval), timeText(rows[rows.length - 1], interval));
  return axisKind(interval) === "day"
    ? en`${span}, days are UTC`.vi`${span}, ngày tính theo UTC`
    : en`${span}, times are UTC`.vi`${span}, giờ tính theo UTC`;
}

function altOf(shown: readonly Drawn[], interval: Interval): Text {
  const [first, final] = [shown[0], shown[shown.length - 1]];
  const [from, to] = [first, final].map((row) => timeText(row, interval));
  const candles = interval === "1d" ? en`days`.vi`ngày` : nameOf(interval);
  const change = final.close / first.open - 1;
  const percent = formatPercent(Math.abs(change * 100));
  const [open, close] = [first.open, final.close].map(formatPrice);
  const [high, low] = [highOf(shown), lowOf(shown)].map(formatPrice);
  return en`${shown.length} ${candles} from ${from} to ${to} (UTC). First open ${open}, last close ${close}, ${change < 0 ? "down" : "up"} ${percent}; highest ${high}, lowest ${low}.`
    .vi`${shown.length} ${candles} từ ${from} đến ${to} (UTC). Giá mở đầu ${open}, giá đóng cuối ${close}, ${change < 0 ? "giảm" : "tăng"} ${percent}; cao nhất ${high}, thấp nhất ${low}.`;
}

/** From half a candle before the first to half a candle after the last: each is drawn about its begin. */
function viewOf(rows: readonly Drawn[]): [number, number] {
  const [first, last] = [rows[0], rows[rows.length - 1]];
  return [first.from - (first.to - first.from) / 2, last.from + (last.to - last.from) / 2];
}

/** Daily candles, for a figure of something else beside them. */
export function dailyMark(rows: readonly DailyCandle[]): CandlesMark {
  return candlesMark(
    rows.map((row) => placed(row, "1d")),
    "1d",
  );
}

function candlesMark(candles: CandlesMark["candles"], interval: Interval): CandlesMark {
  const label = { en: "price", vi: "giá" };
  return { kind: "candles", label, interval, candles, folded: foldedTexts(interval) };
}

interface Levels {
  own: Interval;
  /** That is drawn. */
  level: Interval;
}

function panelsOf(rows: readonly Drawn[], { own, level }: Levels, symbol: string): Panel[] {
  const { base, quote } = unitsOf(symbol);
  const folded = foldTo(rows, own, level);
  return [
    {
      height: 250,
      y: { kind: isWide(rows) ? "log" : "number", label: priceAxis(quote), format: "price" },
      marks: [candlesMark(folded, own), ...averageLines(rows, level)],
    },
    {
      height: 66,
      y: { kind: "number", label: volumeAxis(base), format: "compact", zero: true },
      marks: [
        {
          kind: "bars",
          label: TEXTS.volume,
          colour: RISING,
          unlisted: true,
          opacity: 0.55,
          bars: folded.map(({ x, open, close, volume }) => ({
            ...{ x, y: volume, colour: close < open ? FALLING : RISING },
          })),
        },
      ],
    },
    originStrip(rows),
  ];
}

// Weeks and months hide their own mean of seven days.
function averageLines(rows: readonly Drawn[], level: Interval): LineMark[] {
  return AVERAGES.filter(({ key }) => key === "ma30" || level === "1d")
    .filter(({ key }) => rows.some((row) => typeof row[key] === "number"))
    .map(({ key, label, colour }) => ({
      ...{ kind: "line", label, colour },
      points: rows.map((row) => ({ x: row.x, y: row[key] ?? null })),
    }));
}

function isWide(rows: readonly Drawn[]): boolean {
  return highOf(rows) > 8 * lowOf(rows);
}
