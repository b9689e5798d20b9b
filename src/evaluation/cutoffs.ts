import { inputError } from "../core/errors.ts";
import { checkHorizon } from "../forecast/check.ts";
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
  /** Days that are training only; see `defaultInitial`. */
  initial?: number;
}

/** A forecast origin: the first `trainDays` days are seen, `day` is the last of them. */
export interface Cutoff {
  day: Day;
  trainDays: number;
}

/**
 * Three years (1,096 days). Where that leaves fewer than 8 cutoffs: a third of the series, at least 90 days.
 */
export function defaultInitial(days: number, horizon: number, step: number): number {
  const left = Math.floor((days - horizon - THREE_YEARS) / step) + 1;
  return left >= MIN_CUTOFFS ? THREE_YEARS : Math.max(SHORTEST_TRAINING, Math.floor(days / 3));
}

/**
 * Cutoffs of an expanding window, oldest first, `step` days apart, aligned so that the last window ends with the
 * last day. Empty where the series is too short for one.
 * @throws CandlebookError `bad_horizon`, `bad_cutoffs` (exit 2)
 */
export function makeCutoffs(plan: CutoffPlan & { days: readonly Day[] }): Cutoff[] {
  const { days, horizon, step, initial } = resolvePlan(plan);
  const cutoffs: Cutoff[] = [];
  for (let trainDays = days.length - horizon; trainDays >= initial; trainDays -= step) {
    cutoffs.push({ day: days[trainDays - 1], trainDays });
  }
  return cutoffs.reverse();
}

/** The plan with its defaults filled in. */
export function resolvePlan<P extends CutoffPlan & { days: readonly Day[] }>(
  plan: P,
): P & Required<CutoffPlan> {
  const { horizon = 30, step = horizon } = plan;
  checkHorizon(horizon);
  const { initial = defaultInitial(plan.days.length, horizon, step) } = plan;
  for (const [name, value] of Object.entries({ step, initial })) {
    if (Number.isInteger(value) && value >= 1) continue;
    const found = `The evaluation's ${name} is ${value}; it must be a whole number of days, 1 or more.`;
    throw inputError("bad_cutoffs", found, "Leave it out: the default is right for most series.");
  }
  return { ...plan, horizon, step, initial };
}
