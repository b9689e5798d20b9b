import { escapeMarkup, switchable } from "../charts/escape.ts";
import { formatNumber, SOURCE_LABELS } from "../charts/theme.ts";
import { asText, sameText, type Text } from "../core/text.ts";
import type { DecidedClaim } from "../course/claims.ts";
import type { SyllabusRow } from "../course/syllabus.ts";
import type { Series } from "../forecast/forecaster.ts";
import { both } from "./bilingual.ts";
import type { Cover } from "./cover.ts";
import type { Headline } from "./headlineHtml.ts";
import { WORDS } from "./words.ts";

/** What the report says of the data it was made from. */
export interface ReportFacts {
  /** From `report.json`: title, author and the like. */
  cover?: Cover;
  /** The claims with their numbers; none: no lecturer's page. */
  claims?: readonly DecidedClaim[];
  source: keyof typeof SOURCE_LABELS;
  /** Paragraphs with the run's numbers. */
  abstract?: readonly Text[];
  /** What each week required, and what was done. */
  syllabus?: readonly SyllabusRow[];
  /** What the models see: the page computes from them. */
  series?: readonly Series[];
  /** What the page opens with; nothing where nothing was forecast. */
  headlines?: readonly Headline[];
  /** The instant that counted as the present, ISO 8601. */
  now: string;
  /** The files that were read; only the last part of a name is shown. */
  files: readonly { name: string; bytes: number; sha256: string; rows?: number }[];
  /** The published tables. */
  tables: readonly { table: string; rows: number; version: string }[];
  /** Of candlebook and of what it ran on: name → version. */
  versions: Readonly<Record<string, string>>;
}

/**
 * The section "The data": source, files with their hashes, tables, versions.
 * @param note HTML to end with
 */
export function factsHtml({ source, now, files, tables, versions }: ReportFacts, note = ""): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `<section id="the-data" aria-labelledby="the-data-title"><h2 id="the-data-title">${both(WORDS.theData)}</h2>`,
    `<p>${switchable(SOURCE_LABELS[source])}. ${both(WORDS.present)}: ${escapeMarkup(minuteOf(now))}. `,
    `${both(WORDS.madeWith)} ${escapeMarkup(used.join(", "))}.</p>`,
    tableOf(
      WORDS.files,
      [{ en: "file", vi: "tệp" }, { en: "bytes", vi: "số byte" }, WORDS.rows, sameText("SHA-256")],
      files.map(({ name, bytes, sha256, rows }) => [
        name.split(/[\\/]/).pop() ?? "",
        formatNumber(bytes),
        rows === undefined ? "–" : formatNumber(rows),
        sha256,
      ]),
    ),
    tableOf(
      WORDS.tables,
      [{ en: "table", vi: "bảng" }, WORDS.rows, { en: "version", vi: "phiên bản" }],
      tables.map(({ table, rows, version }) => [table, formatNumber(rows), version]),
    ),
    `${note}</section>`,
  ].join("");
}

function minuteOf(instant: string): string {
  return instant.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, "$1 $2 UTC");
}

function tableOf(
  caption: Text,
  head: readonly Text[],
  rows: readonly (readonly (string | Text)[])[],
): string {
  if (rows.length === 0) return "";
  const line = (tag: string, cells: readonly Text[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${switchable(cell)}</${tag.slice(0, 2)}>`).join("")}</tr>`;
  return [
    `<details class="facts"><summary>${both(caption)} (${rows.length})</summary><div class="wide" tabindex="0" role="group" aria-labelledby="the-data-title"><table>`,
    `<thead>${line('th scope="col"', head)}</thead>`,
    `<tbody translate="no">${rows.map((row) => line("td", row.map(asText))).join("")}</tbody></table></div></details>`,
  ].join("");
}
