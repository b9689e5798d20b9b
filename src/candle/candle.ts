import type { Day } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { Interval } from "../time/interval.ts";

/** One interval's prices and volume, identified by symbol and open time (the exchange calls it a kline). */
export interface Candle {
  symbol: string;
  openTime: EpochMs;
  /** Quote currency. */
  open: number;
  high: number;
  low: number;
  close: number;
  /** Base currency. */
  volume: number;
  /** The same in quote currency; null where the source does not have it. */
  quoteVolume: number | null;
  /** Number of trades; null where the source does not have it. */
  trades: number | null;
  /** The part of the volume, and of the quote volume, that takers bought; null where the source does not have it. */
  takerBase: number | null;
  takerQuote: number | null;
}

/** The amounts of a candle that its source can lack, by their fields, with the names of their columns. */
export const AMOUNTS = {
  quoteVolume: "quote_volume",
  takerBase: "taker_base",
  takerQuote: "taker_quote",
} as const;

export type Amount = keyof typeof AMOUNTS;
export const AMOUNT_FIELDS = Object.keys(AMOUNTS) as Amount[];
export const AMOUNT_COLUMNS = Object.values(AMOUNTS);
export type AmountColumn = (typeof AMOUNT_COLUMNS)[number];

/** What a candle of a source without them has. */
export const NO_AMOUNTS = { quoteVolume: null, takerBase: null, takerQuote: null } as const;

/** Where a daily row comes from: own minutes, fetched to close a gap, live, or carried forward. */
export type Origin = "batch" | "backfill" | "speed" | "filled";

/** Whose prices these are: the exchange's own, a person's files, or the made-up market's. */
export const SOURCES = ["binance", "csv", "simulated"] as const;

export type Source = (typeof SOURCES)[number];

/** One UTC day of one symbol. */
export interface DailyCandle {
  symbol: string;
  day: Day;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Base currency; null where a day is known from tickers alone. */
  volume: number | null;
  /** Quote currency. This and the next three are null where one of the day's candles lacks the figure. */
  quote_volume: number | null;
  trades: number | null;
  /** The part of the volume that takers bought. */
  taker_base: number | null;
  /** The mean price of the day's trades, quote_volume ÷ volume; null too where there was no trade. */
  vwap: number | null;
  /** How many minutes it is made of; null where it is the exchange's own daily candle. */
  minutes: number | null;
  origin: Origin;
  /** The day has ended and nothing more is to come for it. */
  complete: boolean;
}

/** What a day of a source without them has. */
export const NO_FIGURES = { quote_volume: null, trades: null, taker_base: null, vwap: null } as const;

/** A row of the serving table: every day of the calendar once, with its moving averages of the close. */
export interface ServedDay extends DailyCandle {
  ma7: number | null;
  ma30: number | null;
}

/** One symbol's candle of an interval: a row of `candles_<interval>`, with its interval. */
export interface FoldedCandle {
  symbol: string;
  interval: Interval;
  /** ISO 8601, UTC. */
  open_time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Base currency. */
  volume: number;
  /** Quote currency. This and the next four are null where a part lacks the figure. */
  quote_volume: number | null;
  trades: number | null;
  taker_base: number | null;
  taker_quote: number | null;
  vwap: number | null;
  /** How much of the candle there is, counted in the finest candles that it is folded from. */
  parts: number;
  /** The same of a candle without gaps. */
  expected: number;
  origin: Exclude<Origin, "filled">;
  /** The candle has ended and nothing more is to come for it. */
  complete: boolean;
  /** The intervals that it is folded from, `1m`, `1m+1d`. */
  made_from: string;
}
