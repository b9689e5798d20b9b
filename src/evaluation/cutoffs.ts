import { inputError } from "../core/errors.ts";
import { checkHorizon } from "../forecast/check.ts";
import type { Series } from "../forecast/forecaster.ts";
import { daysWithData, hasData } from "../forecast/series.ts";
import type { Day } from "../time/day.ts";

/** With fewer a score is noise: the forecast is published unscored. */
export const MIN_CUTOFFS = 8;

const THREE_YEARS = 1096;
const SHORTEST_TRAINING = 90;

export interface CutoffPlan {
  /** Days ahead that each forecast reaches; 30 by default. */
  horizon?: number;
  /** Days from one cutoff to the next; the horizon by default, so that windows don't overlap. */
  step?: number;
  /** Days with data that are training only; see `defaultInitial`. */
  initial?: number;
}

/** A forecast origin: the first `trainDays` days are seen, `day` is the last of them. */
export interface Cutoff {
  day: Day;
  trainDays: number;
}

/**
 * Three years (1,096 days). Where that leaves fewer than 8 cutoffs: a third of the series, at least 90 days.
 * @param days of the series that have data
 */
export function defaultInitial(days: number, horizon: number, step: number): number {
  const left = Math.floor((days - horizon - THREE_YEARS) / step) + 1;
  return left >= MIN_CUTOFFS ? THREE_YEARS : Math.max(SHORTEST_TRAINING, Math.floor(days / 3));
}

/** The days that cutoffs are among: a series, or its calendar. */
export type Calendar = Pick<Series, "days" | "filled">;

/**
 * Cutoffs of an expanding window, oldest first, `step` days apart, aligned so that the last window ends with the
 * last day. Empty where the series is too short for one. A filled day is no cutoff, and a window of which less than
 * half has data is left out.
 * @throws CandlebookError `bad_horizon`, `bad_cutoffs` (exit 2)
 */
export function makeCutoffs(plan: CutoffPlan & Calendar): Cutoff[] {
  const { horizon } = resolvePlan(plan);
  return plannedCutoffs(plan).filter(({ trainDays }) => {
    const seen = daysWithData(plan, trainDays);
    return hasData(plan, trainDays - 1) && 2 * (daysWithData(plan, trainDays + horizon) - seen) >= horizon;
  });
}

/** The same without regard to the data of cutoffs and windows. */
export function plannedCutoffs(plan: CutoffPlan & Calendar): Cutoff[] {
  const { days, horizon, step, initial } = resolvePlan(plan);
  const cutoffs: Cutoff[] = [];
  for (let trainDays = days.length - horizon; trainDays >= initial; trainDays -= step) {
    if (daysWithData(plan, trainDays) < initial) break;
    cutoffs.push({ day: days[trainDays - 1], trainDays });
  }
  return cutoffs.reverse();
}

/** The plan with its defaults filled in. */
export function resolvePlan<P extends CutoffPlan & Calendar>(plan: P): P & Required<CutoffPlan> {
  const { horizon = 30, step = horizon } = plan;
  checkHorizon(horizon);
  const { initial = defaultInitial(daysWithData(plan), horizon, step) } = plan;
  for (const [name, value] of Object.entries({ step, initial })) {
    if (Number.isInteger(value) && value >= 1) continue;
    const found = `The evaluation's ${name} is ${value}; it must be a whole number of days, 1 or more.`;
    throw inputError("bad_cutoffs", found, "Leave it out: the default is right for most series.");
  }
  return { ...plan, horizon, step, initial };
}
