import { en, joined, sameText, type Text, textOf } from "../core/text.ts";
import type { ModelScore } from "../evaluation/score.ts";
import { nameOf } from "./accuracy.ts";
import { slug } from "./escape.ts";
import { type Fan, horizonOf } from "./fan.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { shownSkill, skillFigure } from "./skillBars.ts";
import { TEXTS } from "./texts.ts";
import { formatNumber, formatPercent, PALETTE } from "./theme.ts";

interface Bar {
  model: Text;
  /** Percent, see `shownSkill`. */
  shown: number;
  colour: string;
  label: Text;
}

/**
 * How much better or worse than the naive forecast each model's forecasts were in the backtest: the skill of the
 * CRPS, in percent, beside MAPE and the coverage of the intervals.
 * @param fan one symbol's forecasts and scores, as the forecast stage returns them
 */
export function scoreChart(fan: Fan, { source }: FigureOptions): Figure {
  const { symbol, scores, ceiling } = fan;
  const all = ceiling === undefined || ceiling.skill === null ? scores : [...scores, ceiling];
  const bars = all.map(barOf).sort((a, b) => b.shown - a.shown);
  const scored = scores.some((score) => score.skill !== null);
  const cutoffs = Math.max(0, ...scores.map((score) => score.cutoffs));
  const title = en`${symbol}: models against the naive forecast`
    .vi`${symbol}: các mô hình so với dự báo naive`;
  const subtitle = scored
    ? en`skill of the CRPS over ${cutoffs} cutoffs, ${horizonOf(fan)} days ahead; right of zero is better than naive`
        .vi`skill của CRPS qua ${cutoffs} mốc dự báo trượt, ${horizonOf(fan)} ngày phía trước; bên phải số không là tốt hơn naive`
    : TEXTS.noBacktest;
  const each = bars.map(({ model, label }) => joined([model, label], ": "));
  const alt = joined([joined([subtitle, ...each], ". "), sameText(".")], "");
  return skillFigure(
    { id: `${slug(symbol)}-scores`, title, subtitle, alt, source },
    bars.map(({ model, shown, colour, label }) => ({
      ...{ name: model, from: 0, to: shown, colour, note: label },
      words: joined([model, label], ": "),
    })),
    rangeOf(bars),
  );
}

function barOf({ model, skill, mape, coverage80, coverage95, leaked }: ModelScore): Bar {
  const name = nameOf(model, leaked);
  if (skill === null) return { model: name, shown: 0, colour: PALETTE.grey, label: TEXTS.unscored };
  const percent = skill * 100;
  const sign = percent > 0 ? "+" : "";
  const parts =
    model === "naive"
      ? [{ en: "the measure", vi: "thước đo" }]
      : [textOf((one) => `${sign}${formatPercent(percent)[one]}`)];
  if (mape !== null) parts.push(joined([sameText("MAPE"), formatPercent(mape)], " "));
  if (coverage80 !== null && coverage95 !== null) {
    const [narrow, wide] = [coverage80, coverage95].map((held) => formatNumber(held, 0));
    parts.push(en`coverage ${narrow} and ${wide} %`.vi`độ phủ ${narrow} và ${wide} %`);
  }
  const colour = leaked || model === "naive" ? PALETTE.grey : percent > 0 ? PALETTE.blue : PALETTE.vermillion;
  return { model: name, shown: shownSkill(skill), colour, label: joined(parts, " · ") };
}

// The labels are to the right of the bars and need about as much room as the bars themselves.
function rangeOf(bars: readonly Bar[]): [number, number] {
  const low = Math.min(-5, ...bars.map(({ shown }) => shown)) * 1.05;
  const high = Math.max(0, ...bars.map(({ shown }) => shown));
  return [low, high + (high - low) * 0.75];
}
