import { pageScripts, readAsset } from "../charts/assets.ts";
import { escapeMarkup } from "../charts/escape.ts";
import { htmlPage } from "../charts/page.ts";
import { SOURCE_LABELS } from "../charts/theme.ts";
import type { Effects } from "../core/effects.ts";
import { inputError, throwIfAborted } from "../core/errors.ts";
import { writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { factsHtml, type ReportFacts } from "./facts.ts";
import { type Heading, proseOf, unique } from "./markdown.ts";
import { type Cell, type Notebook, readNotebooks } from "./notebook.ts";
import { openingHtml } from "./opening.ts";
import { outputHtml } from "./outputs.ts";
import { REPORT_STYLE } from "./style.ts";

export interface ReportFile {
  /** Relative to the workspace. */
  path: string;
  bytes: number;
  /** How many notebooks are in it. */
  notebooks: number;
}

interface Chapter {
  id: string;
  title: string;
  html: string;
  headings: Heading[];
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
  const taken = new Set([
    "at-a-glance",
    "at-a-glance-title",
    "the-data",
    "the-data-title",
    "contents",
    "main",
    "all-code",
  ]);
  const chapters = notebooks.map((notebook, i) => {
    progress?.({ stage: "report", note: notebook.name, done: i, total: notebooks.length });
    return chapterOf(notebook, taken);
  });
  const title = facts.title ?? "candlebook: from minutes to a forecast";
  const body = [
    `<a class="skip" href="#main">Skip to the text</a>`,
    facts.source === "simulated"
      ? `<p class="simulated" role="note"><strong>SIMULATED.</strong> ${escapeMarkup(SOURCE_LABELS.simulated)}.</p>`
      : "",
    `<header><h1>${escapeMarkup(title)}</h1>`,
    `<button id="all-code" type="button" aria-pressed="false">Show all code</button></header>`,
    `<div class="page">${contents(chapters, (facts.openings ?? []).length > 0)}<main id="main">`,
    openingHtml(facts.openings ?? []),
    factsHtml(facts),
    ...chapters.map(
      ({ id, title: name, html }) =>
        `<section class="notebook" id="${escapeMarkup(id)}" aria-label="${escapeMarkup(name)}">${html}</section>`,
    ),
    "</main></div>",
  ].join("\n");
  const scripts = [...pageScripts(), readAsset("report.min.js")];
  return htmlPage({ title, language: "en", style: REPORT_STYLE, body, scripts });
}

function chapterOf({ name, cells }: Notebook, taken: Set<string>): Chapter {
  const id = unique(name, taken);
  const headings: Heading[] = [];
  const parts = cells.map((cell) => cellHtml(cell, id, taken, headings));
  const title = headings.find(({ level }) => level === 1)?.text ?? name;
  return { id, title, html: parts.join("\n"), headings };
}

function cellHtml(cell: Cell, prefix: string, taken: Set<string>, headings: Heading[]): string {
  if (cell.cell_type !== "code") {
    const prose = proseOf(cell.source, prefix, taken);
    headings.push(...prose.headings);
    return prose.html;
  }
  if (cell.source.trim() === "") return "";
  const outputs = cell.outputs.map(outputHtml).filter((html) => html !== "");
  const code = `<pre><code>${escapeMarkup(cell.source)}</code></pre>`;
  return [
    `<details class="code"><summary>Code</summary>${code}</details>`,
    ...outputs.map((html) => `<div class="output">${html}</div>`),
  ].join("");
}

function contents(chapters: readonly Chapter[], opens: boolean): string {
  const link = (id: string, text: string) => `<a href="#${escapeMarkup(id)}">${escapeMarkup(text)}</a>`;
  const items = chapters.map(({ id, title, headings }) => {
    const parts = headings
      .filter(({ level }) => level === 2)
      .map((part) => `<li>${link(part.id, part.text)}</li>`);
    return `<li>${link(id, title)}${parts.length > 0 ? `<ol>${parts.join("")}</ol>` : ""}</li>`;
  });
  return `<nav id="contents" aria-label="Contents"><h2>Contents</h2><ol>${opens ? `<li>${link("at-a-glance", "At a glance")}</li>` : ""}<li>${link("the-data", "The data")}</li>${items.join("")}</ol></nav>`;
}
