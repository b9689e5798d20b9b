import type { Source } from "../candle/candle.ts";
import { en, sameText, type Text } from "../core/text.ts";
import type { JudgedModel } from "../evaluation/judge/judge.ts";
import { slug } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { TEXTS } from "./texts.ts";
import { FAINT, formatNumber, PALETTE } from "./theme.ts";

/** A model far below naive must not squeeze the others into a line. */
const WORST = -60;

/**
 * The skill of judged models of one symbol over the naive forecast, with its 95 % interval.
 * @param models of one symbol, at least one
 */
export function judgedChart(models: readonly JudgedModel[], { source }: { source: Source }): Figure {
  const [{ symbol }] = models;
  const bars = models.map((one, row) => {
    const percent = (value: number | null) => Math.max(WORST, 100 * (value ?? 0));
    const name = one.suspicions.length > 0 ? suspectedName(one.model) : sameText(one.model);
    const words = skillText(one);
    const colour = one.suspicions.length > 0 ? PALETTE.vermillion : PALETTE.blue;
    const low = percent(one.skillLow ?? one.skill);
    return { row, from: low, to: percent(one.skillHigh ?? one.skill), colour, note: words, name, words };
  });
  const subtitle = en`95 % interval of the skill of the CRPS by a block bootstrap of the windows; right of zero is better than naive`
    .vi`khoảng 95 % của skill CRPS bằng bootstrap khối các cửa sổ; bên phải số không là tốt hơn naive`;
  const ends = bars.flatMap(({ from, to }) => [from, to, -2, 2]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return makeFigure({
    id: `${slug(symbol)}-judged`,
    title: en`${symbol}: judged models against the naive forecast`
      .vi`${symbol}: các mô hình được chấm so với dự báo naive`,
    subtitle,
    alt: {
      en: `${bars.map(({ name, words }) => `${name.en}: ${words.en}`).join(". ")}.`,
      vi: `${bars.map(({ name, words }) => `${name.vi}: ${words.vi}`).join(". ")}.`,
    },
    source,
    x: { kind: "number", label: TEXTS.skillAxis, domain: [low - 1, high + (high - low) * 0.75] },
    panels: [
      {
        height: 34 * bars.length,
        y: { kind: "number", names: bars.map(({ name }) => name) },
        marks: [
          {
            kind: "rowBars",
            label: TEXTS.skillAxis,
            colour: PALETTE.blue,
            unlisted: true,
            bars: bars.map(({ name: _, ...bar }) => bar),
          },
          { kind: "rules", axis: "x", at: [0], colour: FAINT },
        ],
      },
    ],
  });
}

function suspectedName(model: string): Text {
  return en`${model} (suspected leak)`.vi`${model} (nghi rò rỉ)`;
}

function skillText({ skill, skillLow, skillHigh }: JudgedModel): Text {
  if (skill === null) return TEXTS.unscored;
  const percent = (value: number) => formatNumber(100 * value, 1);
  const [all, low, high] = [skill, skillLow ?? skill, skillHigh ?? skill].map(percent);
  return en`${all} % (${low} to ${high})`.vi`${all} % (${low} đến ${high})`;
}
