import type { Day } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";

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
  /** Number of trades; null where the source doesn't tell. */
  trades: number | null;
}

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
  /** How many minutes it is made of; null where it is the exchange's own daily candle. */
  minutes: number | null;
  origin: Origin;
  /** The day has ended and nothing more is to come for it. */
  complete: boolean;
}

/** A row of the serving table: every day of the calendar once, with its moving averages of the close. */
export interface ServedDay extends DailyCandle {
  ma7: number | null;
  ma30: number | null;
}
