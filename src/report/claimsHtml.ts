import { escapeMarkup } from "../charts/escape.ts";
import type { CellPlace, DecidedClaim } from "../course/claims.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

/** The anchor of a notebook's code cell. */
export function cellAnchor(notebook: string, cell: string): string {
  return `${notebook}-cell-${cell}`;
}

/** The way to a cell, where the page has it. */
export function proofLink(week: number, { notebook, cell }: CellPlace, anchors: ReadonlySet<string>): string {
  const anchor = cellAnchor(notebook, cell);
  const label = `${both(WORDS.week)} ${week}, ${both(WORDS.cell)} <code>${escapeMarkup(cell)}</code>`;
  return anchors.has(anchor) ? `<a href="#${escapeMarkup(anchor)}">${label}</a>` : label;
}

/**
 * The lecturer's table: what was required, what is claimed, the number, the verdict, and where it is shown.
 * @param anchors the ids that the page has: a proof that is not among them is no link
 */
export function claimsHtml(claims: readonly DecidedClaim[], anchors: ReadonlySet<string>): string {
  const heads = [WORDS.week, WORDS.asked, WORDS.claim, WORDS.value, WORDS.verdict, WORDS.proof];
  const rows = claims.map(({ week, asked, claim, value, holds, proof }) => {
    const [verdict, kind] =
      holds === null ? [WORDS.open, "open"] : holds ? [WORDS.holds, "holds"] : [WORDS.fails, "fails"];
    const link = proofLink(week, proof, anchors);
    const cells = [escapeMarkup(String(week)), both(asked), both(claim), both(value)]
      .map((html) => `<td>${html}</td>`)
      .join("");
    return `<tr>${cells}<td class="verdict ${kind}">${both(verdict)}</td><td>${link}</td></tr>`;
  });
  return [
    `<section id="claims" aria-labelledby="claims-title"><h2 id="claims-title">${both(WORDS.claims)}</h2>`,
    `<p>${both(WORDS.claimsIntro)}</p><div class="output wide"><table class="claims"><thead><tr>`,
    ...heads.map((head) => `<th scope="col">${both(head)}</th>`),
    `</tr></thead><tbody>${rows.join("")}</tbody></table></div></section>`,
  ].join("");
}
