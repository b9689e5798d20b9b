import type { Candle } from "../candle/candle.ts";
import { VOLUME_UNIT } from "../candle/foldDay.ts";
import { type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import type { Kline } from "../venues/binance/kline.ts";
import { withAmounts } from "./withAmounts.ts";

/** A market by its minutes, simulated or recorded. Times are on the minute's grid. */
export interface MinuteMarket {
  symbols: readonly string[];
  /** The complete minute that opens then, or null if the market has none. */
  candle(symbol: string, openTime: EpochMs): Candle | null;
  /** Open time of the symbol's first minute. */
  firstOpenTime(symbol: string): EpochMs;
  /** Open time after its last minute; absent for a market without an end. */
  endTime?(symbol: string): EpochMs;
  /** The recorded minute, if there is one. */
  kline?(symbol: string, openTime: EpochMs): Kline | null;
}

/**
 * A minute as it looks before it is over: the price moves from the open over the extremes (the farther from the close
 * first) to the close, volume and trades grow evenly.
 * @param share the elapsed part of the minute, from 0 to 1; from 1 on it is the minute itself
 */
export function partialMinute(minute: Candle, share: number): Candle {
  if (share >= 1) return minute;
  const { open, high, low, close } = minute;
  const corners = close >= open ? [open, low, high, close] : [open, high, low, close];
  const leg = Math.floor(share * 3);
  const from = corners[leg];
  const now = cents(from + (corners[leg + 1] - from) * (share * 3 - leg));
  const seen = [...corners.slice(0, leg + 1), now];
  const partial = {
    ...minute,
    high: Math.max(...seen),
    low: Math.min(...seen),
    close: now,
    volume: Math.floor(minute.volume * share * 1e5) / 1e5,
    trades: minute.trades === null ? null : Math.floor(minute.trades * share),
  };
  return minute.quoteVolume === null ? partial : withAmounts(partial);
}

function cents(price: number): number {
  const unit = price < 1 ? 1e8 : 100;
  return Math.round(price * unit) / unit;
}

/** The minutes of [from, to) as one candle, as known at `now`. @returns null without minutes */
export function foldMinutes(
  market: MinuteMarket,
  symbol: string,
  { from, to }: { from: EpochMs; to: EpochMs },
  now: EpochMs,
): Candle | null {
  let folded: Candle | null = null;
  const sums = SUMMED.map(() => ({ units: 0n, small: 0, known: true }));
  for (let time = from; time < to && time <= now; time = (time + MINUTE_MS) as EpochMs) {
    const whole = market.candle(symbol, time);
    if (whole === null) continue;
    const minute = partialMinute(whole, (now - time) / MINUTE_MS);
    for (const [i, amount] of SUMMED.entries()) addAmount(sums[i], minute[amount]);
    if (folded === null) {
      folded = { ...minute, openTime: from };
      continue;
    }
    folded.high = Math.max(folded.high, minute.high);
    folded.low = Math.min(folded.low, minute.low);
    folded.close = minute.close;
    folded.trades = (folded.trades ?? 0) + (minute.trades ?? 0);
  }
  if (folded === null) return null;
  const [volume, quoteVolume, takerBase, takerQuote] = sums.map(({ units, small, known }) =>
    known ? Number(units + BigInt(small)) / VOLUME_UNIT : null,
  );
  return { ...folded, volume: volume as number, quoteVolume, takerBase, takerQuote };
}

const SUMMED = ["volume", "quoteVolume", "takerBase", "takerQuote"] as const;

/** Small numbers are added up before they become wide ones: a year of minutes is folded. */
function addAmount(sum: { units: bigint; small: number; known: boolean }, amount: number | null): void {
  if (amount === null) sum.known = false;
  sum.small += Math.round((amount ?? 0) * VOLUME_UNIT);
  if (sum.small <= Number.MAX_SAFE_INTEGER / 2) return;
  sum.units += BigInt(sum.small);
  sum.small = 0;
}
