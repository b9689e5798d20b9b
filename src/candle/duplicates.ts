import { AMOUNT_FIELDS, type Candle } from "./candle.ts";

/**
 * Which of two candles of one symbol and open time stays: more trades (unknown counts least), then the larger
 * volume (a later snapshot of the same candle is more complete), then the larger close, high, low, open, then the
 * larger quote volume, taker base and taker quote volume (unknown counts least).
 * @returns positive when `a` stays, negative when `b` does, 0 when they are identical
 */
export function compareDuplicates(a: Candle, b: Candle): number {
  return (
    (a.trades ?? -1) - (b.trades ?? -1) ||
    a.volume - b.volume ||
    a.close - b.close ||
    a.high - b.high ||
    a.low - b.low ||
    a.open - b.open ||
    (a.quoteVolume ?? -1) - (b.quoteVolume ?? -1) ||
    (a.takerBase ?? -1) - (b.takerBase ?? -1) ||
    (a.takerQuote ?? -1) - (b.takerQuote ?? -1)
  );
}

const DECIDING = ["open", "high", "low", "close", "volume", "trades"] as const;

/** Whether two candles of one symbol and open time contradict each other: an amount that one of them lacks does not. */
export function isConflict(a: Candle, b: Candle): boolean {
  const differ = (x: number | null, y: number | null) => x !== null && y !== null && x !== y;
  return (
    DECIDING.some((name) => a[name] !== b[name]) || AMOUNT_FIELDS.some((name) => differ(a[name], b[name]))
  );
}

/** One candle per open time, and what was dropped for it. */
export interface Deduplicated {
  /** Sorted by symbol and open time. */
  candles: Candle[];
  /** Rows dropped, those that disagreed included. */
  duplicates: number;
  /** Of the dropped rows, those that disagreed with the one that stayed. */
  conflicts: number;
}

/** One candle per symbol and open time; the result does not depend on the order of the rows. */
export function deduplicate(candles: readonly Candle[]): Deduplicated {
  const best = new Map<string, Candle>();
  for (const candle of candles) {
    const key = `${candle.symbol} ${candle.openTime}`;
    const other = best.get(key);
    if (other === undefined || compareDuplicates(candle, other) > 0) best.set(key, candle);
  }
  const conflicts = candles.filter((candle) => {
    const stayed = best.get(`${candle.symbol} ${candle.openTime}`);
    return stayed !== undefined && isConflict(candle, stayed);
  }).length;
  const kept = [...best.values()].sort(
    (a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0) || a.openTime - b.openTime,
  );
  return { candles: kept, duplicates: candles.length - kept.length, conflicts };
}
