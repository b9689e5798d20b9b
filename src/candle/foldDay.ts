import type { Day } from "../time/day.ts";
import { dayOf } from "../time/day.ts";
import type { Candle, DailyCandle } from "./candle.ts";

/** Volumes are summed as whole numbers of 1e-8 base units: a sum of doubles depends on the order. */
export const VOLUME_UNIT = 1e8;

/** What a day's minutes say of it; origin and completeness are known to the layer that folds. */
export interface FoldedDay {
  symbol: string;
  day: Day;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  minutes: number;
}

/**
 * Minutes to days: open of the first minute by open time, close of the last, highest high, lowest low, summed
 * volume, number of minutes. The order of the input changes nothing, not a bit.
 * @param candles one per symbol and open time (see `deduplicate`)
 * @returns sorted by symbol and day
 */
export function foldDays(candles: readonly Candle[]): FoldedDay[] {
  const days = new Map<string, Candle[]>();
  for (const candle of candles) {
    const key = `${candle.symbol} ${dayOf(candle.openTime)}`;
    const minutes = days.get(key);
    if (minutes === undefined) days.set(key, [candle]);
    else minutes.push(candle);
  }
  return [...days.keys()].sort().map((key) => foldDay(days.get(key) as Candle[]));
}

/**
 * The minutes of one symbol and day, in any order, to that day. @see foldDays
 * @param minutes at least one
 */
export function foldDay(minutes: readonly Candle[]): FoldedDay {
  const byTime = [...minutes].sort((a, b) => a.openTime - b.openTime);
  const first = byTime[0];
  const units = byTime.reduce((sum, candle) => sum + BigInt(Math.round(candle.volume * VOLUME_UNIT)), 0n);
  return {
    symbol: first.symbol,
    day: dayOf(first.openTime),
    open: first.open,
    high: Math.max(...byTime.map((candle) => candle.high)),
    low: Math.min(...byTime.map((candle) => candle.low)),
    close: byTime[byTime.length - 1].close,
    volume: Number(units) / VOLUME_UNIT,
    minutes: byTime.length,
  };
}

/** The exchange's own daily candle as a daily row: how many minutes it is made of is not known. */
export function exchangeDay(candle: Candle): DailyCandle {
  const { symbol, openTime, open, high, low, close, volume } = candle;
  const day = dayOf(openTime);
  return { symbol, day, open, high, low, close, volume, minutes: null, origin: "backfill", complete: true };
}
