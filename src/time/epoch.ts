/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly __brand: "EpochMs" };

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Candles of a minute in a UTC day. */
export const MINUTES_PER_DAY = 1_440;

/** No exchange existed before: an earlier time stamp is a rejected row. 2009-01-01T00:00:00Z. */
export const EARLIEST_MS = 1_230_768_000_000 as EpochMs;

/**
 * An epoch value of unknown unit in milliseconds, decided by its magnitude alone: seconds below 1e11
 * (the year 5138), milliseconds below 1e14, microseconds below 1e17, nanoseconds below 1e20. Values from 2009 on can't
 * be mistaken.
 * @returns null where the value is no finite number, is negative, or lies beyond nanoseconds
 */
export function epochToMs(value: number): EpochMs | null {
  if (!Number.isFinite(value) || value < 0) return null;
  // Down to the millisecond: …:59.999999 is not the next minute. The digits of seconds are exact to 0.0003 ms.
  if (value < 1e11) return Math.floor(value * 1000 + 0.0005) as EpochMs;
  if (value < 1e14) return Math.round(value) as EpochMs;
  if (value < 1e17) return Math.floor(value / 1000) as EpochMs;
  if (value < 1e20) return Math.floor(Math.round(value / 1000) / 1000) as EpochMs;
  return null;
}

/** The instant as ISO 8601 in UTC, `2025-05-20T00:00:00.000Z`. */
export function toIso(ms: EpochMs): string {
  return new Date(ms).toISOString();
}

/**
 * An ISO 8601 instant, or a UTC day, as milliseconds.
 * @returns null where the text is neither, or carries no zone
 */
export function parseInstant(text: string): EpochMs | null {
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  if (!form.test(text)) return null;
  const ms = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
  return Number.isNaN(ms) ? null : (ms as EpochMs);
}
