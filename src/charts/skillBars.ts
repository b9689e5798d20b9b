import type { Text } from "../core/text.ts";
import type { Description } from "./description.ts";
import type { Figure } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { TEXTS } from "./texts.ts";
import { FAINT, PALETTE } from "./theme.ts";

/** A model's bar, percent; `note` is beside it, `words` are spoken. */
export interface SkillBar {
  name: Text;
  from: number;
  to: number;
  colour: string;
  note: Text;
  words: Text;
}

/** A skill in percent as it is drawn: a model far below naive must not squeeze the others into a line. */
export function shownSkill(skill: number): number {
  return Math.max(-60, 100 * skill);
}

/**
 * A figure with a row for each model and its skill over the naive forecast, which is at zero.
 * @param domain percent; notes are to the right of the bars
 */
export function skillFigure(
  facts: Pick<Description, "id" | "title" | "subtitle" | "alt" | "source">,
  bars: readonly SkillBar[],
  domain: [number, number],
): Figure {
  return makeFigure({
    ...facts,
    x: { kind: "number", label: TEXTS.skillAxis, domain },
    panels: [
      {
        height: 34 * bars.length,
        y: { kind: "number", names: bars.map(({ name }) => name) },
        marks: [
          {
            kind: "rowBars",
            label: TEXTS.skillAxis,
            colour: PALETTE.grey,
            unlisted: true,
            bars: bars.map(({ name: _, ...bar }, row) => ({ row, ...bar })),
          },
          { kind: "rules", axis: "x", at: [0], colour: FAINT },
        ],
      },
    ],
  });
}
