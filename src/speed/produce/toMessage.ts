import type { KlineFrame, TickerFrame } from "../../binance/frame.ts";
import { decimal } from "../../binance/kline.ts";
import type { Candle } from "../../candle/candle.ts";
import { MINUTE_MS } from "../../time/epoch.ts";
import type { KlineMessage, Message } from "../../topic/message.ts";

/** The field that marks messages of a simulated market. */
export type Market = { market: "simulated" } | Record<string, never>;

export function klineToMessage({ E, s, k }: KlineFrame, market: Market): KlineMessage {
  const { t, o, h, l, c, v, n, x } = k;
  return {
    type: "kline",
    symbol: s,
    openTime: t,
    open: o,
    high: h,
    low: l,
    close: c,
    volume: v,
    trades: n,
    final: x,
    eventTime: E,
    ...market,
  };
}

export function tickerToMessage({ E, s, c }: TickerFrame, market: Market): Message {
  return { type: "ticker", symbol: s, price: c, eventTime: E, ...market };
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
