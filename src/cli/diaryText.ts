import type { DiaryScore } from "../forecasting/diaryScores.ts";
import { rounded } from "./scoreTable.ts";
import { textTable } from "./table.ts";

/** How past forecasts fared, as a text; nothing where nothing was ever forecast. */
export function diaryText(scores: readonly DiaryScore[]): string[] {
  if (scores.length === 0) return [];
  const table = textTable(
    scores.map((score) => ({
      symbol: score.symbol,
      model: score.model,
      forecasts: score.forecasts,
      since: score.firstCutoff,
      "days come": score.days,
      "to come": score.pending,
      "MAPE %": rounded(score.mape),
      "in 80 %": rounded(score.coverage80, 1),
      skill: rounded(score.skill, 3),
    })),
  );
  return [`\nForecasts published so far, and what came:\n${table}`];
}
