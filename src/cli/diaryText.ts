import type { DiaryScore } from "../forecasting/diaryScores.ts";
import { percent, rounded } from "./scoreTable.ts";
import { textTable } from "./table.ts";

/** The scores of past forecasts as a text; empty if there are none. */
export function diaryText(scores: readonly DiaryScore[]): string[] {
  if (scores.length === 0) return [];
  const table = textTable(
    scores.map((score) => ({
      symbol: score.symbol,
      model: score.model,
      forecasts: score.forecasts,
      since: score.firstCutoff,
      "days scored": score.days,
      "days pending": score.pending,
      "MAPE %": rounded(score.mape),
      "in 80 %": rounded(score.coverage80, 1),
      "CRPS skill %": percent(score.skill),
    })),
  );
  return [`\nPublished forecasts and their scores so far:\n${table}`];
}
