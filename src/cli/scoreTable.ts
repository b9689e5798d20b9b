import type { FilledDays } from "../evaluation/backtest.ts";
import { LOSSES, type LossName, SCOREBOARD } from "../evaluation/losses.ts";
import type { ModelScore } from "../evaluation/score.ts";
import { SELECTED } from "../forecast/smoothing/selectedModel.ts";
import { textTable } from "./table.ts";

/** The meaning of the column CRPS. */
export const CRPS_WORDS = "CRPS is the mean over 19 quantiles, in % of the price at the cutoff";

/** A line on models whose options were chosen on some of the cutoffs. */
export function choiceWords(scores: readonly ModelScore[]): string[] {
  const chosen = scores.map(({ model }) => model).filter((model) => model === "theta" || model === "ets");
  if (chosen.length === 0) return [];
  const kinds = chosen.join(" and of ");
  return [
    `The kind of ${kinds} was chosen on cutoffs of Bitcoin and Ether before ${SELECTED.reportedFrom}: ` +
      "only scores of later cutoffs test this choice.",
  ];
}

/** A line on the days that count for nothing; none where every day has data. */
export function filledWords({ days, cutoffs }: FilledDays): string[] {
  if (days === 0) return [];
  const windows = cutoffs === 0 ? "" : `; ${cutoffs} windows have too few other days and are left out`;
  return [`${days} filled days (no source has them) count for nothing: no outcome, no return${windows}.`];
}

const SHOWN = Object.entries(SCOREBOARD) as [LossName, string][];

/** Scores of models as a text table; a model that has seen the answer is marked. */
export function scoreTable(scores: readonly ModelScore[]): string {
  return textTable(
    scores.map((score) => ({
      model: score.leaked ? `${score.model} (leaked)` : score.model,
      ...Object.fromEntries(
        SHOWN.map(([name, head]) => [head, rounded(score[name], LOSSES[name].digits)] as const),
      ),
      "CRPS skill %": percent(score.skill),
      "DM t": rounded(score.dmT),
    })),
  );
}

/** A share in percent. */
export function percent(share: number | null): number | null {
  return rounded(share === null ? null : 100 * share, 1);
}

export function rounded(value: number | null, digits = 2): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
