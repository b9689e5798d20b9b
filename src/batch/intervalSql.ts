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

/** The instants that an engine's calendar has in common with ours, in milliseconds. */
const [FIRST_MS, LAST_MS] = [0, 32_503_680_000_000];

/** SQL of `isOpenTime`. @param ms an expression: milliseconds since 1970, whole */
export function isOpenTimeSql(ms: string, interval: Interval, dialect: Dialect): string {
  if (interval === "1M")
    return `${dialect.monthOf(`least(greatest(${ms}, ${FIRST_MS}), ${LAST_MS})`)} = ${ms}`;
  const offset = gridOffset(interval);
  return `(${ms}${offset === 0 ? "" : ` - ${offset}`}) % ${intervalMs(interval)} = 0`;
}
