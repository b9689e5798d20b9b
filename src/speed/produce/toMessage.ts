import type { Candle } from "../../candle/candle.ts";
import { decimal } from "../../candle/decimal.ts";
import { MINUTE_MS } from "../../time/epoch.ts";
import type { KlineMessage, Message } from "../../topic/message.ts";
import type { CandleUpdate, PriceUpdate } from "../../venues/venue.ts";

/** The field that marks messages of a simulated market. */
export type Market = { market: "simulated" } | Record<string, never>;

export function klineToMessage(update: CandleUpdate, market: Market): KlineMessage {
  return { type: "kline", ...update, ...market };
}

export function tickerToMessage(update: PriceUpdate, market: Market): Message {
  return { type: "ticker", ...update, ...market };
}

/** A minute from REST: final, its event time the minute's end. */
export function candleToMessage(candle: Candle, market: Market): KlineMessage {
  return {
    type: "kline",
    symbol: candle.symbol,
    openTime: candle.openTime,
    open: decimal(candle.open),
    high: decimal(candle.high),
    low: decimal(candle.low),
    close: decimal(candle.close),
    volume: decimal(candle.volume),
    trades: candle.trades ?? 0,
    final: true,
    eventTime: candle.openTime + MINUTE_MS,
    ...market,
  };
}
