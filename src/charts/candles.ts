import type { DailyCandle, ServedDay, Source } from "../candle/candle.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, type Text } from "../core/text.ts";
import { startOfDay } from "../time/day.ts";
import { DAY_MS } from "../time/epoch.ts";
import type { CandlesMark, LineMark, Panel } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { type FoldUnit, foldDays, unitFor } from "./fold.ts";
import { makeFigure } from "./make.ts";
import { minutesText, originStrip } from "./origins.ts";
import { rowsOfOne, type Span, spanInDays } from "./rows.ts";
import { rangeText, TEXTS } from "./texts.ts";
import { FALLING, formatPercent, formatPrice, PALETTE, RISING } from "./theme.ts";
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
  const unit = unitFor(shown.length);
  const span = daysText(rows);
  const figure = { id: `${slug(symbol)}-candles`, alt: altOf(shown), source };
  return makeFigure(
    {
      ...figure,
      title: titleOf(symbol, "day"),
      subtitle: rows.length > 450 ? joined([span, FOLDING], "; ") : span,
      x: { kind: "day", ...(shown.length < rows.length ? { domain: viewOf(shown) } : {}) },
      panels: panelsOf(rows, "day", symbol),
    },
    {
      ...figure,
      title: titleOf(symbol, unit),
      subtitle: daysText(shown),
      x: { kind: "day" },
      panels: panelsOf(shown, unit, symbol),
    },
  );
}

/** What the page says of a candle that it has folded. */
const FOLDED = {
  week: { en: "whole week", vi: "cả tuần" },
  month: { en: "whole month", vi: "cả tháng" },
};

const FOLDING = {
  en: "drawn by week or month where days would be too narrow",
  vi: "vẽ theo tuần hoặc tháng khi ngày quá hẹp",
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
  const percent = formatPercent(Math.abs(change * 100));
  const [open, close] = [first.open, final.close].map(formatPrice);
  const high = formatPrice(Math.max(...shown.map((row) => row.high)));
  const low = formatPrice(Math.min(...shown.map((row) => row.low)));
  return en`${shown.length} days from ${first.day} to ${final.day} (UTC). First open ${open}, last close ${close}, ${change < 0 ? "down" : "up"} ${percent}; highest ${high}, lowest ${low}.`
    .vi`${shown.length} ngày từ ${first.day} đến ${final.day} (UTC). Giá mở đầu ${open}, giá đóng cuối ${close}, ${change < 0 ? "giảm" : "tăng"} ${percent}; cao nhất ${high}, thấp nhất ${low}.`;
}

/** Daily candles, or longer ones that were folded from them. */
export function candlesMark(rows: readonly DailyCandle[]): CandlesMark {
  return {
    kind: "candles",
    label: { en: "price", vi: "giá" },
    candles: rows.map((row) => ({ ...row, words: hoverText(row) })),
    folded: FOLDED,
  };
}

function hoverText({ minutes, origin, complete }: DailyCandle): Text {
  const notOver = complete ? [] : [TEXTS.notOver];
  return joined([minutesText(minutes), ORIGIN_TEXTS[origin], ...notOver], ", ");
}

/** From half a day before the first day to half a day after the last: each is drawn about its beginning. */
function viewOf(days: readonly Day[]): [number, number] {
  const [first, last] = [days[0], days[days.length - 1]].map(({ day }) => startOfDay(day));
  return [first - DAY_MS / 2, last + DAY_MS / 2];
}

function panelsOf(rows: readonly Day[], unit: FoldUnit, symbol: string): Panel[] {
  const { base, quote } = unitsOf(symbol);
  const folded = foldDays(rows, unit);
  return [
    {
      height: 250,
      y: { kind: isWide(rows) ? "log" : "number", label: priceAxis(quote), format: "price" },
      marks: [candlesMark(folded), ...averageLines(rows, unit)],
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
          bars: folded.map(({ day, open, close, volume }) => ({
            ...{ x: day, y: volume, colour: close < open ? FALLING : RISING },
          })),
        },
      ],
    },
    originStrip(rows),
  ];
}

// Weeks and months hide their own mean of seven days.
function averageLines(rows: readonly Day[], unit: FoldUnit): LineMark[] {
  return AVERAGES.filter(({ key }) => key === "ma30" || unit === "day")
    .filter(({ key }) => rows.some((row) => typeof row[key] === "number"))
    .map(({ key, label, colour }) => ({
      ...{ kind: "line", label, colour },
      points: rows.map((row) => ({ x: row.day, y: row[key] ?? null })),
    }));
}

function isWide(rows: readonly Day[]): boolean {
  return Math.max(...rows.map((row) => row.high)) > 8 * Math.min(...rows.map((row) => row.low));
}
