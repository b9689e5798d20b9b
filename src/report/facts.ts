import { escapeMarkup } from "../charts/escape.ts";
import { formatNumber, SOURCE_LABELS } from "../charts/theme.ts";
import type { Opening } from "./opening.ts";

/** What the report says of the data it was made from. */
export interface ReportFacts {
  /** What the page is called; "candlebook: from minutes to a forecast" where nothing is said. */
  title?: string;
  source: keyof typeof SOURCE_LABELS;
  /** What the page opens with; nothing where nothing was forecast. */
  openings?: readonly Opening[];
  /** The instant that counted as the present, ISO 8601. */
  now: string;
  /** The files that were read; only the last part of a name is shown. */
  files: readonly { name: string; bytes: number; sha256: string; rows?: number }[];
  /** The published tables. */
  tables: readonly { table: string; rows: number; version: string }[];
  /** Of candlebook and of what it ran on: name → version. */
  versions: Readonly<Record<string, string>>;
}

/** The section "The data": source, files with their hashes, tables, versions. */
export function factsHtml({ source, now, files, tables, versions }: ReportFacts): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `<section id="the-data" aria-labelledby="the-data-title"><h2 id="the-data-title">The data</h2>`,
    `<p>${escapeMarkup(SOURCE_LABELS[source])}. Counted as the present: ${escapeMarkup(now)}. `,
    `Made with ${escapeMarkup(used.join(", "))}.</p>`,
    tableOf(
      "Files",
      "open",
      ["file", "bytes", "rows", "SHA-256"],
      files.map(({ name, bytes, sha256, rows }) => [
        name.split(/[\\/]/).pop() ?? "",
        formatNumber(bytes),
        rows === undefined ? "–" : formatNumber(rows),
        sha256,
      ]),
    ),
    tableOf(
      "Published tables",
      "closed",
      ["table", "rows", "version"],
      tables.map(({ table, rows, version }) => [table, formatNumber(rows), version]),
    ),
    `</section>`,
  ].join("");
}

function tableOf(
  caption: string,
  state: "open" | "closed",
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return "";
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeMarkup(cell)}</${tag.slice(0, 2)}>`).join("")}</tr>`;
  return [
    `<details class="facts"${state === "open" ? " open" : ""}><summary>${escapeMarkup(caption)} (${rows.length})</summary><div class="wide"><table>`,
    `<thead>${line('th scope="col"', head)}</thead>`,
    `<tbody>${rows.map((row) => line("td", row)).join("")}</tbody></table></div></details>`,
  ].join("");
}
