import { decimal } from "../candle/decimal.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import type { FixedInterval } from "../time/interval.ts";
import type { Kline } from "../venues/binance/kline.ts";
import type { KlineBook } from "./book.ts";

export interface KlineEvent {
  symbol: string;
  interval: FixedInterval;
  kline: Kline;
  final: boolean;
  eventTime: number;
}

/** A kline event's payload: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */
export function klineFrame({ symbol, interval, kline, final, eventTime }: KlineEvent): object {
  const [t, o, h, l, c, v, T, q, n, V, Q] = kline;
  const first = firstTrade(t);
  return {
    e: "kline",
    E: eventTime,
    s: symbol,
    k: {
      t,
      T,
      s: symbol,
      i: interval,
      f: n === 0 ? -1 : first,
      L: n === 0 ? -1 : first + n - 1,
      o,
      c,
      h,
      l,
      v,
      n,
      x: final,
      q,
      V,
      Q,
      B: "0",
    },
  };
}

/** Trades have consecutive numbers: a minute has a range of a hundred thousand. */
const firstTrade = (openTime: number) => (openTime / MINUTE_MS) * 100_000;

/** The rolling figures of the last 24 hours; one symbol's complete minutes are aggregated once a minute. */
export function tickerFrames(book: KlineBook): (symbol: string, now: EpochMs) => object | null {
  const rolling = new Map<string, Rolling & { minute: number }>();
  return (symbol, now) => {
    const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    let past = rolling.get(symbol);
    if (past?.minute !== minute) {
      past = { minute, ...foldPast(book, symbol, minute, now) };
      rolling.set(symbol, past);
    }
    const present = book.kline(symbol, "1m", minute as EpochMs, now);
    const all = present === null ? past : addKline({ ...past }, present);
    return all.count === 0 ? null : tickerFrame(symbol, all, now);
  };
}

interface Rolling {
  open: string;
  high: number;
  low: number;
  close: string;
  volume: number;
  quoteVolume: number;
  trades: number;
  first: number;
  last: number;
  /** Aggregated klines. */
  count: number;
}

function foldPast(book: KlineBook, symbol: string, minute: number, now: EpochMs): Rolling {
  let rolling: Rolling = {
    open: "0",
    high: 0,
    low: Number.POSITIVE_INFINITY,
    close: "0",
    volume: 0,
    quoteVolume: 0,
    trades: 0,
    first: -1,
    last: -1,
    count: 0,
  };
  for (let time = minute - DAY_MS + MINUTE_MS; time < minute; time += MINUTE_MS) {
    const kline = book.kline(symbol, "1m", time as EpochMs, now);
    if (kline !== null) rolling = addKline(rolling, kline);
  }
  return rolling;
}

function addKline(rolling: Rolling, kline: Kline): Rolling {
  const [t, o, h, l, c, v, , q, n] = kline;
  if (rolling.count === 0) {
    rolling.open = o;
    rolling.first = firstTrade(t);
  }
  rolling.high = Math.max(rolling.high, Number(h));
  rolling.low = Math.min(rolling.low, Number(l));
  rolling.close = c;
  rolling.volume += Number(v);
  rolling.quoteVolume += Number(q);
  rolling.trades += n;
  rolling.last = firstTrade(t) + Math.max(0, n - 1);
  rolling.count += 1;
  return rolling;
}

function tickerFrame(symbol: string, rolling: Rolling, now: EpochMs): object {
  const { open, high, low, close, volume, quoteVolume, trades, first, last } = rolling;
  const [from, to] = [Number(open), Number(close)];
  const tick = to < 1 ? 1e-8 : 0.01;
  return {
    e: "24hrTicker",
    E: now,
    s: symbol,
    p: decimal(to - from),
    P: ((100 * (to - from)) / from).toFixed(3),
    w: decimal(volume === 0 ? to : quoteVolume / volume),
    x: open,
    c: close,
    Q: "0.00100000",
    b: decimal(Math.max(tick, to - tick)),
    B: "1.00000000",
    a: close,
    A: "1.00000000",
    o: open,
    h: decimal(high),
    l: decimal(low),
    v: decimal(volume),
    q: decimal(quoteVolume),
    O: now - DAY_MS,
    C: now,
    F: first,
    L: last,
    n: trades,
  };
}
