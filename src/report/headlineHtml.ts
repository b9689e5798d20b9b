import { escapeMarkup, switchable } from "../charts/escape.ts";
import type { Text } from "../core/text.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

/** What the report opens with, for one symbol: the forecast in a few numbers, and how far to trust it. */
export interface Headline {
  title: string;
  /** One sentence. */
  verdict: Text;
  /** HTML of a figure. */
  picture: string;
  /** HTML; empty ones are left out. */
  tables: readonly string[];
  /** What a reader needs to know besides: the errors of the past, the risk. */
  lines: readonly Text[];
}

/** The section "At a glance"; nothing where nothing was forecast. */
export function headlinesHtml(headlines: readonly Headline[]): string {
  if (headlines.length === 0) return "";
  const output = (html: string) => (html === "" ? "" : `<div class="output">${html}</div>`);
  return [
    `<section id="at-a-glance" aria-labelledby="at-a-glance-title"><h2 id="at-a-glance-title">${both(WORDS.glance)}</h2>`,
    ...headlines.map(
      ({ title, verdict, picture, tables, lines }) =>
        `<h3>${escapeMarkup(title)}</h3><p class="conclusion"><strong>${switchable(verdict)}</strong></p>` +
        `${output(picture)}${tables.map(output).join("")}` +
        lines.map((line) => `<p>${switchable(line)}</p>`).join(""),
    ),
    "</section>",
  ].join("");
}
