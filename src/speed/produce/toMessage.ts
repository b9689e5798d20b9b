import type { Candle } from "../../candle/candle.ts";
import { decimal } from "../../candle/decimal.ts";
import { type FixedInterval, intervalMs } from "../../time/interval.ts";
import { INTERVAL_VERSION, type KlineMessage, MESSAGE_VERSION, type Message } from "../../topic/message.ts";
import type { CandleUpdate, PriceUpdate } from "../../venues/venue.ts";

/** The field that marks messages of a simulated market. */
export type Market = { market: "simulated" } | Record<string, never>;

/** A frame's candle; a minute is of version 1 where the frame lacks an amount. */
export function klineToMessage(update: CandleUpdate, market: Market): KlineMessage {
  const { symbol, openTime, open, high, low, close, volume, quoteVolume, trades } = update;
  const { interval, takerBase, takerQuote, final, eventTime } = update;
  const prices = { symbol, openTime, open, high, low, close, volume };
  const rest = { final, eventTime, ...market };
  if (interval !== "1m") {
    const amounts = { quoteVolume, trades, takerBase, takerQuote };
    return { type: "kline", interval, ...prices, ...amounts, ...rest, v: INTERVAL_VERSION };
  }
  if (quoteVolume === undefined || takerBase === undefined || takerQuote === undefined)
    return { type: "kline", ...prices, trades, ...rest };
  return {
    type: "kline",
    ...prices,
    quoteVolume,
    trades,
    takerBase,
    takerQuote,
    ...rest,
    v: MESSAGE_VERSION,
  };
}

export function tickerToMessage(update: PriceUpdate, market: Market): Message {
  return { type: "ticker", ...update, ...market };
}

/** A candle from REST: final, its event time the candle's end. */
export function candleToMessage(candle: Candle, interval: FixedInterval, market: Market): KlineMessage {
  const written = (amount: number | null) => (amount === null ? undefined : decimal(amount));
  const update: CandleUpdate = {
    symbol: candle.symbol,
    interval,
    openTime: candle.openTime,
    open: decimal(candle.open),
    high: decimal(candle.high),
    low: decimal(candle.low),
    close: decimal(candle.close),
    volume: decimal(candle.volume),
    quoteVolume: written(candle.quoteVolume),
    trades: candle.trades ?? undefined,
    takerBase: written(candle.takerBase),
    takerQuote: written(candle.takerQuote),
    final: true,
    eventTime: candle.openTime + intervalMs(interval),
  };
  return klineToMessage(update, market);
}
