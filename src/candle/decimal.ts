import type { EpochMs } from "../time/epoch.ts";
import type { Candle } from "./candle.ts";

/** A price or volume as exchanges write it: eight decimals. */
export function decimal(value: number): string {
  return value.toFixed(8);
}

/** A candle as exchanges write it: prices and volume are decimals. */
export interface DecimalCandle {
  symbol: string;
  openTime: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  quoteVolume?: string;
  trades?: number;
  takerBase?: string;
  takerQuote?: string;
}

/** The same with numbers. */
export function numericCandle(written: DecimalCandle): Candle {
  const { symbol, openTime, open, high, low, close, volume, trades } = written;
  const { quoteVolume, takerBase, takerQuote } = written;
  return {
    symbol,
    openTime: openTime as EpochMs,
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
    quoteVolume: amountOf(quoteVolume),
    trades: trades ?? null,
    takerBase: amountOf(takerBase),
    takerQuote: amountOf(takerQuote),
  };
}

/** An amount that its source can lack. */
function amountOf(written: string | undefined): number | null {
  return written === undefined ? null : Number(written);
}
