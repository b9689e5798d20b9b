import { bandText, rangeText } from "../charts/texts.ts";
import { formatNumber, formatPrice } from "../charts/theme.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { en, sameText } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import { ageText, type Summary } from "../evaluation/summary.ts";
import { type DiaryScore, readDiary } from "../forecasting/diaryScores.ts";
import { readForecasts } from "../forecasting/readForecasts.ts";
import { readRisk } from "../forecasting/readRisk.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import { riskLines } from "../risk/lines.ts";
import type { Headline, HeadlineTable } from "./headlineHtml.ts";
import { WORDS } from "./words.ts";

/**
 * What the report opens with: each symbol's forecast as an analyst reads it, and how past forecasts fared.
 * @param now the instant that counts as the present, ms
 */
export async function headlinesOf(workspace: Workspace, now: number, effects: Effects): Promise<Headline[]> {
  const { symbols } = await readForecasts(workspace, effects);
  const risk = await readRisk(workspace, effects);
  const diary = await readDiary(workspace, effects).catch(noneWhereDamaged);
  return summariesOf({ ...workspace, clock: () => now }, symbols).map((summary) => {
    const { symbol, model, cutoff, ageHours, lastClose, sentence } = summary;
    const [close, age] = [formatPrice(lastClose), ageText(ageHours)];
    return {
      title: symbol,
      lead: en`Last close ${close} on ${cutoff} (UTC), ${age}. Forecast by ${model}.`
        .vi`Giá đóng cuối ${close} vào ${cutoff} (UTC), ${age}. Dự báo của ${model}.`,
      tables: [bandsTable(summary), diaryTable(diary.filter((score) => score.symbol === symbol))],
      lines: risk.filter((own) => own.symbol === symbol).flatMap(riskLines),
      sentence,
    };
  });
}

function bandsTable({ bands, errors, famousMape }: Summary): HeadlineTable {
  const percent = (value: number | null) => (value === null ? "–" : `${formatNumber(value, 2)} %`);
  return {
    caption: en`Bands and errors (MAPE of the backtest). A famous ${famousMape} % had seen the answer.`
      .vi`Các dải và sai số (MAPE của kiểm định lùi). Con số ${famousMape} % nổi tiếng đã thấy trước đáp án.`,
    head: [
      WORDS.daysAhead,
      WORDS.day,
      { en: "median", vi: "trung vị" },
      bandText(80),
      bandText(95),
      { en: "rise", vi: "khả năng tăng" },
      { en: "error", vi: "sai số" },
      { en: "naive's error", vi: "sai số của naive" },
    ],
    rows: bands.map(({ daysAhead, ds, median, lo80, hi80, lo95, hi95, rise }, i) => [
      ...[String(daysAhead), ds, formatPrice(median)].map(sameText),
      rangeText(formatPrice(lo80), formatPrice(hi80)),
      rangeText(formatPrice(lo95), formatPrice(hi95)),
      ...[`${formatNumber(100 * rise)} %`, percent(errors[i].mape), percent(errors[i].naiveMape)].map(
        sameText,
      ),
    ]),
  };
}

function diaryTable(scores: readonly DiaryScore[]): HeadlineTable {
  const number = (value: number | null, digits: number) =>
    value === null ? "–" : formatNumber(value, digits);
  return {
    caption: en`Published forecasts and the closes since then`
      .vi`Các dự báo đã công bố và giá đóng cửa kể từ đó`,
    head: [
      WORDS.model,
      { en: "forecasts", vi: "số dự báo" },
      { en: "since", vi: "từ" },
      { en: "days observed", vi: "ngày đã có" },
      { en: "days pending", vi: "ngày còn chờ" },
      sameText("MAPE, %"),
      { en: "in the 80 % band, %", vi: "trong dải 80 %, %" },
    ],
    rows: scores.map((score) => {
      const cells = [
        score.model,
        String(score.forecasts),
        score.firstCutoff,
        formatNumber(score.days),
        formatNumber(score.pending),
        number(score.mape, 2),
        number(score.coverage80, 1),
      ];
      return cells.map(sameText);
    }),
  };
}

// The report is wanted all the more where the diary is damaged; the forecast stage says what to do.
function noneWhereDamaged(error: unknown): [] {
  if (error instanceof CandlebookError && error.code === "damaged_diary") return [];
  throw error;
}
