import { inputError } from "../core/errors.ts";
import { type FixedInterval, intervalMs } from "../time/interval.ts";

const READ = [
  "1s",
  "1m",
  "3m",
  "5m",
  "15m",
  "30m",
  "1h",
  "2h",
  "4h",
  "6h",
  "8h",
  "12h",
  "1d",
] as const satisfies readonly FixedInterval[];

/** An interval of the exchange whose candles open on the epoch's grid; only these are requested. */
export type Interval = (typeof READ)[number];

/** Their lengths in milliseconds, ascending. */
export const INTERVALS = Object.fromEntries(
  READ.map((interval) => [interval, intervalMs(interval)]),
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
