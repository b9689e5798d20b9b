import type { Dialect } from "../lake/dialect.ts";
import { DAY_MS } from "../time/epoch.ts";
import { gridOffset, type Interval, intervalMs } from "../time/interval.ts";

/** SQL of `floorToInterval`. @param ms an expression: milliseconds since 1970, from 1970-01-05 on */
export function floorSql(ms: string, interval: Interval, { monthOf }: Dialect): string {
  if (interval === "1M") return monthOf(ms);
  const offset = gridOffset(interval);
  return `(${ms} - (${ms}${offset === 0 ? "" : ` - ${offset}`}) % ${intervalMs(interval)})`;
}

/** SQL of `nextOpenTime`. @param open an expression: an open time in milliseconds */
export function nextSql(open: string, interval: Interval, { monthOf }: Dialect): string {
  // 31 days after the first of a month is in the next one.
  return interval === "1M" ? monthOf(`${open} + ${31 * DAY_MS}`) : `(${open} + ${intervalMs(interval)})`;
}

/** SQL of `isOpenTime`. @param ms an expression: milliseconds since 1970, whole or not */
export function isOpenTimeSql(ms: string, interval: Interval, dialect: Dialect): string {
  return interval === "1M"
    ? `(${ms} % ${DAY_MS} = 0 AND ${dialect.monthOf(ms)} = ${ms})`
    : `${ms}${gridOffset(interval) === 0 ? "" : ` - ${gridOffset(interval)}`} % ${intervalMs(interval)} = 0`;
}
