import { escapeMarkup } from "../charts/escape.ts";
import type { Language, Text } from "../core/text.ts";
import type { Cell, Notebook } from "../notebooks/executedNotebooks.ts";
import { both } from "./bilingual.ts";
import { cellAnchor } from "./claimsHtml.ts";
import { type Piece, wholePiece } from "./fit.ts";
import { type Heading, proseOf, unique } from "./markdown.ts";
import { outputHtml } from "./outputs.ts";
import { WORDS } from "./words.ts";

/** A notebook as a part of the page. */
export interface Chapter {
  id: string;
  title: Text;
  /** HTML; what the cells put out can be shortened. */
  parts: readonly (string | Piece)[];
  headings: Record<Language, Heading[]>;
}

/** @param taken ids that the page has; the chapter's are added */
export function chapterOf({ name, cells }: Notebook, taken: Set<string>): Chapter {
  const id = unique(name, taken);
  const headings: Chapter["headings"] = { en: [], vi: [] };
  const parts = cells.flatMap((cell) => cellParts(cell, id, taken, headings));
  const titleIn = (language: Language) => headings[language].find(({ level }) => level === 1)?.text ?? name;
  return { id, title: { en: titleIn("en"), vi: titleIn("vi") }, parts, headings };
}

/** The chapter's HTML with its outputs as they are now. */
export function chapterHtml({ parts }: Chapter): string {
  return parts.map((part) => (typeof part === "string" ? part : part.html)).join("");
}

/** What the chapter's cells put out. */
export function piecesOf({ parts }: Chapter): Piece[] {
  return parts.filter((part) => typeof part !== "string");
}

function cellParts(
  cell: Cell,
  prefix: string,
  taken: Set<string>,
  headings: Chapter["headings"],
): (string | Piece)[] {
  if (cell.cell_type !== "code") return [`${proseHtml(cell, prefix, taken, headings)}\n`];
  if (cell.source.trim() === "") return [];
  const outputs = cell.outputs.map(outputHtml).filter((html) => html !== "");
  const code = `<pre tabindex="0"><code>${escapeMarkup(cell.source)}</code></pre>`;
  const anchor = cell.id === undefined ? "" : escapeMarkup(unique(cellAnchor(prefix, cell.id), taken));
  const name = escapeMarkup([prefix, cell.id ?? []].flat().join(", "));
  return [
    `<div class="cell"${anchor === "" ? "" : ` id="${anchor}"`}>`,
    `<details class="code"><summary>${both(WORDS.code)}</summary>${code}</details>`,
    ...outputs.flatMap((html) => [`<div class="output">`, wholePiece(html, name, anchor), "</div>"]),
    "</div>\n",
  ];
}

/** A text in one language only is shown in every one. */
function proseHtml(
  { source, metadata }: Extract<Cell, { cell_type: "markdown" | "raw" }>,
  prefix: string,
  taken: Set<string>,
  headings: Chapter["headings"],
): string {
  const english = proseOf(source, prefix, taken);
  headings.en.push(...english.headings);
  if (metadata?.vi === undefined) {
    headings.vi.push(...english.headings);
    return english.html;
  }
  const vietnamese = proseOf(metadata.vi, `${prefix}-vi`, taken);
  headings.vi.push(...vietnamese.headings);
  return `<div lang="en">${english.html}</div><div lang="vi">${vietnamese.html}</div>`;
}
