import { inputError } from "../core/errors.ts";
import { addDays, daysBetween } from "../time/day.ts";
import type { Series } from "./forecaster.ts";
import { daysWithData } from "./series.ts";

/** Fewer days than this are refused: no band drawn from them would mean anything. */
export const MIN_DAYS = 60;

export const MAX_HORIZON = 3650;

/**
 * Refuses a series that no model may see.
 * @throws CandlebookError `series_empty`, `series_ragged`, `series_duplicate_day`, `series_unsorted`,
 *   `series_gap`, `series_bad_price`, `series_too_short` (exit 2), each naming the day
 */
export function checkSeries(series: Series, minDays: number = MIN_DAYS): void {
  const { symbol, days } = series;
  if (days.length === 0) {
    throw inputError(
      "series_empty",
      `${symbol} has no days to forecast from.`,
      "Load data for this symbol first.",
    );
  }
  for (const field of ["open", "high", "low", "close", "variance", "filled"] as const) {
    const { length } = series[field] ?? days;
    if (length === days.length) continue;
    const found = `${symbol}: ${length} values of ${field} for ${days.length} days.`;
    throw inputError("series_ragged", found, "Give every day its open, high, low and close.");
  }
  checkDays(series);
  checkPrices(series);
  const known = daysWithData(series);
  if (known < minDays) {
    const without = known < days.length ? ` with data, and ${days.length - known} without` : "";
    const found = `${symbol} has ${known} days${without}; a forecast needs at least ${minDays}.`;
    throw inputError("series_too_short", found, "Load a longer history (--from) and forecast again.");
  }
}

/** @throws CandlebookError `bad_horizon` (exit 2) unless it is a whole number from 1 to 3,650 */
export function checkHorizon(horizon: number): void {
  if (Number.isInteger(horizon) && horizon >= 1 && horizon <= MAX_HORIZON) return;
  const found = `The horizon is ${horizon}; it must be a whole number of days from 1 to ${MAX_HORIZON}.`;
  throw inputError("bad_horizon", found, "Ask for 30 days, for example.");
}

// Ascending days whose ends lie n - 1 days apart are consecutive; the offender is sought only when they aren't.
function checkDays({ symbol, days }: Series): void {
  for (let i = 1; i < days.length; i += 1) {
    if (days[i - 1] < days[i]) continue;
    const same = days[i - 1] === days[i];
    const found = same ? `${days[i]} is there twice` : `${days[i]} is after ${days[i - 1]}`;
    throw inputError(
      same ? "series_duplicate_day" : "series_unsorted",
      `${symbol}: ${found}.`,
      "Sort the days and keep one row each; the table prophet_input is so.",
    );
  }
  if (daysBetween(days[0], days[days.length - 1]) === days.length - 1) return;
  const at = days.findIndex((day, i) => i > 0 && addDays(days[i - 1], 1) !== day);
  throw inputError(
    "series_gap",
    `${symbol}: no row between ${days[at - 1]} and ${days[at]}.`,
    "Run `candlebook merge`: it fills the calendar.",
  );
}

function checkPrices(series: Series): void {
  for (const field of ["open", "high", "low", "close"] as const) {
    const at = series[field].findIndex((price) => !(price > 0 && price < Number.POSITIVE_INFINITY));
    if (at < 0) continue;
    throw inputError(
      "series_bad_price",
      `${series.symbol}: ${field} of ${series.days[at]} is ${series[field][at]}; prices are finite and above 0.`,
      "Correct or remove that row at its source and run `candlebook clean` again.",
    );
  }
}
