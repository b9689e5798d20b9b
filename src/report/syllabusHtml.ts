import { escapeMarkup } from "../charts/escape.ts";
import type { Text } from "../core/text.ts";
import type { SyllabusRow } from "../course/syllabus.ts";
import { both } from "./bilingual.ts";
import { proofLink } from "./claimsHtml.ts";
import { WORDS } from "./words.ts";

/** The abstract: paragraphs with the run's own numbers; nothing where there are none. */
export function abstractHtml(paragraphs: readonly Text[]): string {
  if (paragraphs.length === 0) return "";
  return (
    `<section id="abstract" aria-labelledby="abstract-title"><h2 id="abstract-title">${both(WORDS.abstract)}</h2>` +
    `${paragraphs.map((text) => `<p>${both(text)}</p>`).join("")}</section>`
  );
}

/**
 * The table "what the syllabus required / what was done", each line with its evidence.
 * @param anchors the ids that the page has: a proof that is not among them is no link
 */
export function syllabusHtml(rows: readonly SyllabusRow[], anchors: ReadonlySet<string>): string {
  if (rows.length === 0) return "";
  const heads = [WORDS.week, WORDS.asked, WORDS.done, WORDS.evidence, WORDS.proof];
  const lines = rows.map(({ week, asked, done, evidence, proof }) => {
    const cells = [both(asked), both(done), both(evidence), proofLink(week, proof, anchors)];
    return `<tr><td>${escapeMarkup(String(week))}</td>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return [
    `<section id="syllabus" aria-labelledby="syllabus-title"><h2 id="syllabus-title">${both(WORDS.syllabus)}</h2>`,
    `<div class="output wide"><table class="claims"><thead><tr>`,
    ...heads.map((head) => `<th scope="col">${both(head)}</th>`),
    `</tr></thead><tbody>${lines.join("")}</tbody></table></div></section>`,
  ].join("");
}
