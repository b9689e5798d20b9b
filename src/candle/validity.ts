import type { EpochMs } from "../time/epoch.ts";
import { type FixedInterval, gridOffset, intervalMs } from "../time/interval.ts";
import type { Amount, Candle } from "./candle.ts";

/** Why a row was rejected; the order is the order of the checks: the first that fails is the reason. */
export const REJECT_REASONS = [
  "wrong_columns",
  "unknown_symbol",
  "bad_time",
  "off_grid",
  "unreadable_number",
  "non_positive_price",
  "negative_volume",
  "high_low_inconsistent",
] as const;

/**
 * Base units; more than any asset has in circulation. A bound is needed where volumes are summed as whole
 * numbers, and beyond it nothing is a volume: it counts as unreadable.
 */
export const LARGEST_VOLUME = 1e20;

export type RejectReason = (typeof REJECT_REASONS)[number];

/**
 * Whether a candle's numbers and time can be true.
 * @param candle numbers as read; NaN where the text was no number; null where the source does not have the figure
 * @param interval on whose grid open times must lie
 * @param earliest first instant allowed
 * @param latest last instant allowed
 * @returns null when valid, else the first rule that it breaks
 */
export function invalidReason(
  candle: Pick<Candle, "open" | "high" | "low" | "close" | "volume" | Amount> & { openTime: number },
  interval: FixedInterval,
  earliest: EpochMs,
  latest: EpochMs,
): RejectReason | null {
  const { openTime, open, high, low, close } = candle;
  if (!Number.isFinite(openTime) || openTime < earliest || openTime > latest) return "bad_time";
  if ((openTime - gridOffset(interval)) % intervalMs(interval) !== 0) return "off_grid";
  // Without lists: a backlog asks this of millions.
  if (!Number.isFinite(open) || !Number.isFinite(high)) return "unreadable_number";
  if (!Number.isFinite(low) || !Number.isFinite(close)) return "unreadable_number";
  const least = leastVolume(candle);
  if (Number.isNaN(least)) return "unreadable_number";
  if (open <= 0 || high <= 0 || low <= 0 || close <= 0) return "non_positive_price";
  if (least < 0) return "negative_volume";
  if (low > Math.min(open, close) || high < Math.max(open, close)) return "high_low_inconsistent";
  return null;
}

/** The least of a candle's volumes; NaN where one is no number, or too large to be a volume. */
function leastVolume(candle: Pick<Candle, "volume" | Amount>): number {
  const { volume, quoteVolume, takerBase, takerQuote } = candle;
  const least = Math.min(volume, quoteVolume ?? 0, takerBase ?? 0, takerQuote ?? 0);
  const most = Math.max(volume, quoteVolume ?? 0, takerBase ?? 0, takerQuote ?? 0);
  return least >= -LARGEST_VOLUME && most <= LARGEST_VOLUME ? least : Number.NaN;
}

/** Of the rules in SQL: the column of the open time in milliseconds, and what bounds it (numbers or columns). */
export interface OpenTimeSql {
  ms: string;
  /** Whether it is on the grid of its interval. */
  onGrid: string;
  earliest: number;
  latest: number | string;
}

const finiteSql = (name: string) => `abs(${name}) < 'infinity'::DOUBLE`;

/**
 * Whether `invalidReason` is null, in SQL that every engine takes; not true of NULL. Numbers are the columns `open high
 * low close volume`. The least that decides, for it is computed of every row: what is NaN or infinite is in no order.
 */
export function validSql({ ms, onGrid, earliest, latest }: OpenTimeSql): string {
  return `${ms} >= ${earliest} AND ${ms} <= ${latest} AND ${onGrid}
    AND low > 0 AND low <= open AND low <= close AND high >= open AND high >= close AND ${finiteSql("high")}
    AND volume >= 0 AND volume <= ${LARGEST_VOLUME}`;
}

/** What breaks each rule of numbers and time, in SQL over the columns of `validSql`; NULL is no number. */
export function brokenSql({ ms, onGrid, earliest, latest }: OpenTimeSql) {
  const numbers = ["open", "high", "low", "close", "volume"].map(finiteSql).join(" AND ");
  return {
    bad_time: `${ms} IS NULL OR ${ms} < ${earliest} OR ${ms} > ${latest}`,
    off_grid: `NOT (${onGrid})`,
    unreadable_number: `NOT coalesce(${numbers} AND abs(volume) <= ${LARGEST_VOLUME}, false)`,
    non_positive_price: "least(open, high, low, close) <= 0",
    negative_volume: "volume < 0",
    high_low_inconsistent: "low > least(open, close) OR high < greatest(open, close)",
  } satisfies Partial<Record<RejectReason, string>>;
}
