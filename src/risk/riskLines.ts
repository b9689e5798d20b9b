import { numberIn } from "../core/numbers.ts";
import { en, joined, sameText, type Text, textOf } from "../core/text.ts";
import type { RiskRow } from "./riskRows.ts";
import type { TailScore } from "./scoreRisk.ts";
import type { SymbolRisk } from "./symbolRisk.ts";
import { TAIL_LEVELS } from "./tails.ts";

const REJECTED = 0.05;

/** A symbol's risk in three lines: the expected moves, the next day's tails, and how past forecasts did. */
export function riskLines(risk: SymbolRisk): Text[] {
  const own = risk.latest.filter(({ model }) => model === risk.model);
  return [movesText(risk.model, own), tailsText(own[0]), scoresText(risk)];
}

function movesText(model: string, rows: readonly RiskRow[]): Text {
  const moves = rows.map(({ variance, steps_ahead: days }) => {
    const sigma = oneDigit(100 * Math.sqrt(variance));
    return days === 1
      ? en`${sigma} % the next day`.vi`${sigma} % ngày kế tiếp`
      : en`${sigma} % in ${days} days`.vi`${sigma} % trong ${days} ngày`;
  });
  const all = joined(moves, ", ");
  return en`Risk (${model}): standard deviation ${all}.`.vi`Rủi ro (${model}): độ lệch chuẩn ${all}.`;
}

/** The value at risk of the next day; with a short history only some of it. */
function tailsText(row: RiskRow): Text {
  const parts = TAIL_LEVELS.flatMap(({ level }) => {
    const [low, high] = [row[`var${level}_low`], row[`var${level}_high`]];
    const [lowMean, highMean] = [row[`es${level}_low`], row[`es${level}_high`]];
    if (low === null || high === null || lowMean === null || highMean === null) return [];
    const [from, to, below, above] = [low, high, lowMean, highMean].map(oneDigit);
    return [
      en`${level} %: ${from} and +${to} % (mean beyond: ${below} and +${above} %)`
        .vi`${level} %: ${from} và +${to} % (trung bình vượt ngưỡng: ${below} và +${above} %)`,
    ];
  });
  if (parts.length === 0) {
    return en`Value at risk: the history is too short, it needs 100 past forecasts.`
      .vi`Giá trị chịu rủi ro: lịch sử quá ngắn, cần 100 dự báo đã qua.`;
  }
  const all = joined(parts, "; ");
  return en`Value at risk of the next day, ${all}.`.vi`Giá trị chịu rủi ro của ngày kế tiếp, ${all}.`;
}

function scoresText({ model, scores }: SymbolRisk): Text {
  const own = scores.variances.filter((score) => score.model === model && score.cutoffs > 0);
  const tails = scores.tails.filter(
    (tail) => tail.model === model && tail.stepsAhead === 1 && tail.windows > 0,
  );
  if (own.length === 0 || tails.length === 0) {
    return en`Its past forecasts are unscored: the history is too short.`
      .vi`Các dự báo đã qua chưa được chấm: lịch sử quá ngắn.`;
  }
  const skills = joined(
    own.map(({ qlikeSkill }) => oneDigit(100 * qlikeSkill)),
    ", ",
  );
  const days = own.map(({ stepsAhead }) => stepsAhead).join(", ");
  const held = joined(
    tails.map(({ exceeded, windows }) => joined([oneDigit((100 * exceeded) / windows), sameText("%")], " ")),
    ", ",
  );
  const promised = tails.map(({ level }) => `${100 - level} %`).join(", ");
  const rejected = tails.filter(isRejected).length;
  return en`Since ${scores.from ?? "–"}: QLIKE ${skills} % below EWMA's at ${days} days; the next day's bounds were exceeded on ${held} of the days (promised ${promised}), ${rejected} of ${tails.length} rejected by Kupiec's or Christoffersen's test.`
    .vi`Từ ${scores.from ?? "–"}: QLIKE thấp hơn EWMA ${skills} % ở ${days} ngày; các ngưỡng của ngày kế tiếp bị vượt ở ${held} số ngày (hứa ${promised}), kiểm định Kupiec hoặc Christoffersen bác bỏ ${rejected} trên ${tails.length}.`;
}

function isRejected({ kupiecP, christoffersenP }: TailScore): boolean {
  return [kupiecP, christoffersenP].some((p) => p !== null && p < REJECTED);
}

function oneDigit(value: number): Text {
  return textOf((language) => numberIn(language, value, 1));
}
