import { inputError } from "../core/errors.ts";
import type { FeatureColumns, Forecaster, Series } from "../forecast/forecaster.ts";
import { featureColumns, requireAvailability, requireLengths } from "../forecast/ownFeatures.ts";
import { headOf, splice } from "../forecast/series.ts";
import type { Day } from "../time/day.ts";
import { makeCutoffs } from "./cutoffs.ts";

/**
 * A feature function of the user's: columns by name, one value for each of `days`, made from the days of `history`.
 * The days of a forecast lie after the history's end.
 */
export type FeatureFunction = (history: Series, days: readonly Day[]) => FeatureColumns;

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
  const { days: calendar, filled } = series;
  const initial = Math.min(90, Math.floor(calendar.length / 3));
  const all = makeCutoffs({ days: calendar, filled, horizon, step: 1, initial });
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

/**
 * Checks the features of a model of one's own before they are used: their availability against the horizon, and
 * their values against the days that a forecast may not have seen.
 * @throws CandlebookError `regressor_availability`, `feature_leaks`, `feature_length`, `series_too_short` (exit 2)
 */
export function checkFeatures({ features, needs }: Forecaster, series: Series, horizon: number): void {
  if (features === undefined) return;
  requireAvailability(features, horizon);
  const columns: FeatureFunction = (history, days) =>
    featureColumns(features, needs.calendar ? history : splice(history), days);
  requireNoLeak(columns, series, { horizon });
}

function columnsOf(feature: FeatureFunction, history: Series, days: readonly Day[]) {
  return requireLengths(feature(history, days), days);
}
