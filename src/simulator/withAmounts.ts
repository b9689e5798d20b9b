import type { Amount, Candle } from "../candle/candle.ts";

/** The buyers' part of a minute in which the price does not move, and how much a move over its whole range adds. */
const [EVEN, MOVED] = [0.5, 0.3];

/**
 * A simulated candle with its amounts, to 8 decimals: trades at the mean of its prices, and takers that buy more the
 * farther it closes above its open.
 */
export function withAmounts(candle: Omit<Candle, Amount>): Candle {
  const { open, high, low, close, volume } = candle;
  const price = (open + high + low + close) / 4;
  const share = EVEN + (high > low ? (MOVED * (close - open)) / (high - low) : 0);
  const takerBase = rounded(volume * share);
  return {
    ...candle,
    quoteVolume: rounded(volume * price),
    takerBase,
    takerQuote: rounded(takerBase * price),
  };
}

const rounded = (value: number) => Number(value.toFixed(8));
