import type { Candle } from "../candle/candle.ts";
import { type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import {
  ceilToInterval,
  type FixedInterval,
  floorToInterval,
  intervalMs,
  isInterval,
} from "../time/interval.ts";
import { candleToKline, type Kline } from "../venues/binance/kline.ts";
import { foldMinutes, type MinuteMarket, partialMinute } from "./minuteMarket.ts";

/** Whether the simulated exchange has candles of an interval: its market is made of minutes. */
export function isSimulated(text: string): text is FixedInterval {
  return isInterval(text) && text !== "1s" && text !== "1M";
}

/** All klines that the simulated exchange can serve. */
export interface KlineBook {
  symbols: readonly string[];
  /** Open time of the first kline, and the end after the last; null without klines. */
  span(symbol: string, interval: FixedInterval): { first: number; end: number } | null;
  /** The kline that opens then, as known at `now`; null if there is none or it has not begun. */
  kline(symbol: string, interval: FixedInterval, openTime: EpochMs, now: EpochMs): Kline | null;
}

/** A book over a market's minutes; longer intervals are aggregated from them. */
export function minuteBook(market: MinuteMarket): KlineBook {
  const folded = new Map<string, Candle | null>();
  const fold = (symbol: string, interval: FixedInterval, openTime: EpochMs, now: EpochMs) => {
    const span = { from: openTime, to: (openTime + intervalMs(interval)) as EpochMs };
    if (span.to > now) return foldMinutes(market, symbol, span, now);
    const key = `${symbol} ${interval} ${openTime}`;
    const known = folded.get(key);
    if (known !== undefined) return known;
    const candle = foldMinutes(market, symbol, span, now);
    folded.set(key, candle);
    return candle;
  };
  return {
    symbols: market.symbols,
    span: (symbol, interval) => {
      const first = floorToInterval(market.firstOpenTime(symbol), interval);
      return { first, end: market.endTime?.(symbol) ?? Number.POSITIVE_INFINITY };
    },
    kline: (symbol, interval, openTime, now) => {
      if (openTime > now) return null;
      if (interval !== "1m") {
        const candle = fold(symbol, interval, openTime, now);
        return candle === null ? null : candleToKline(candle, intervalMs(interval));
      }
      const over = openTime + MINUTE_MS <= now;
      const recorded = over ? market.kline?.(symbol, openTime) : undefined;
      if (recorded) return recorded;
      const minute = market.candle(symbol, openTime);
      if (minute === null) return null;
      return candleToKline(partialMinute(minute, (now - openTime) / MINUTE_MS), MINUTE_MS);
    },
  };
}

/**
 * The requested klines, in the meaning of `GET /api/v3/klines`: open times from `startTime` to `endTime`, both
 * included.
 */
export interface KlineQuery {
  symbol: string;
  interval: FixedInterval;
  startTime?: number;
  endTime?: number;
  limit: number;
}

/**
 * The exchange's response: with a start the first `limit` klines from it on, without one the last `limit` up to the
 * end (now, by default).
 */
export function selectKlines(book: KlineBook, query: KlineQuery, now: EpochMs): Kline[] {
  const { symbol, interval, limit } = query;
  const length = intervalMs(interval);
  const span = book.span(symbol, interval);
  if (span === null) return [];
  const last = Math.min(query.endTime ?? now, now, span.end - 1);
  const rows: Kline[] = [];
  const take = (time: number) => {
    const kline = book.kline(symbol, interval, time as EpochMs, now);
    if (kline !== null) rows.push(kline);
  };
  if (query.startTime !== undefined) {
    const first = ceilToInterval(Math.max(query.startTime, span.first), interval);
    for (let time: number = first; time <= last && rows.length < limit; time += length) take(time);
    return rows;
  }
  const newest = floorToInterval(last, interval);
  for (let time: number = newest; time >= span.first && rows.length < limit; time -= length) take(time);
  return rows.reverse();
}
