import { SELECTED } from "../forecast/smoothing/selectedModel.ts";
import { addDays, type Day } from "../time/day.ts";
import { type Coverage, testCoverage } from "./coverage.ts";
import { qlike } from "./loss.ts";
import type { RiskRow } from "./riskRows.ts";
import { SIDES, type Side, TAIL_LEVELS, type TailLevel } from "./tails.ts";
import type { RiskModel } from "./variances.ts";

/** How good a model's variances were, over the cutoffs at which every model had one and the outcome is known. */
export interface VarianceScore {
  model: RiskModel;
  /** Days in the window. */
  stepsAhead: number;
  cutoffs: number;
  qlike: number;
  /** Mean squared error of the variance. */
  mse: number;
  /** 1 − QLIKE / that of `ewma`: above 0 is better. */
  qlikeSkill: number;
  mseSkill: number;
}

/** How often a model's value at risk was exceeded. */
export interface TailScore extends Coverage {
  model: RiskModel;
  stepsAhead: number;
  level: TailLevel;
  side: Side;
}

export interface RiskScores {
  /** The first cutoff whose outcome is known; null without one. */
  from: Day | null;
  variances: VarianceScore[];
  tails: TailScore[];
}

/**
 * The scores of one symbol's rows of `risk_forecasts`, in their order. Windows of variances overlap, one from every
 * cutoff; those of the tests do not.
 */
export function scoreRisk(rows: readonly RiskRow[]): RiskScores {
  const known = rows.filter((row) => row.realized_variance !== null);
  const byHorizon = [...Map.groupBy(known, (row) => row.steps_ahead).values()];
  const from = known.reduce<Day | null>((a, { cutoff }) => (a === null || cutoff < a ? cutoff : a), null);
  return {
    from,
    variances: byHorizon.flatMap(varianceScores),
    tails: byHorizon.flatMap((own) => [...Map.groupBy(own, (row) => row.model).values()].flatMap(tailScores)),
  };
}

/**
 * The rows that test the choice of the models and their constants: of later cutoffs than those it was made on. All rows
 * of a history that has less than a year of such cutoffs.
 */
export function reportedRows(rows: readonly RiskRow[]): readonly RiskRow[] {
  const { reportedFrom } = SELECTED;
  const enough = addDays(reportedFrom, 365);
  if (!rows.some(({ cutoff }) => cutoff >= enough)) return rows;
  return rows.filter(({ cutoff }) => cutoff >= reportedFrom);
}

function varianceScores(rows: readonly RiskRow[]): VarianceScore[] {
  const models = Map.groupBy(rows, (row) => row.model);
  const times = new Map<Day, number>();
  for (const { cutoff } of rows) times.set(cutoff, (times.get(cutoff) ?? 0) + 1);
  const means = [...models].map(([model, own]) => {
    const common = own.filter(({ cutoff }) => times.get(cutoff) === models.size);
    const sum = { qlike: 0, mse: 0 };
    for (const { variance, realized_variance, steps_ahead } of common) {
      const outcome = realized_variance as number;
      sum.qlike += qlike(variance, outcome, steps_ahead);
      sum.mse += (variance - outcome) ** 2;
    }
    const cutoffs = common.length;
    return {
      model,
      stepsAhead: own[0].steps_ahead,
      cutoffs,
      qlike: sum.qlike / cutoffs,
      mse: sum.mse / cutoffs,
    };
  });
  const reference = means.find(({ model }) => model === "ewma");
  if (reference === undefined || reference.cutoffs === 0) return [];
  return means.map((own) => ({
    ...own,
    qlikeSkill: 1 - own.qlike / reference.qlike,
    mseSkill: 1 - own.mse / reference.mse,
  }));
}

function tailScores(rows: readonly RiskRow[]): TailScore[] {
  const [{ model, steps_ahead: stepsAhead }] = rows;
  return TAIL_LEVELS.flatMap(({ level }) => {
    const windows = apart(rows.filter((row) => row[`var${level}_low`] !== null));
    return SIDES.map((side) => {
      const exceeded = windows.map((row) => isExceeded(row, level, side));
      return { model, stepsAhead, level, side, ...testCoverage(exceeded, (100 - level) / 100) };
    });
  });
}

/** Whether the change was beyond the value at risk; its outcome is known. */
function isExceeded(row: RiskRow, level: TailLevel, side: Side): boolean {
  const [change, bound] = [row.change, row[`var${level}_${side}`]];
  if (change === null || bound === null) return false;
  return side === "low" ? change < bound : change > bound;
}

/** The rows whose windows do not overlap, from the first on. */
function apart(rows: readonly RiskRow[]): RiskRow[] {
  let end = "";
  return rows.filter(({ cutoff, ds }) => {
    if (cutoff < end) return false;
    end = ds;
    return true;
  });
}
