import { inputError } from "../core/errors.ts";
import { DAY_MS } from "../time/epoch.ts";
import {
  INTERVALS as ALL_INTERVALS,
  type FixedInterval,
  intervalMs,
  parseInterval as parse,
} from "../time/interval.ts";

/** An interval of which a day has a whole number: only these are downloaded, and fetched to close gaps. */
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

/** An interval of stored candles. @throws CandlebookError `bad_interval` */
export function parseInterval(text: string): Interval {
  const interval = parse(text);
  if (interval !== null && isInterval(interval)) return interval;
  if (interval === null) throw noInterval(text, Object.keys(INTERVALS));
  throw inputError(
    "bad_interval",
    `Candles of ${interval} are not requested: they are folded from days, with the same figures.`,
    `Use --interval 1d, then candlebook clean and candlebook candles --interval ${interval}.`,
  );
}

/** An interval of a stream. @throws CandlebookError `bad_interval` */
export function parseStreamInterval(text: string): FixedInterval {
  const interval = parse(text);
  if (interval === null)
    throw noInterval(
      text,
      ALL_INTERVALS.filter((one) => one !== "1M"),
    );
  if (interval !== "1M") return interval;
  throw inputError(
    "bad_interval",
    "A stream of 1M is not read: the candles of a stream have one length, and months do not.",
    "Stream days, --interval 1d, and fold them to months: candlebook consume --window 1M.",
  );
}

function noInterval(text: string, known: readonly string[]): Error {
  return inputError(
    "bad_interval",
    `"${text.slice(0, 20)}" is not an interval that candlebook reads.`,
    `Use one of ${known.join(", ")}.`,
  );
}
