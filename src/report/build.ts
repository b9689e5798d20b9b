import { pageScripts, readAsset } from "../charts/assets.ts";
import { escapeMarkup } from "../charts/escape.ts";
import { htmlPage } from "../charts/page.ts";
import type { Effects } from "../core/effects.ts";
import { inputError, throwIfAborted } from "../core/errors.ts";
import { writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { both } from "./bilingual.ts";
import { cellAnchor, claimsHtml } from "./claims.ts";
import { coverHtml } from "./cover.ts";
import { factsHtml, type ReportFacts } from "./facts.ts";
import { type Heading, proseOf, unique } from "./markdown.ts";
import { type Cell, type Notebook, readNotebooks } from "./notebook.ts";
import { openingHtml } from "./opening.ts";
import { outputHtml } from "./outputs.ts";
import { recomputeHtml } from "./recompute.ts";
import { REPORT_STYLE } from "./style.ts";
import { LANGUAGES, type Language, type Text, WORDS } from "./words.ts";

export interface ReportFile {
  /** Relative to the workspace. */
  path: string;
  bytes: number;
  /** How many notebooks are in it. */
  notebooks: number;
}

/** Five megabytes, with room for the cover, the lists and what is more than a byte long. */
const MOST_BYTES = 4_800_000;

/** A section of the report's own, as the contents list names it. */
interface Section {
  id: string;
  text: Text;
}

interface Chapter {
  id: string;
  title: Text;
  html: string;
  headings: Record<Language, Heading[]>;
}

/**
 * Makes `report/index.html` of the executed notebooks in `report/notebooks/`: one file that opens offline and
 * forbids every request. The scripts that draw the figures stand in it once.
 * @throws CandlebookError `no_notebooks` where none was executed, `damaged_notebook`, `no_bundle`
 */
export async function buildReport(
  workspace: Workspace,
  facts: ReportFacts,
  effects: Effects = {},
): Promise<ReportFile> {
  throwIfAborted(effects.signal);
  const notebooks = await readNotebooks(inWorkspace(workspace, "report", "notebooks"));
  if (notebooks.length === 0) {
    throw inputError(
      "no_notebooks",
      "There is no executed notebook to report on.",
      "Run them first: candlebook notebooks.",
    );
  }
  const page = reportPage(notebooks, facts, effects);
  const path = "report/index.html";
  await writeFileWhole(inWorkspace(workspace, path), page);
  return { path, bytes: Buffer.byteLength(page), notebooks: notebooks.length };
}

/** The page as text. */
export function reportPage(
  notebooks: readonly Notebook[],
  facts: ReportFacts,
  { progress }: Effects = {},
): string {
  const { cover = {}, claims = [], openings = [], series = [] } = facts;
  const taken = new Set([
    "at-a-glance",
    "at-a-glance-title",
    "the-data",
    "the-data-title",
    "contents",
    "main",
    "all-code",
    "claims",
    "claims-title",
    "recompute",
    "recompute-title",
    "daily-tables",
  ]);
  const chapters = notebooks.map((notebook, i) => {
    progress?.({ stage: "report", note: notebook.name, done: i, total: notebooks.length });
    return chapterOf(notebook, taken);
  });
  const title = cover.title ?? "candlebook: from minutes to a forecast";
  const language = cover.language ?? "en";
  const scripts = [...pageScripts(), readAsset("report.min.js")];
  const filled = [...scripts, ...chapters.map(({ html }) => html)].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  const recompute = recomputeHtml(series, facts.source, MOST_BYTES - filled);
  const ownSections: Section[] = [
    ...(openings.length > 0 ? [{ id: "at-a-glance", text: WORDS.glance }] : []),
    ...(claims.length > 0 ? [{ id: "claims", text: WORDS.claims }] : []),
    ...(recompute === "" ? [] : [{ id: "recompute", text: WORDS.recompute }]),
    { id: "the-data", text: WORDS.theData },
  ];
  const body = [
    `<a class="skip" href="#main">${both(WORDS.skip)}</a>`,
    facts.source === "simulated"
      ? `<p class="simulated" role="note"><strong>SIMULATED.</strong> ${both(WORDS.simulated)}</p>`
      : "",
    `<header>${coverHtml(cover, title)}<div class="switches">`,
    ...LANGUAGES.map(
      (one) =>
        `<button type="button" data-language="${one}" aria-pressed="${one === language}">${LANGUAGE_NAMES[one]}</button>`,
    ),
    `<button id="all-code" type="button" aria-pressed="false">${both(WORDS.showCode)}</button></div></header>`,
    `<div class="page">${contents(chapters, ownSections)}<main id="main">`,
    openingHtml(openings),
    claims.length > 0 ? claimsHtml(claims, taken) : "",
    recompute,
    factsHtml(facts),
    ...chapters.map(
      ({ id, title: name, html }) =>
        `<section class="notebook" id="${escapeMarkup(id)}" aria-label="${escapeMarkup(name[language])}">${html}</section>`,
    ),
    "</main></div>",
  ].join("\n");
  return htmlPage({ title, language, style: REPORT_STYLE, body, scripts });
}

const LANGUAGE_NAMES = { en: "English", vi: "Tiếng Việt" } satisfies Text;

function chapterOf({ name, cells }: Notebook, taken: Set<string>): Chapter {
  const id = unique(name, taken);
  const headings: Chapter["headings"] = { en: [], vi: [] };
  const parts = cells.map((cell) => cellHtml(cell, id, taken, headings));
  const titleIn = (language: Language) => headings[language].find(({ level }) => level === 1)?.text ?? name;
  return { id, title: { en: titleIn("en"), vi: titleIn("vi") }, html: parts.join("\n"), headings };
}

function cellHtml(cell: Cell, prefix: string, taken: Set<string>, headings: Chapter["headings"]): string {
  if (cell.cell_type !== "code") return proseHtml(cell, prefix, taken, headings);
  if (cell.source.trim() === "") return "";
  const outputs = cell.outputs.map(outputHtml).filter((html) => html !== "");
  const code = `<pre tabindex="0"><code>${escapeMarkup(cell.source)}</code></pre>`;
  const anchor =
    cell.id === undefined ? "" : ` id="${escapeMarkup(unique(cellAnchor(prefix, cell.id), taken))}"`;
  return [
    `<div class="cell"${anchor}><details class="code"><summary>${both(WORDS.code)}</summary>${code}</details>`,
    ...outputs.map((html) => `<div class="output">${html}</div>`),
    "</div>",
  ].join("");
}

/** A text that stands in one language only is shown in every one. */
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

function contents(chapters: readonly Chapter[], own: readonly Section[]): string {
  const lists = LANGUAGES.map((language) => {
    const link = (id: string, text: string) => `<a href="#${escapeMarkup(id)}">${escapeMarkup(text)}</a>`;
    const items = chapters.map(({ id, title, headings }) => {
      const parts = headings[language]
        .filter(({ level }) => level === 2)
        .map((part) => `<li>${link(part.id, part.text)}</li>`);
      return `<li>${link(id, title[language])}${parts.length > 0 ? `<ol>${parts.join("")}</ol>` : ""}</li>`;
    });
    const first = own.map(({ id, text }) => `<li>${link(id, text[language])}</li>`);
    return `<ol lang="${language}">${first.join("")}${items.join("")}</ol>`;
  });
  return `<nav id="contents" aria-label="Contents"><h2>${both(WORDS.contents)}</h2>${lists.join("")}</nav>`;
}
