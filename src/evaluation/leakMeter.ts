import { inputError } from "../core/errors.ts";
import type { Series } from "../forecast/forecaster.ts";
import { headOf } from "../forecast/series.ts";
import type { Day } from "../time/day.ts";
import { makeCutoffs } from "./cutoffs.ts";

/**
 * A feature function of the user's: columns by name, one value for each of `days`, made from the days of `history`.
 * The days of a forecast lie after the history's end.
 */
export type FeatureFunction = (
  history: Series,
  days: readonly Day[],
) => Readonly<Record<string, ArrayLike<number>>>;

/** A column with data from after a cutoff. */
export interface Leak {
  column: string;
  /** The first day whose value changes when the days after the cutoff are taken away. */
  day: Day;
  cutoff: Day;
  /** Its value with the future in sight, and without; NaN where there is none. */
  withFuture: number;
  withoutFuture: number;
}

export interface LeakReport {
  /** One for each column that leaks, at the first cutoff that shows it. */
  leaks: Leak[];
  /** How many cutoffs were tried. */
  cutoffs: number;
}

export interface LeakOptions {
  /** Days ahead that the features are to be used for; 30 by default. */
  horizon?: number;
  /** How many cutoffs are tried, spread over the history; 12 by default. */
  cutoffs?: number;
}

/**
 * Measures whether a feature function looks into the future: at each cutoff it is run on all data and on the data
 * cut at the cutoff, for the days up to the horizon, and every value compared. A value that differs, a missing one
 * included, was made from days that nobody had seen.
 * @throws CandlebookError `feature_length` (exit 2) where a column has not one value for each day; `bad_horizon`,
 *   `series_too_short`
 */
export function measureLeak(
  feature: FeatureFunction,
  series: Series,
  { horizon = 30, cutoffs: count = 12 }: LeakOptions = {},
): LeakReport {
  const initial = Math.min(90, Math.floor(series.days.length / 3));
  const all = makeCutoffs({ days: series.days, horizon, step: 1, initial });
  if (all.length === 0) {
    throw inputError(
      "series_too_short",
      `${series.symbol} has ${series.days.length} days: no cutoff leaves ${horizon} days after it.`,
      "Measure on a longer history, or with a shorter horizon.",
    );
  }
  const spread = Math.max(1, Math.floor(all.length / count));
  const cutoffs = all.filter((_, i) => (all.length - 1 - i) % spread === 0).slice(-count);
  const leaks = new Map<string, Leak>();
  for (const { day: cutoff, trainDays } of cutoffs) {
    const days = series.days.slice(0, trainDays + horizon);
    const full = columnsOf(feature, series, days);
    const cut = columnsOf(feature, headOf(series, trainDays), days);
    for (const column of new Set([...Object.keys(full), ...Object.keys(cut)])) {
      if (leaks.has(column)) continue;
      const valueAt = (columns: typeof full, i: number) => columns[column]?.[i] ?? Number.NaN;
      const at = days.findIndex((_, i) => !Object.is(valueAt(full, i), valueAt(cut, i)));
      if (at < 0) continue;
      const [withFuture, withoutFuture] = [valueAt(full, at), valueAt(cut, at)];
      leaks.set(column, { column, day: days[at], cutoff, withFuture, withoutFuture });
    }
  }
  return { leaks: [...leaks.values()], cutoffs: cutoffs.length };
}

/**
 * @throws CandlebookError `feature_leaks` (exit 2), naming the column, the cutoff and the first day that changes
 */
export function requireNoLeak(feature: FeatureFunction, series: Series, options: LeakOptions = {}): void {
  const [leak] = measureLeak(feature, series, options).leaks;
  if (leak === undefined) return;
  const { column, day, cutoff, withFuture, withoutFuture } = leak;
  throw inputError(
    "feature_leaks",
    `The feature ${column} knows the future: its value of ${day} is ${withFuture} with the days after ${cutoff} in ` +
      `sight, and ${withoutFuture} without them.`,
    "Make it from days up to the cutoff: from the calendar, or lagged by at least the horizon.",
  );
}

function columnsOf(feature: FeatureFunction, history: Series, days: readonly Day[]) {
  const columns = feature(history, days);
  for (const [name, values] of Object.entries(columns)) {
    if (values.length === days.length) continue;
    throw inputError(
      "feature_length",
      `The feature ${name} has ${values.length} values for ${days.length} days.`,
      "Return one value for each day; NaN where there is none.",
    );
  }
  return columns;
}
