import { escapeMarkup, switchable } from "../charts/escape.ts";
import type { Text } from "../core/text.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

/** A table as the report shows it. */
export interface HeadlineTable {
  caption: Text;
  head: readonly Text[];
  rows: readonly (readonly Text[])[];
}

/** What the report opens with, for one symbol: the forecast in a few numbers, and how far to trust it. */
export interface Headline {
  title: string;
  lead: Text;
  tables: readonly HeadlineTable[];
  /** Its risk. */
  lines: readonly Text[];
  /** The sentence a person needs before believing any of it. */
  sentence: Text;
}

/** The section "At a glance"; nothing where nothing was forecast. */
export function headlinesHtml(headlines: readonly Headline[]): string {
  if (headlines.length === 0) return "";
  return [
    `<section id="at-a-glance" aria-labelledby="at-a-glance-title"><h2 id="at-a-glance-title">${both(WORDS.glance)}</h2>`,
    ...headlines.map(
      ({ title, lead, tables, lines, sentence }) =>
        `<h3>${escapeMarkup(title)}</h3><p>${switchable(lead)}</p>${tables.map(tableHtml).join("")}` +
        `${lines.map((line) => `<p>${switchable(line)}</p>`).join("")}` +
        `<p><strong>${switchable(sentence)}</strong></p>`,
    ),
    "</section>",
  ].join("");
}

function tableHtml({ caption, head, rows }: HeadlineTable): string {
  if (rows.length === 0) return "";
  const cells = (tag: string, texts: readonly Text[]) =>
    texts.map((text) => `<${tag}>${switchable(text)}</${tag.slice(0, 2)}>`).join("");
  return (
    `<div class="output wide"><table><caption>${switchable(caption)}</caption><thead><tr>${cells('th scope="col"', head)}</tr></thead>` +
    `<tbody>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</tbody></table></div>`
  );
}
