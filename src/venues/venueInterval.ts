import { inputError } from "../core/errors.ts";
import { DAY_MS } from "../time/epoch.ts";
import { INTERVALS as ALL_INTERVALS, type FixedInterval, intervalMs } from "../time/interval.ts";

/** An interval of the exchange, of a day at most; only these are requested. */
export type Interval = Exclude<FixedInterval, "3d" | "1w">;

/** Their lengths in milliseconds, ascending. */
export const INTERVALS = Object.fromEntries(
  ALL_INTERVALS.map((interval) => [interval, intervalMs(interval)]).filter(
    ([, length]) => length !== null && Number(length) <= DAY_MS,
  ),
) as Readonly<Record<Interval, number>>;

export function isInterval(text: string): text is Interval {
  return Object.hasOwn(INTERVALS, text);
}

/** @throws CandlebookError `bad_interval` */
export function parseInterval(text: string): Interval {
  if (isInterval(text)) return text;
  throw inputError(
    "bad_interval",
    `"${text.slice(0, 20)}" is not an interval that candlebook reads.`,
    `Use one of ${Object.keys(INTERVALS).join(", ")}.`,
  );
}
