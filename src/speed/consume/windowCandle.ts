import type { DailyCandle } from "../../candle/candle.ts";
import { vwapOf } from "../../candle/foldDay.ts";
import { FIGURE_TYPES } from "../../lake/columns.ts";
import { dayOf } from "../../time/day.ts";
import { type EpochMs, MINUTE_MS } from "../../time/epoch.ts";
import { candlesIn, type FixedInterval, type Interval, intervalMs } from "../../time/interval.ts";

/** The candle of a window. */
export interface WindowCandle {
  symbol: string;
  /** The window's length. */
  length: Interval;
  /** Its first instant. */
  start: EpochMs;
  /** Of the candles that it is folded from. */
  interval: FixedInterval;
  /** How many of them; 0 where the window is known from tickers alone. */
  parts: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Null where the window is known from tickers alone; so are the next four, and where a part lacks the figure. */
  volume: number | null;
  quoteVolume: number | null;
  trades: number | null;
  takerBase: number | null;
  takerQuote: number | null;
  /** The window is closed. */
  complete: boolean;
}

/** The columns of a table of windows that are no days: those of `candles_<interval>`; `open_time` in milliseconds. */
export const WINDOW_TYPES = {
  symbol: "VARCHAR",
  open_time: "BIGINT",
  ...FIGURE_TYPES,
  vwap: "DOUBLE",
  parts: "INTEGER",
  expected: "INTEGER",
  origin: "VARCHAR",
  complete: "BOOLEAN",
  made_from: "VARCHAR",
} as const;

/** A row of such a table. */
export type WindowRow = Record<keyof typeof WINDOW_TYPES, string | number | boolean | null>;

/** A window as a row of its table. */
export function windowRow(candle: WindowCandle): WindowRow {
  const { symbol, start, length, interval, parts, complete } = candle;
  const { open, high, low, close, volume, quoteVolume, trades, takerBase, takerQuote } = candle;
  return {
    ...{ symbol, open_time: start, open, high, low, close, volume },
    ...{ quote_volume: quoteVolume, trades, taker_base: takerBase, taker_quote: takerQuote },
    vwap: vwapOf(volume, quoteVolume),
    ...{
      parts,
      expected: candlesIn(start, length, interval),
      origin: "speed",
      complete,
      made_from: interval,
    },
  };
}

/** A row of `windowRow` as the window's candle. */
export function candleOfRow(row: WindowRow, length: Interval): WindowCandle {
  const number = (name: keyof WindowRow) => row[name] as number;
  return {
    ...{ symbol: row.symbol as string, length, start: number("open_time") as EpochMs },
    ...{
      interval: row.made_from as FixedInterval,
      parts: number("parts"),
      complete: row.complete as boolean,
    },
    ...{ open: number("open"), high: number("high"), low: number("low"), close: number("close") },
    ...{ volume: number("volume"), quoteVolume: number("quote_volume"), trades: number("trades") },
    ...{ takerBase: number("taker_base"), takerQuote: number("taker_quote") },
  };
}

/** A window of a day as a daily row; `minutes` is null where it is a daily candle, as in the batch layer. */
export function dayOfWindow(candle: WindowCandle): DailyCandle {
  const { symbol, start, interval, parts, complete } = candle;
  const { open, high, low, close, volume, quoteVolume, trades, takerBase } = candle;
  return {
    ...{ symbol, day: dayOf(start), open, high, low, close, volume },
    ...{ quote_volume: quoteVolume, trades, taker_base: takerBase },
    vwap: vwapOf(volume, quoteVolume),
    minutes: interval === "1d" ? null : Math.floor((parts * intervalMs(interval)) / MINUTE_MS),
    ...{ origin: "speed", complete },
  };
}

/** A daily row as the window's candle; what a day does not have is not known. @see dayOfWindow */
export function windowOfDay(day: DailyCandle): WindowCandle {
  const { symbol, open, high, low, close, volume, trades, minutes, complete } = day;
  return {
    ...{ symbol, length: "1d", start: Date.parse(day.day) as EpochMs },
    ...(minutes === null ? { interval: "1d", parts: 1 } : { interval: "1m", parts: minutes }),
    ...{ open, high, low, close, volume, quoteVolume: day.quote_volume, trades },
    ...{ takerBase: day.taker_base, takerQuote: null, complete },
  };
}

/** How much time a candle has parts of, milliseconds. */
function coveredMs({ parts, interval }: WindowCandle): number {
  return parts * intervalMs(interval);
}

/**
 * Whether a candle replaces another one of the same window, folded from another series or before: it has parts of more
 * time, or of as much and finer ones.
 */
export function isBetter(candle: WindowCandle, than: WindowCandle): boolean {
  const more = coveredMs(candle) - coveredMs(than);
  return more > 0 || (more === 0 && intervalMs(candle.interval) <= intervalMs(than.interval));
}
