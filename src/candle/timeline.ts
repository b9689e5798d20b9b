import { addDays, type Day, daysBetween } from "../time/day.ts";
import { type DailyCandle, NO_FIGURES, type Origin, type ServedDay } from "./candle.ts";

/** Among rows of one day that are equally complete, the earlier origin in this list is served. */
export const ORIGIN_PRIORITY: readonly Origin[] = ["batch", "backfill", "speed", "filled"];

/**
 * Which of two rows of one symbol and day is served: complete before incomplete, then batch, backfill, speed,
 * filled. A file that ends at noon must not beat the stream's whole day. Among equals the values decide, never
 * the order in which the rows come: more minutes (unknown counts least), more volume (likewise), then the higher
 * close, high, low, open, and the greater quote volume, trades and taker volume (unknown counts least).
 * @returns negative when `a` is served, 0 only for equal rows
 */
export function compareLayers(a: DailyCandle, b: DailyCandle): number {
  return (
    Number(b.complete) - Number(a.complete) ||
    ORIGIN_PRIORITY.indexOf(a.origin) - ORIGIN_PRIORITY.indexOf(b.origin) ||
    (b.minutes ?? -1) - (a.minutes ?? -1) ||
    (b.volume ?? -1) - (a.volume ?? -1) ||
    b.close - a.close ||
    b.high - a.high ||
    b.low - a.low ||
    b.open - a.open ||
    (b.quote_volume ?? -1) - (a.quote_volume ?? -1) ||
    (b.trades ?? -1) - (a.trades ?? -1) ||
    (b.taker_base ?? -1) - (a.taker_base ?? -1)
  );
}

/**
 * One symbol's served rows, with the days that nothing more is to come for complete: one that no layer has whole, such
 * as a day that a file ends in the middle of, is so where there are days before it, and after it one that is whole or
 * that a file reaches. How much of it there is, says `minutes`. A day of tickers alone stays incomplete.
 * @param rows one symbol's rows, unique by day, in any order
 */
export function settleDays(rows: readonly DailyCandle[]): DailyCandle[] {
  const first = minOf(rows.map(({ day }) => day));
  const last = maxOf(
    rows.filter(({ complete, origin }) => complete || origin !== "speed").map(({ day }) => day),
  );
  return rows.map((row) => {
    const inside = row.day > first && row.day < last;
    return { ...row, complete: row.complete || (inside && (row.minutes ?? 0) > 0) };
  });
}

const minOf = (days: readonly Day[]) => days.reduce((a, b) => (a < b ? a : b));
const maxOf = (days: readonly Day[]) => days.reduce((a, b) => (a > b ? a : b), "" as Day);

/**
 * One symbol's rows as a calendar: every day exactly once, from the first to the last. A day that no row has
 * carries the close forward: open = high = low = close, volume 0, minutes 0, origin `filled`.
 * @param rows one symbol's rows, unique by day, in any order
 */
export function fillCalendar(rows: readonly DailyCandle[]): DailyCandle[] {
  const sorted = [...rows].sort((a, b) => (a.day < b.day ? -1 : 1));
  return sorted.flatMap((row, i) => {
    const next = sorted[i + 1];
    const missing = next === undefined ? 0 : daysBetween(row.day, next.day) - 1;
    return [row, ...Array.from({ length: missing }, (_, k) => filledDay(row, addDays(row.day, k + 1)))];
  });
}

function filledDay(last: DailyCandle, day: Day): DailyCandle {
  const { symbol, close } = last;
  return {
    symbol,
    day,
    open: close,
    high: close,
    low: close,
    close,
    volume: 0,
    ...NO_FIGURES,
    minutes: 0,
    origin: "filled",
    complete: true,
  };
}

/**
 * Adds the mean close of the last 7 and 30 calendar rows; null until 7 and 30 rows exist.
 * @param calendar one symbol's days, consecutive (see `fillCalendar`)
 */
export function withAverages(calendar: readonly DailyCandle[]): ServedDay[] {
  return calendar.map((row, i) => ({
    ...row,
    ma7: meanClose(calendar, i, 7),
    ma30: meanClose(calendar, i, 30),
  }));
}

function meanClose(rows: readonly DailyCandle[], last: number, count: number): number | null {
  if (last + 1 < count) return null;
  let sum = 0;
  for (let i = last + 1 - count; i <= last; i += 1) sum += rows[i].close;
  return sum / count;
}
