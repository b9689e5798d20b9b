import { dayOf } from "../time/day.ts";
import type { Amount, Candle, DailyCandle } from "./candle.ts";

/** Volumes are summed as whole numbers of 1e-8 base units: a sum of doubles depends on the order. */
export const VOLUME_UNIT = 1e8;

/** What a day's minutes say of it; origin and completeness are known to the layer that folds. */
export type FoldedDay = Omit<DailyCandle, "origin" | "complete"> & { volume: number; minutes: number };

/**
 * Minutes to days: open of the first minute by open time, close of the last, highest high, lowest low, summed
 * volume, number of minutes; quote volume, trades and taker volume are sums too, null where one minute lacks the figure.
 * The order of the input changes nothing, not a bit.
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
  const { symbol, openTime, open, high, low, close, ...figures } = foldCandles(minutes);
  const { volume, quoteVolume, trades, takerBase } = figures;
  return {
    ...{ symbol, day: dayOf(openTime), open, high, low, close, volume },
    ...{ quote_volume: quoteVolume, trades, taker_base: takerBase },
    vwap: vwapOf(volume, quoteVolume),
    minutes: minutes.length,
  };
}

/**
 * Candles of one symbol, in any order, to one candle that opens with the first of them. @see foldDays
 * @param parts at least one, of one length; one per open time
 */
export function foldCandles(parts: readonly Candle[]): Candle {
  const byTime = [...parts].sort((a, b) => a.openTime - b.openTime);
  const [{ symbol, openTime, open }] = byTime;
  return {
    ...{ symbol, openTime, open },
    high: byTime.reduce((most, { high }) => Math.max(most, high), 0),
    low: byTime.reduce((least, { low }) => Math.min(least, low), Number.POSITIVE_INFINITY),
    close: byTime[byTime.length - 1].close,
    volume: sumOf(byTime, "volume") as number,
    quoteVolume: sumOf(byTime, "quoteVolume"),
    trades: tradesOf(byTime),
    takerBase: sumOf(byTime, "takerBase"),
    takerQuote: sumOf(byTime, "takerQuote"),
  };
}

/** A sum of amounts; null where one candle lacks it: a part of a day's volume is not the day's. */
function sumOf(candles: readonly Candle[], amount: "volume" | Amount): number | null {
  // Whole numbers are added as doubles as long as those are exact, in an eighth of the time.
  let whole = 0n;
  let units = 0;
  for (const candle of candles) {
    const value = candle[amount];
    if (value === null) return null;
    const more = Math.round(value * VOLUME_UNIT);
    if (units + more > Number.MAX_SAFE_INTEGER) {
      whole += BigInt(units);
      units = 0;
    }
    units += more;
  }
  return Number(whole + BigInt(units)) / VOLUME_UNIT;
}

function tradesOf(candles: readonly Candle[]): number | null {
  let sum = 0;
  for (const { trades } of candles) {
    if (trades === null) return null;
    sum += trades;
  }
  return sum;
}

/** The mean price of trades; null without a trade. */
export function vwapOf(volume: number | null, quoteVolume: number | null): number | null {
  return volume === null || quoteVolume === null || volume === 0 ? null : quoteVolume / volume;
}

/** The exchange's own daily candle as a daily row: how many minutes it is made of is not known. */
export function exchangeDay(candle: Candle): DailyCandle {
  const { symbol, openTime, open, high, low, close, volume, quoteVolume, trades, takerBase } = candle;
  const day = dayOf(openTime);
  const prices = { open, high, low, close };
  const vwap = vwapOf(volume, quoteVolume);
  const figures = { volume, quote_volume: quoteVolume, trades, taker_base: takerBase, vwap };
  return { symbol, day, ...prices, ...figures, minutes: null, origin: "backfill", complete: true };
}
