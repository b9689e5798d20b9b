import { en, sameText, type Text, textOf } from "../core/text.ts";
import type { JudgedModel } from "../evaluation/judge/judge.ts";
import { slug } from "./escape.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { shownSkill, skillFigure } from "./skillBars.ts";
import { TEXTS } from "./texts.ts";
import { formatNumber, PALETTE } from "./theme.ts";

/**
 * The skill of judged models of one symbol over the naive forecast, with its 95 % interval.
 * @param models of one symbol, at least one
 */
export function judgedChart(models: readonly JudgedModel[], { source }: FigureOptions): Figure {
  const [{ symbol }] = models;
  const bars = models.map((one) => {
    const percent = (value: number | null) => shownSkill(value ?? 0);
    const name = one.suspicions.length > 0 ? suspectedName(one.model) : sameText(one.model);
    const words = skillText(one);
    const colour = one.suspicions.length > 0 ? PALETTE.vermillion : PALETTE.blue;
    const [from, to] = [one.skillLow ?? one.skill, one.skillHigh ?? one.skill].map(percent);
    return { from, to, colour, note: words, name, words };
  });
  const ends = bars.flatMap(({ from, to }) => [from, to, -2, 2]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const facts = {
    id: `${slug(symbol)}-judged`,
    title: en`${symbol}: judged models against the naive forecast`
      .vi`${symbol}: các mô hình được chấm so với dự báo naive`,
    subtitle: en`95 % interval of the skill of the CRPS by a block bootstrap of the windows; right of zero is better than naive`
      .vi`khoảng 95 % của skill CRPS bằng bootstrap khối các cửa sổ; bên phải số không là tốt hơn naive`,
    alt: textOf((one) => `${bars.map(({ name, words }) => `${name[one]}: ${words[one]}`).join(". ")}.`),
    source,
  };
  return skillFigure(facts, bars, [low - 1, high + (high - low) * 0.75]);
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
