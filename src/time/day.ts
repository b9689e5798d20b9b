import { DAY_MS, type EpochMs, parseInstant } from "./epoch.ts";

/** A UTC day, `YYYY-MM-DD`. Days compare as strings. */
export type Day = string & { readonly __brand: "Day" };

/** The UTC day that holds an instant. */
export function dayOf(ms: EpochMs): Day {
  return new Date(ms).toISOString().slice(0, 10) as Day;
}

/** The first millisecond of a day. */
export function startOfDay(day: Day): EpochMs {
  return Date.parse(`${day}T00:00:00Z`) as EpochMs;
}

/** The day `count` days later (earlier where negative). */
export function addDays(day: Day, count: number): Day {
  return dayOf((startOfDay(day) + count * DAY_MS) as EpochMs);
}

/** How many days from `from` to `to`: 1 for neighbours, 0 for the same day. */
export function daysBetween(from: Day, to: Day): number {
  return (startOfDay(to) - startOfDay(from)) / DAY_MS;
}

/**
 * A day from text.
 * @returns null where it is not `YYYY-MM-DD` or no such day exists (2023-02-29)
 */
export function parseDay(text: string): Day | null {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(text) : null;
  if (ms === null) return null;
  return dayOf(ms) === text ? (text as Day) : null;
}
