import type { Candle } from "../candle/candle.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, MINUTES_PER_DAY, type TimeSpan } from "../time/epoch.ts";
import type { MinuteMarket } from "./minuteMarket.ts";
import { type RandomStream, randomStream } from "./randomStream.ts";
import { characterOf, FIRST_DAY_NUMBER, logCloses, marketDays } from "./walk.ts";
import { withAmounts } from "./withAmounts.ts";

/** Number of cached days, of the whole market and of each symbol. */
const KEPT = 40;
/** Correlation of the minutes of different symbols. */
const TOGETHER = 0.85;

/** An outage of the exchange: no symbol has a minute that opens in [from, to). */
export interface Outage extends TimeSpan {
  /** A trading halt of this symbol alone. */
  symbol?: string;
}

export interface MadeUpOptions {
  seed: number;
  /** Default: BTCUSDT and ETHUSDT. */
  symbols?: readonly string[];
  /** The first day of a symbol's trading; default 2017-08-17 for each. */
  firstDay?: (symbol: string) => Day;
  outages?: readonly Outage[];
}

/** A simulated market: any minute can be read, and minutes in order of time are fast. */
export interface MadeUpMarket extends MinuteMarket {
  /** The minutes of [from, to) in order. */
  minutes(symbol: string, from: EpochMs, to: EpochMs): Generator<Candle>;
}

/** One symbol's minutes of one day, by minute of the day. */
interface MinuteBlock {
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  trades: Float64Array;
}

/** The common part of a day's minutes of all symbols. */
interface Weather {
  /** Shocks, standard normal. */
  shocks: Float64Array;
  /** Standard deviation of the minute's log return, for a market day of volatility 1. */
  scale: Float64Array;
  /** Activity around 1, by hour, weekday and chance. */
  activity: Float64Array;
}

/**
 * A market that depends only on its seed: any minute from 2009 to 2050 can be computed alone, in any order. The log
 * price of days is a random walk with clustered volatility that all symbols share in part; within a day the minutes
 * are a random walk tied to the day's two ends, with extremes drawn from the distribution of such a walk's maximum.
 * Volume depends on the hour, weekends and the volatility. Prices are multiples of a cent (below 1 of 1e-8), volumes
 * of 1e-5.
 */
export function madeUpMarket(options: MadeUpOptions): MadeUpMarket {
  const { seed, symbols = ["BTCUSDT", "ETHUSDT"], outages = [] } = options;
  const firstDay = options.firstDay ?? (() => "2017-08-17" as Day);
  const market = marketDays(seed);
  const weather = recent((day) => weatherOf(seed, day));
  const blocks = new Map(
    symbols.map((symbol) => {
      const character = characterOf(symbol);
      const levels = logCloses(seed, symbol, character, market);
      const first = startOfDay(firstDay(symbol));
      const make = (day: number) => {
        const at = day - FIRST_DAY_NUMBER;
        if (!(at >= 1 && at < levels.length))
          throw new Error("The simulated market has the years 2009 to 2050.");
        const sigma = market.volatility[at] * Math.hypot(character.beta, character.own);
        const walk = { from: levels[at - 1], to: levels[at], sigma };
        const random = randomStream(seed, "minutes", symbol, day);
        return minuteBlock(walk, weather(day), character.turnover, random);
      };
      return [symbol, { first, block: recent(make) }];
    }),
  );
  const down = (symbol: string, time: number) =>
    outages.some((outage) => time >= outage.from && time < outage.to && (outage.symbol ?? symbol) === symbol);
  const known = (symbol: string) => {
    const entry = blocks.get(symbol);
    if (entry === undefined) throw new Error(`The simulated market has no symbol ${symbol}.`);
    return entry;
  };
  const candle = (symbol: string, openTime: EpochMs): Candle | null => {
    const { first, block } = known(symbol);
    if (openTime < first || down(symbol, openTime)) return null;
    const day = Math.floor(openTime / DAY_MS);
    const i = Math.floor((openTime - day * DAY_MS) / MINUTE_MS);
    const { open, high, low, close, volume, trades } = block(day);
    return withAmounts({
      symbol,
      openTime,
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volume: volume[i],
      trades: trades[i],
    });
  };
  return {
    symbols,
    candle,
    firstOpenTime: (symbol) => known(symbol).first,
    *minutes(symbol, from, to) {
      const begin = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
      for (let time = begin; time < to; time += MINUTE_MS) {
        const minute = candle(symbol, time as EpochMs);
        if (minute !== null) yield minute;
      }
    },
  };
}

/** Caches the latest results by day: a reader in order of time computes each day once. */
function recent<Value>(make: (day: number) => Value): (day: number) => Value {
  const kept = new Map<number, Value>();
  let lastDay = -1;
  let last: Value;
  return (day) => {
    if (day === lastDay) return last;
    const value = kept.get(day) ?? make(day);
    kept.set(day, value);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value as number);
    lastDay = day;
    last = value;
    return value;
  };
}

function weatherOf(seed: number, day: number): Weather {
  const random = randomStream(seed, "minutes", day);
  const shocks = new Float64Array(MINUTES_PER_DAY);
  const scale = new Float64Array(MINUTES_PER_DAY);
  const activity = new Float64Array(MINUTES_PER_DAY);
  // 1970-01-01 was a Thursday.
  const weekday = (day + 4) % 7;
  const week = weekday === 0 || weekday === 6 ? 0.65 : 1.1;
  let mood = 0;
  let variance = 0;
  for (let i = 0; i < MINUTES_PER_DAY; i += 1) {
    shocks[i] = random.normal();
    mood = 0.92 * mood + 0.35 * random.normal();
    const hour = 1 + 0.45 * Math.cos((2 * Math.PI * (i / 60 - 15)) / 24);
    scale[i] = Math.sqrt(hour) * Math.exp(0.5 * mood);
    activity[i] = week * hour * Math.exp(0.9 * mood - 0.33);
    variance += scale[i] ** 2;
  }
  for (let i = 0; i < MINUTES_PER_DAY; i += 1) scale[i] /= Math.sqrt(variance);
  return { shocks, scale, activity };
}

/** A symbol's day: from one log price to another, with the standard deviation of a market day's log return. */
interface Walk {
  from: number;
  to: number;
  sigma: number;
}

/** @param turnover quote currency per minute of usual activity */
function minuteBlock(walk: Walk, weather: Weather, turnover: number, random: RandomStream): MinuteBlock {
  const { scale, activity } = weather;
  const path = bridge(walk, weather, random.normal);
  const block: MinuteBlock = {
    open: new Float64Array(MINUTES_PER_DAY),
    high: new Float64Array(MINUTES_PER_DAY),
    low: new Float64Array(MINUTES_PER_DAY),
    close: new Float64Array(MINUTES_PER_DAY),
    volume: new Float64Array(MINUTES_PER_DAY),
    trades: new Float64Array(MINUTES_PER_DAY),
  };
  let begin = walk.from;
  for (let i = 0; i < MINUTES_PER_DAY; i += 1) {
    const end = path[i];
    const spread = 2 * (walk.sigma * scale[i]) ** 2;
    const up = Math.sqrt((end - begin) ** 2 - spread * Math.log(random.uniform()));
    const down = Math.sqrt((end - begin) ** 2 - spread * Math.log(random.uniform()));
    const open = onTick(Math.exp(begin));
    const close = onTick(Math.exp(end));
    const price = (open + close) / 2;
    const value = turnover * activity[i] * (0.4 + 1.2 * random.uniform());
    block.open[i] = open;
    block.close[i] = close;
    block.high[i] = Math.max(open, close, onTick(Math.exp((begin + end + up) / 2)));
    block.low[i] = Math.min(open, close, onTick(Math.exp((begin + end - down) / 2)));
    block.volume[i] = Math.max(1, Math.round((value / price) * 1e5)) / 1e5;
    block.trades[i] = Math.ceil((value / 900) * (0.6 + 0.8 * random.uniform()));
    begin = end;
  }
  return block;
}

/** A walk from one log price to another over a day's minutes, at each minute's end. */
function bridge({ from, to, sigma }: Walk, { shocks, scale }: Weather, normal: () => number): Float64Array {
  const rest = Math.sqrt(1 - TOGETHER ** 2);
  const path = new Float64Array(MINUTES_PER_DAY);
  let sum = 0;
  for (let i = 0; i < MINUTES_PER_DAY; i += 1) {
    sum += sigma * scale[i] * (TOGETHER * shocks[i] + rest * normal());
    path[i] = sum;
  }
  const excess = sum - (to - from);
  let share = 0;
  for (let i = 0; i < MINUTES_PER_DAY; i += 1) {
    share += scale[i] ** 2;
    path[i] += from - excess * share;
  }
  return path;
}

/** The nearest price that the exchange quotes: cents, below 1 in steps of 1e-8, never 0. */
function onTick(price: number): number {
  const unit = price < 1 ? 1e8 : 100;
  return Math.max(1, Math.round(price * unit)) / unit;
}
