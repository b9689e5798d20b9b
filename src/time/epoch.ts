/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly __brand: "EpochMs" };

/** A range of time, [from, to). */
export interface TimeSpan {
  from: EpochMs;
  to: EpochMs;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Candles of a minute in a UTC day. */
export const MINUTES_PER_DAY = 1_440;

/** No exchange existed before: an earlier time stamp is a rejected row. 2009-01-01T00:00:00Z. */
export const EARLIEST_MS = 1_230_768_000_000 as EpochMs;

/**
 * The units of epoch values, distinguished by magnitude alone: a value is in the first unit whose `below` is larger, 1e11
 * seconds being the year 5138. Values from 2009 on can't be mistaken. `minute` is a minute in the unit; `toMs` and
 * `sql` are one conversion, down to the millisecond: …:59.999999 is not the next minute.
 */
export const EPOCH_UNITS = [
  {
    unit: "s",
    below: 1e11,
    minute: 60,
    // The digits of seconds are exact to 0.0003 ms.
    toMs: (value: number) => Math.floor(value * 1000 + 0.0005),
    sql: (value: string) => `floor(${value} * 1000 + 0.0005)`,
  },
  { unit: "ms", below: 1e14, minute: 6e4, toMs: Math.round, sql: (value: string) => `round(${value})` },
  {
    unit: "us",
    below: 1e17,
    minute: 6e7,
    toMs: (value: number) => Math.floor(value / 1000),
    sql: (value: string) => `floor(${value} / 1000)`,
  },
  {
    unit: "ns",
    below: 1e20,
    minute: 6e10,
    toMs: (value: number) => Math.floor(Math.round(value / 1000) / 1000),
    sql: (value: string) => `floor(round(${value} / 1000) / 1000)`,
  },
] as const;

export type EpochUnit = (typeof EPOCH_UNITS)[number];

/** The unit of an epoch value; null where it is no finite number, is negative, or lies beyond nanoseconds. */
export function epochUnit(value: number): EpochUnit | null {
  return value >= 0 ? (EPOCH_UNITS.find(({ below }) => value < below) ?? null) : null;
}

/** `epochUnit` in SQL: for each unit the text of `then`. @param value a double, not negative */
export function epochUnitSql(value: string, then: (unit: EpochUnit) => string): string {
  return EPOCH_UNITS.map((unit) => `WHEN ${value} < ${unit.below.toExponential()} THEN ${then(unit)}`).join(
    " ",
  );
}

/** An epoch value of unknown unit in milliseconds; null where `epochUnit` is. */
export function epochToMs(value: number): EpochMs | null {
  return (epochUnit(value)?.toMs(value) ?? null) as EpochMs | null;
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
