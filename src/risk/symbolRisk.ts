import type { Day } from "../time/day.ts";
import type { RiskRow } from "./riskRows.ts";
import type { RiskScores } from "./scoreRisk.ts";
import { DEFAULT_RISK_MODEL, type RiskModel } from "./variances.ts";

/** What is known of a symbol's risk. */
export interface SymbolRisk {
  symbol: string;
  /** The last day with a return. */
  cutoff: Day;
  /** The model that is shown first. */
  model: RiskModel;
  /** What every model expects from the last day on. */
  latest: RiskRow[];
  /** What that model expected of the next day, from each day on; oldest first. */
  nextDay: RiskRow[];
  scores: RiskScores;
}

/** The default model, or the first of those that the history is long enough for. */
export function shownModel(latest: readonly RiskRow[]): RiskModel {
  const models = latest.map(({ model }) => model);
  return models.includes(DEFAULT_RISK_MODEL) ? DEFAULT_RISK_MODEL : models[0];
}
