import { figureHtml } from "../charts/html.ts";
import { outlookChart } from "../charts/outlook.ts";
import { formatPrice } from "../charts/theme.ts";
import { unitsOf } from "../charts/units.ts";
import type { Effects } from "../core/effects.ts";
import { en, sameText, type Text } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import { tableHtml } from "../display/table.ts";
import { ageText, type Summary } from "../evaluation/summary.ts";
import { type DiaryScore, readSoundDiary } from "../forecasting/diaryScores.ts";
import type { SymbolForecast } from "../forecasting/forecastResult.ts";
import { readForecasts } from "../forecasting/readForecasts.ts";
import { readRisk } from "../forecasting/readRisk.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import { riskLines } from "../risk/riskLines.ts";
import { readDays } from "../serving/readDays.ts";
import type { Headline } from "./headlineHtml.ts";

/**
 * What the report opens with: each symbol's forecast in one sentence, one figure and one table, and how past forecasts
 * did.
 * @param now the instant that counts as the present, ms
 */
export async function headlinesOf(workspace: Workspace, now: number, effects: Effects): Promise<Headline[]> {
  const { symbols } = await readForecasts(workspace, effects);
  if (symbols.length === 0) return [];
  const { days, source } = await readDays(workspace, {}, effects);
  const risk = await readRisk(workspace, effects);
  const diary = await readSoundDiary(workspace, effects);
  const summaries = summariesOf({ ...workspace, clock: () => now }, symbols);
  return symbols.map((fan, i) => {
    const summary = summaries[i];
    const { symbol, model, sentence } = summary;
    return {
      title: symbol,
      verdict: verdictOf(fan, summary),
      picture: figureHtml(outlookChart(days, fan, { source, model })),
      tables: [bandsTable(summary), diaryTable(diary.filter((score) => score.symbol === symbol))],
      lines: [sentence, ...risk.filter((own) => own.symbol === symbol).flatMap(riskLines)],
    };
  });
}

function verdictOf({ scores }: SymbolForecast, summary: Summary): Text {
  const { symbol, model, cutoff, ageHours, lastClose, bands } = summary;
  const { ds, lo80, hi80, daysAhead } = bands[bands.length - 1];
  const [low, high, close] = [lo80, hi80, lastClose].map(formatPrice);
  const [{ quote }, age] = [unitsOf(symbol), ageText(ageHours)];
  const score = scores.find((one) => one.model === model);
  const held =
    summary.windows === 0 || score?.coverage80 == null
      ? en`how often such a band holds can't be said yet: the history is too short`
          .vi`chưa thể nói dải như vậy giữ được thường xuyên đến đâu: lịch sử quá ngắn`
      : en`in the backtest such bands of ${model} held on ${Math.round(score.coverage80)} % of the days`
          .vi`trong kiểm định lùi, các dải như vậy của ${model} giữ được ${Math.round(score.coverage80)} % số ngày`;
  return en`With a probability of 80 %, ${symbol} closes between ${low} and ${high} ${quote} on ${ds}, ${daysAhead} days after its last close of ${close} on ${cutoff} (UTC, ${age}); ${held}.`
    .vi`Với xác suất 80 %, ${symbol} đóng cửa từ ${low} đến ${high} ${quote} vào ${ds}, ${daysAhead} ngày sau giá đóng cuối ${close} vào ${cutoff} (UTC, ${age}); ${held}.`;
}

function bandsTable({ symbol, model, bands, errors, windows }: Summary): string {
  const scored =
    windows === 0
      ? sameText("")
      : en`; MAPE of its point forecasts over the ${windows} windows of the backtest`
          .vi`; MAPE của các dự báo điểm qua ${windows} cửa sổ của kiểm định lùi`;
  const rows = bands.map(({ daysAhead, ds, median, lo80, hi80, lo95, hi95, rise }, i) => ({
    ...{ days_ahead: daysAhead, ds, median, lo80, hi80, lo95, hi95, rise },
    ...(windows === 0 ? {} : { mape: errors[i].mape, naive_mape: errors[i].naiveMape }),
  }));
  const caption = en`Forecast by ${model}${scored}`.vi`Dự báo của ${model}${scored}`;
  return tableHtml(rows, { caption, symbol });
}

/** Empty before the first forecast day has come: then the diary has nothing to say. */
function diaryTable(scores: readonly DiaryScore[]): string {
  if (!scores.some(({ days }) => days > 0)) return "";
  const rows = scores.map(({ model, forecasts, firstCutoff, days, pending, mape, coverage80 }) => ({
    ...{ model, forecasts, since: firstCutoff, days_observed: days, days_pending: pending, mape, coverage80 },
  }));
  const caption = en`Published forecasts and the closes since then`
    .vi`Các dự báo đã công bố và giá đóng cửa kể từ đó`;
  return tableHtml(rows, { caption, rows: rows.length });
}
