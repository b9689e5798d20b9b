import { MIN_DAYS } from "../../forecast/check.ts";
import type { Series } from "../../forecast/forecaster.ts";
import { logReturns, standardDeviation } from "../../forecast/returns.ts";
import { daysWithData, hasData, headOf, splice } from "../../forecast/series.ts";
import { addDays, type Day, daysBetween } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { volatilityAfter } from "../oracle.ts";
import { meanChange } from "../window.ts";
import { crpsOf, type Distribution, logNormalLike, medianOf } from "./distribution.ts";

/** One day of anyone's forecast. */
export interface ForecastDay {
  symbol: string;
  model: string;
  /** The last day that it says it has seen. */
  cutoff: Day;
  ds: Day;
  /** Quote currency; null: its median is the point, where it has one. */
  point: number | null;
  distribution: Distribution;
  /** When it was made, where it says so. */
  made: EpochMs | null;
}

/** Losses of one day, in percent of the price at the cutoff, beside those of forecasts that are known. */
export interface DayScore {
  forecast: ForecastDay;
  point: number | null;
  stepsAhead: number;
  actual: number;
  lastClose: number;
  /** Mean absolute one-day change before the cutoff, quote currency. */
  naiveError: number;
  crps: { own: number; naive: number; naive365: number; oracle: number };
  /** Absolute error; null without a point. */
  error: { own: number | null; naive: number };
}

/** The forecasts of one model from one cutoff, as far as their days have come. */
export interface WindowScore {
  cutoff: Day;
  /** The last day forecast. */
  end: Day;
  days: DayScore[];
}

/** What a model's forecasts became. */
export interface Windows {
  /** Oldest first; those without any outcome left out. */
  windows: WindowScore[];
  /** Forecast days without an outcome: they have not come, or no source has them. */
  pending: number;
  /** Forecast days of cutoffs that can't be scored: no such day, or fewer than 60 days before it. */
  unscored: number;
}

/**
 * Scores one model's forecasts of one symbol against the closes.
 * @param days forecast days after their cutoffs, in any order
 */
export function scoreWindows(series: Series, days: readonly ForecastDay[]): Windows {
  const result: Windows = { windows: [], pending: 0, unscored: 0 };
  const groups = [...Map.groupBy(days, ({ cutoff }) => cutoff)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [cutoff, own] of groups) {
    const at = daysBetween(series.days[0], cutoff);
    const known = at >= 0 && at < series.days.length && hasData(series, at);
    if (!known || daysWithData(series, at + 1) < MIN_DAYS) {
      result.unscored += own.length;
      continue;
    }
    const came = own.filter(({ ds }) => hasOutcome(series, ds));
    result.pending += own.length - came.length;
    if (came.length > 0) result.windows.push(scoreWindow(series, at, came));
  }
  return result;
}

function hasOutcome(series: Series, ds: Day): boolean {
  const at = daysBetween(series.days[0], ds);
  return at < series.days.length && hasData(series, at);
}

function scoreWindow(series: Series, at: number, days: readonly ForecastDay[]): WindowScore {
  const cutoff = series.days[at];
  const lastClose = series.close[at];
  const seen = splice(headOf(series, at + 1)).close;
  const returns = logReturns(seen);
  const sigma = standardDeviation(returns);
  const sigma365 = standardDeviation(returns.subarray(-365));
  const naiveError = meanChange(series, at + 1);
  const horizon = Math.max(...days.map(({ ds }) => daysBetween(cutoff, ds)));
  const known = volatilityAfter(series, at + 1, horizon);
  const scores = days.map((forecast): DayScore => {
    const { distribution } = forecast;
    const point = forecast.point ?? medianOf(distribution);
    const stepsAhead = daysBetween(cutoff, forecast.ds);
    const actual = series.close[at + stepsAhead];
    const like = (daily: number) => {
      const same = logNormalLike(distribution, lastClose, daily * Math.sqrt(stepsAhead));
      return (100 * crpsOf(same, lastClose, actual)) / lastClose;
    };
    return {
      ...{ forecast, point, stepsAhead, actual, lastClose, naiveError },
      crps: {
        own: (100 * crpsOf(distribution, point, actual)) / lastClose,
        naive: like(sigma),
        naive365: like(sigma365),
        oracle: like(known),
      },
      error: {
        own: point === null ? null : (100 * Math.abs(actual - point)) / lastClose,
        naive: (100 * Math.abs(actual - lastClose)) / lastClose,
      },
    };
  });
  return { cutoff, end: addDays(cutoff, horizon), days: scores };
}

/** How many windows begin before one has ended, itself included, at most. */
export function overlapOf(windows: readonly Pick<WindowScore, "cutoff" | "end">[]): number {
  let most = 1;
  windows.forEach(({ end }, i) => {
    let count = 1;
    while (windows[i + count] !== undefined && windows[i + count].cutoff < end) count += 1;
    most = Math.max(most, count);
  });
  return most;
}
