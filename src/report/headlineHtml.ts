import { escapeMarkup } from "../charts/escape.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

/** A table as the report shows it: text as it stands. */
export interface HeadlineTable {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** What the report opens with, for one symbol: the forecast in a few numbers, and how far to trust it. */
export interface Headline {
  title: string;
  lead: string;
  tables: readonly HeadlineTable[];
  /** The sentence a person needs before believing any of it. */
  sentence: string;
}

/** The section "At a glance"; nothing where nothing was forecast. */
export function headlinesHtml(headlines: readonly Headline[]): string {
  if (headlines.length === 0) return "";
  return [
    `<section id="at-a-glance" aria-labelledby="at-a-glance-title"><h2 id="at-a-glance-title">${both(WORDS.glance)}</h2>`,
    ...headlines.map(
      ({ title, lead, tables, sentence }) =>
        `<h3>${escapeMarkup(title)}</h3><p>${escapeMarkup(lead)}</p>${tables.map(tableHtml).join("")}` +
        `<p><strong>${escapeMarkup(sentence)}</strong></p>`,
    ),
    "</section>",
  ].join("");
}

function tableHtml({ caption, head, rows }: HeadlineTable): string {
  if (rows.length === 0) return "";
  const cells = (tag: string, texts: readonly string[]) =>
    texts.map((text) => `<${tag}>${escapeMarkup(text)}</${tag.slice(0, 2)}>`).join("");
  return (
    `<div class="output wide"><table><caption>${escapeMarkup(caption)}</caption><thead><tr>${cells('th scope="col"', head)}</tr></thead>` +
    `<tbody>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</tbody></table></div>`
  );
}
