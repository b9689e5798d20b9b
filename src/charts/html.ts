import { joined, type Text } from "../core/text.ts";
import { escapeMarkup, labelAttributes } from "./escape.ts";
import type { FigureParts } from "./figure.ts";

/** The class by which the page's script and the report find figures. */
export const FIGURE_CLASS = "candlebook-figure";

/**
 * A figure as HTML: the static picture, with the interactive one's data in an attribute. The page's script draws
 * the interactive one over it; without the script (printed, untrusted, on a code host) the static one stays.
 */
export function figureHtml(figure: FigureParts): string {
  const data = JSON.stringify(figure.interactive, compact);
  return [
    `<figure class="${FIGURE_CLASS}" id="${escapeMarkup(figure.id)}" data-figure="${escapeMarkup(data)}"`,
    ` style="margin:0.5em 0;max-width:1100px">`,
    `<div class="candlebook-static" role="img"${labelAttributes(spokenOf(figure))}>`,
    `${figure.svg()}</div></figure>`,
  ].join("");
}

/** The title and the description, for those who listen. */
export function spokenOf({ title, alt }: Pick<FigureParts, "title" | "alt">): Text {
  return joined([title, alt], ". ");
}

// Nine digits are more than a screen can show; doubles printed in full double the size of a page.
function compact(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
}
