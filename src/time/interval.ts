import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from "./epoch.ts";

/** The lengths of the fixed intervals in milliseconds, ascending. */
const FIXED = {
  "1s": 1000,
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "2h": 2 * HOUR_MS,
  "4h": 4 * HOUR_MS,
  "6h": 6 * HOUR_MS,
  "8h": 8 * HOUR_MS,
  "12h": 12 * HOUR_MS,
  "1d": DAY_MS,
  "3d": 3 * DAY_MS,
  "1w": 7 * DAY_MS,
} as const;

/** An interval whose candles all have one length. */
export type FixedInterval = keyof typeof FIXED;

/** The length of a candle as Binance spells it; `1M` is the calendar month. */
export type Interval = FixedInterval | "1M";

/** All intervals, ascending. */
export const INTERVALS: readonly Interval[] = [...(Object.keys(FIXED) as FixedInterval[]), "1M"];

/** Weeks begin on a Monday: the first one after the epoch, a Thursday, is 1970-01-05. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  sec: 1000,
  second: 1000,
  m: MINUTE_MS,
  min: MINUTE_MS,
  minute: MINUTE_MS,
  h: HOUR_MS,
  hr: HOUR_MS,
  hour: HOUR_MS,
  d: DAY_MS,
  day: DAY_MS,
  w: 7 * DAY_MS,
  wk: 7 * DAY_MS,
  week: 7 * DAY_MS,
};

const MONTHS = ["mo", "mon", "month"];

const WORDS: Readonly<Record<string, Interval>> = {
  minutely: "1m",
  hourly: "1h",
  daily: "1d",
  weekly: "1w",
  monthly: "1M",
};

/** Whether a text is an interval in its one spelling. */
export function isInterval(text: string): text is Interval {
  return text === "1M" || Object.hasOwn(FIXED, text);
}

/** The length in milliseconds; null for the calendar month. */
export function intervalMs(interval: FixedInterval): number;
export function intervalMs(interval: Interval): number | null;
export function intervalMs(interval: Interval): number | null {
  return interval === "1M" ? null : FIXED[interval];
}

/** The fixed interval of a length in milliseconds, or null. */
export function intervalOfMs(ms: number): FixedInterval | null {
  return (Object.keys(FIXED) as FixedInterval[]).find((interval) => FIXED[interval] === ms) ?? null;
}

/**
 * An interval from its usual spellings: `1m`, `60min`, `1-min`, `5 minutes`, `4H`, `24h`, `7d`, `1W`, `1mo`,
 * `hourly`, `day`. A single capital `M` is the month, a small one the minute; a number without a unit is no interval.
 * @returns null where the text is none, or a length that is not in `INTERVALS`
 */
export function parseInterval(text: string): Interval | null {
  const [, count, unit] = /^(\d{1,6})?[ _-]?([A-Za-z]+)$/.exec(text.trim()) ?? [];
  if (unit === undefined) return null;
  if (unit === "M") return count === undefined ? null : intervalOf(Number(count), "month");
  const lower = unit.toLowerCase();
  if (count !== undefined) return intervalOf(Number(count), lower);
  if (Object.hasOwn(WORDS, lower)) return WORDS[lower];
  return lower.length < 2 ? null : intervalOf(1, lower);
}

function intervalOf(count: number, unit: string): Interval | null {
  const singular = unit.length > 2 ? unit.replace(/s$/, "") : unit;
  if (MONTHS.includes(singular)) return count === 1 ? "1M" : null;
  return Object.hasOwn(UNITS, singular) ? intervalOfMs(count * UNITS[singular]) : null;
}

/** Milliseconds from the epoch to an open time of each grid: three days are counted from 1970-01-01. */
export function gridOffset(interval: FixedInterval): number {
  return interval === "1w" ? FIRST_MONDAY_MS : 0;
}

/**
 * Whether a candle of an interval can open at an instant, milliseconds since 1970: on the UTC grid of the exchange,
 * where weeks begin on Monday, three days are counted from 1970-01-01, and months are the calendar's.
 */
export function isOpenTime(ms: number, interval: Interval): boolean {
  return floorToInterval(ms, interval) === ms;
}

/** The open time of the candle that contains an instant. */
export function floorToInterval(ms: number, interval: Interval): EpochMs {
  if (interval === "1M") {
    const date = new Date(ms);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) as EpochMs;
  }
  const length = FIXED[interval];
  const offset = gridOffset(interval);
  return (Math.floor((ms - offset) / length) * length + offset) as EpochMs;
}

/** The open time of the candle after the one that contains an instant: the end of that candle. */
export function nextOpenTime(ms: number, interval: Interval): EpochMs {
  if (interval !== "1M") return (floorToInterval(ms, interval) + FIXED[interval]) as EpochMs;
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) as EpochMs;
}

/** The first open time at or after an instant. */
export function ceilToInterval(ms: number, interval: Interval): EpochMs {
  return nextOpenTime(ms - 1, interval);
}

/** Whether each candle of `finer` lies within one candle of `coarser`; an interval divides itself. */
export function divides(finer: Interval, coarser: Interval): boolean {
  if (finer === coarser) return true;
  if (finer === "1M") return false;
  const length = FIXED[finer];
  if (coarser === "1M") return length <= DAY_MS;
  return FIXED[coarser] % length === 0 && (gridOffset(coarser) - gridOffset(finer)) % length === 0;
}

/** The number of candles of `finer` in the candle of `coarser` that contains an instant. */
export function candlesIn(ms: number, coarser: Interval, finer: FixedInterval): number {
  return (nextOpenTime(ms, coarser) - floorToInterval(ms, coarser)) / FIXED[finer];
}

/** An interval in names of tables and files, where capitals may not count: the month is `1mo`. */
export function intervalName(interval: Interval): string {
  return interval === "1M" ? "1mo" : interval;
}
