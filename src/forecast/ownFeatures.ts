import { inputError } from "../core/errors.ts";
import type { Day } from "../time/day.ts";
import type { FeatureColumns, OwnFeatures, Series } from "./forecaster.ts";

/** @throws CandlebookError `feature_length` (exit 2) where a feature has not one value for each day */
export function featureColumns(features: OwnFeatures, history: Series, days: readonly Day[]): FeatureColumns {
  const columns = Object.entries(features).map(([name, feature]) => [name, feature.values(history, days)]);
  return requireLengths(Object.fromEntries(columns), days);
}

/** @throws CandlebookError `feature_length` (exit 2) where a column has not one value for each day */
export function requireLengths(columns: FeatureColumns, days: readonly Day[]): FeatureColumns {
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

/**
 * @throws CandlebookError `regressor_availability` (exit 2) where a feature is neither known in advance nor lagged by
 *   at least the horizon
 */
export function requireAvailability(features: OwnFeatures, horizon: number): void {
  for (const [name, { availability }] of Object.entries(features)) {
    const { kind } = availability;
    if (kind === "knownFuture") continue;
    if (kind === "lagged" && Number.isInteger(availability.days) && availability.days >= horizon) continue;
    const how = kind === "lagged" ? `is lagged by ${availability.days} days` : "has no known availability";
    throw inputError(
      "regressor_availability",
      `The feature ${name} ${how}: its value ${horizon} days ahead is unknown at the cutoff.`,
      "Declare it knownFuture (calendar, halvings) or lagged(days) with days of at least the horizon.",
    );
  }
}
