import type { Dice } from "./dice.ts";
import type { Market } from "./market.ts";

/** A candle with all that a file may say of it. Numbers have no more digits than a file writes. */
export interface FullCandle {
  market: Market;
  openTime: number;
  /** Milliseconds from its open time to the next one. */
  length: number;
  open: number;
  high: number;
  low: number;
  close: number;
  base: number;
  quote: number;
  takerBase: number;
  takerQuote: number;
  trades: number;
  vwap: number;
}

export const BASE_DIGITS = 5;
export const QUOTE_DIGITS = 8;

export interface Stretch {
  from: number;
  step: number;
  rows: number;
  /** Probability that an interval has no candle. */
  gaps: number;
  /** Factor on the market's level. */
  scale?: number;
}

/**
 * A random walk of prices, `rows` candles in ascending order. The quote volume is the sum of price * volume of trades
 * within low and high, so quote / base is between them; a candle without trades has volume 0 and one price.
 */
export function walk(market: Market, stretch: Stretch, dice: Dice): FullCandle[] {
  const candles: FullCandle[] = [];
  let last = market.level * (stretch.scale ?? 1);
  for (let time = stretch.from; candles.length < stretch.rows; time += stretch.step) {
    if (candles.length > 0 && dice.chance(stretch.gaps)) continue;
    const candle = dice.chance(0.04) ? quiet(market, last) : busy(market, last, dice);
    candles.push({ ...candle, openTime: time, length: stretch.step });
    last = candle.close;
  }
  return candles;
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

type Untimed = Omit<FullCandle, "length" | "openTime">;

function busy(market: Market, last: number, dice: Dice): Untimed {
  const price = (value: number) => rounded(value, market.digits);
  const open = price(last);
  const close = price(last * (1 + dice.uniform(-8e-4, 8e-4)));
  const high = price(Math.max(open, close) * (1 + dice.uniform(1e-4, 6e-4)));
  const low = price(Math.min(open, close) * (1 - dice.uniform(1e-4, 6e-4)));
  const base = rounded(dice.uniform(0.5, 50), BASE_DIGITS);
  const vwap = low + (high - low) * dice.uniform(0.1, 0.9);
  const takerBase = rounded(base * dice.uniform(0.1, 0.9), BASE_DIGITS);
  return {
    ...{ market, open, high, low, close, base, takerBase },
    quote: rounded(base * vwap, QUOTE_DIGITS),
    takerQuote: rounded(takerBase * vwap, QUOTE_DIGITS),
    trades: dice.int(1, 2_000),
    vwap: rounded(vwap, QUOTE_DIGITS),
  };
}

function quiet(market: Market, last: number): Untimed {
  const price = rounded(last, market.digits);
  const prices = { open: price, high: price, low: price, close: price, vwap: price };
  return { market, ...prices, base: 0, quote: 0, takerBase: 0, takerQuote: 0, trades: 0 };
}
