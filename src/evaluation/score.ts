import { dieboldMariano } from "./dieboldMariano.ts";
import { crps, LOSSES, type LossName, mae } from "./losses.ts";
import { type Outcome, outcomesOf, type Window } from "./outcome.ts";
import { skill } from "./skill.ts";

export type Scores = Record<LossName, number | null>;

/** Scores of some of the days, and beside the naive's on the same days. */
export interface GroupScore extends Scores {
  /** Forecast days counted. */
  days: number;
  /** Of the CRPS; see `skill`. Null for an unscored model; 0 for the naive itself. */
  skill: number | null;
  /** MAE over the naive's MAE. */
  relativeMae: number | null;
}

export interface ModelScore extends GroupScore {
  model: string;
  /** How many windows were scored. */
  cutoffs: number;
  /** Diebold–Mariano t of the CRPS against the naive; null for the naive itself. */
  dmT: number | null;
  /** It has seen days after its cutoffs: a lesson or a ceiling, not a forecast. */
  leaked: boolean;
  byStep: (GroupScore & { stepsAhead: number })[];
  /** By the year of the day that was forecast. */
  byYear: (GroupScore & { year: number })[];
}

/**
 * Scores one model's windows beside the naive's.
 * @param windows, naive of the same cutoffs in the same order; both empty: unscored, all null
 * @param spacing every how many windows one begins after the last has ended, for the Diebold–Mariano test
 */
export function scoreModel(
  { name, leaked = false }: { name: string; leaked?: boolean },
  windows: readonly Window[],
  naive: readonly Window[],
  spacing: number,
): ModelScore {
  const outcomes = windows.flatMap(outcomesOf);
  const benchmark = naive.flatMap(outcomesOf);
  const apart = (_: Window, i: number) => (windows.length - 1 - i) % spacing === 0;
  return {
    model: name,
    cutoffs: windows.length,
    leaked,
    ...scoreGroup(outcomes, benchmark),
    dmT:
      name === "naive"
        ? null
        : (dieboldMariano(windows.filter(apart).map(windowCrps), naive.filter(apart).map(windowCrps))?.t ??
          null),
    byStep: scoreBy(outcomes, benchmark, ({ stepsAhead }) => stepsAhead).map(([stepsAhead, scores]) => ({
      stepsAhead,
      ...scores,
    })),
    byYear: scoreBy(outcomes, benchmark, ({ ds }) => Number(ds.slice(0, 4))).map(([year, scores]) => ({
      year,
      ...scores,
    })),
  };
}

function scoreGroup(outcomes: readonly Outcome[], benchmark: readonly Outcome[]): GroupScore {
  const entries = Object.entries(LOSSES).map(([name, loss]) => [name, loss(outcomes)] as const);
  const scores = Object.fromEntries(entries) as Scores;
  const naiveMae = mae(benchmark);
  return {
    ...scores,
    days: outcomes.length,
    skill: skill(scores.crps, crps(benchmark)),
    relativeMae: scores.mae === null || !naiveMae ? null : scores.mae / naiveMae,
  };
}

// Both lists hold the same days in the same order, so they fall into the same groups.
function scoreBy(
  outcomes: readonly Outcome[],
  benchmark: readonly Outcome[],
  key: (outcome: Outcome) => number,
): [number, GroupScore][] {
  const naive = Map.groupBy(benchmark, key);
  return [...Map.groupBy(outcomes, key)]
    .sort(([a], [b]) => a - b)
    .map(([value, group]) => [value, scoreGroup(group, naive.get(value) ?? [])]);
}

function windowCrps(window: Window): number {
  return crps(outcomesOf(window)) ?? 0;
}
