import { formatNumber, formatPrice } from "../charts/theme.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { ageText, type Summary } from "../evaluation/summary.ts";
import { type DiaryScore, readDiary } from "../forecasting/diaryScores.ts";
import { readForecasts } from "../forecasting/readForecasts.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import type { Headline, HeadlineTable } from "./headlineHtml.ts";

/**
 * What the report opens with: each symbol's forecast as an analyst reads it, and how past forecasts fared.
 * @param now the instant that counts as the present, ms
 */
export async function headlinesOf(workspace: Workspace, now: number, effects: Effects): Promise<Headline[]> {
  const { symbols } = await readForecasts(workspace, effects);
  const diary = await readDiary(workspace, effects).catch(noneWhereDamaged);
  return summariesOf({ ...workspace, clock: () => now }, symbols).map((summary) => {
    const { symbol, model, cutoff, ageHours, lastClose, sentence } = summary;
    return {
      title: symbol,
      lead: `Last close ${formatPrice(lastClose)} on ${cutoff} (UTC), ${ageText(ageHours)}. Forecast by ${model}.`,
      tables: [bandsTable(summary), diaryTable(diary.filter((score) => score.symbol === symbol))],
      sentence,
    };
  });
}

function bandsTable({ bands, errors, famousMape }: Summary): HeadlineTable {
  const percent = (value: number | null) => (value === null ? "–" : `${formatNumber(value, 2)} %`);
  return {
    caption: `Bands and errors (MAPE of the backtest). A famous ${famousMape} % had seen the answer.`,
    head: ["days ahead", "day", "median", "80 % band", "95 % band", "rise", "error", "naive's error"],
    rows: bands.map(({ daysAhead, ds, median, lo80, hi80, lo95, hi95, rise }, i) => [
      String(daysAhead),
      ds,
      formatPrice(median),
      `${formatPrice(lo80)} to ${formatPrice(hi80)}`,
      `${formatPrice(lo95)} to ${formatPrice(hi95)}`,
      `${formatNumber(100 * rise)} %`,
      percent(errors[i].mape),
      percent(errors[i].naiveMape),
    ]),
  };
}

function diaryTable(scores: readonly DiaryScore[]): HeadlineTable {
  const number = (value: number | null, digits: number) =>
    value === null ? "–" : formatNumber(value, digits);
  return {
    caption: "Forecasts published so far, and what came",
    head: ["model", "forecasts", "since", "days come", "to come", "MAPE, %", "in the 80 % band, %"],
    rows: scores.map((score) => [
      score.model,
      String(score.forecasts),
      score.firstCutoff,
      formatNumber(score.days),
      formatNumber(score.pending),
      number(score.mape, 2),
      number(score.coverage80, 1),
    ]),
  };
}

// The report is wanted all the more where the diary is damaged; the forecast stage says what to do.
function noneWhereDamaged(error: unknown): [] {
  if (error instanceof CandlebookError && error.code === "damaged_diary") return [];
  throw error;
}
