import { pageScripts, readAsset } from "../charts/assets.ts";
import { escapeMarkup, labelAttributes } from "../charts/escape.ts";
import { htmlPage, languageButtons } from "../charts/page.ts";
import type { Effects } from "../core/effects.ts";
import { throwIfAborted } from "../core/errors.ts";
import { writeFileWhole } from "../core/files.ts";
import { LANGUAGES, sameText, type Text } from "../core/text.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { type Notebook, readNotebooks } from "../notebooks/executedNotebooks.ts";
import { architectureHtml } from "./architecture.ts";
import { both } from "./bilingual.ts";
import { type Chapter, chapterHtml, chapterOf, piecesOf } from "./chapter.ts";
import { claimsHtml } from "./claimsHtml.ts";
import { coverHtml } from "./cover.ts";
import { factsHtml, type ReportFacts } from "./facts.ts";
import { shorten, shortenedHtml } from "./fit.ts";
import { headlinesHtml } from "./headlineHtml.ts";
import { limitationsHtml } from "./limitations.ts";
import { recomputeHtml } from "./recompute.ts";
import { REPORT_STYLE } from "./style.ts";
import { abstractHtml, syllabusHtml } from "./syllabusHtml.ts";
import { WORDS } from "./words.ts";

export interface ReportFile {
  /** Relative to the workspace. */
  path: string;
  bytes: number;
  /** How many notebooks are in it. */
  notebooks: number;
}

/** The usual limit of a mail or a course page. */
export const MOST_BYTES = 5_000_000;

/** The recomputation's own text, and an option for each symbol. */
const SECTION_BYTES = 20_000;

/** The sections and other parts of the page itself: no notebook's heading may have their ids. */
const OWN_IDS =
  "abstract at-a-glance syllabus claims architecture recompute the-data limits references".split(" ");
const OTHER_IDS = ["contents", "contents-title", "main", "all-code", "daily-tables", "arrow-head"];

/** A section of the report's own, as the contents list names it. */
interface Section {
  id: string;
  text: Text;
}

interface Part extends Section {
  html: string;
}

/**
 * Makes `report/index.html` of the executed notebooks in `report/notebooks/`: one file that opens offline and
 * forbids every request. The scripts that draw the figures are in it once.
 * @throws CandlebookError `damaged_notebook`, `no_bundle`
 */
export async function buildReport(
  workspace: Workspace,
  facts: ReportFacts,
  effects: Effects = {},
): Promise<ReportFile> {
  throwIfAborted(effects.signal);
  const notebooks = await readNotebooks(inWorkspace(workspace, "report", "notebooks"));
  const page = reportPage(notebooks, facts, effects);
  const path = "report/index.html";
  await writeFileWhole(inWorkspace(workspace, path), page);
  return { path, bytes: Buffer.byteLength(page), notebooks: notebooks.length };
}

/**
 * The page as text, of five megabytes at most: where there is more, the largest figures lose their interactive form,
 * and the page says which.
 */
export function reportPage(
  notebooks: readonly Notebook[],
  facts: ReportFacts,
  { progress }: Effects = {},
): string {
  const { source, series = [] } = facts;
  const taken = new Set([...OWN_IDS.flatMap((id) => [id, `${id}-title`]), ...OTHER_IDS]);
  const chapters = notebooks.map((notebook, i) => {
    progress?.({ stage: "report", note: notebook.name, done: i, total: notebooks.length });
    return chapterOf(notebook, taken);
  });
  const pieces = chapters.flatMap(piecesOf);
  // One symbol can always be computed in the page; the others where there is room.
  const first = recomputeHtml(series.slice(0, 1), source, MOST_BYTES);
  const without = (section: string) =>
    MOST_BYTES - Buffer.byteLength(pageOf(chapters, facts, taken, section));
  while (without(first) < 0 && shorten(pieces, -without(first)));
  const all = recomputeHtml(series, source, without("") - SECTION_BYTES);
  return pageOf(chapters, facts, taken, all === "" ? first : all);
}

function pageOf(
  chapters: readonly Chapter[],
  facts: ReportFacts,
  taken: ReadonlySet<string>,
  recompute: string,
): string {
  const { cover = {}, claims = [], headlines = [] } = facts;
  const language = cover.language ?? "en";
  const title = cover.title === undefined ? WORDS.title : sameText(cover.title);
  const scripts = [...pageScripts(), readAsset("report.min.js")];
  const shortened = shortenedHtml(chapters.flatMap(piecesOf));
  const before: Part[] = [
    { id: "at-a-glance", text: WORDS.glance, html: headlinesHtml(headlines) },
    { id: "abstract", text: WORDS.abstract, html: abstractHtml(facts.abstract ?? []) },
    { id: "syllabus", text: WORDS.syllabus, html: syllabusHtml(facts.syllabus ?? [], taken) },
    { id: "claims", text: WORDS.claims, html: claims.length > 0 ? claimsHtml(claims, taken) : "" },
    { id: "architecture", text: WORDS.architecture, html: architectureHtml() },
    { id: "recompute", text: WORDS.recompute, html: recompute },
    { id: "the-data", text: WORDS.theData, html: factsHtml(facts, shortened) },
  ].filter(({ html }) => html !== "");
  // On paper and on a phone the verdict is above the contents.
  const glance = before.find(({ id }) => id === "at-a-glance");
  const others = before.filter((part) => part !== glance);
  const after: Section[] = [
    { id: "limits", text: WORDS.limits },
    { id: "references", text: WORDS.references },
  ];
  const body = [
    `<a class="skip" href="#main">${both(WORDS.skip)}</a>`,
    facts.source === "simulated"
      ? `<p class="simulated" role="note"><strong>${both(WORDS.simulatedMark)}</strong> ${both(WORDS.simulated)}</p>`
      : "",
    `<header>${coverHtml(cover)}<div class="switches">`,
    languageButtons(language),
    `<button id="all-code" type="button" aria-pressed="false">${both(WORDS.showCode)}</button></div></header>`,
    `<main id="main" class="page">${glance?.html ?? ""}${contents(before, chapters, after)}<div class="rest">`,
    ...others.map(({ html }) => html),
    ...chapters.map(
      (chapter) =>
        `<section class="notebook" id="${escapeMarkup(chapter.id)}"${labelAttributes(chapter.title)}>${chapterHtml(chapter)}</section>`,
    ),
    limitationsHtml(),
    "</div></main>",
  ].join("\n");
  return htmlPage({ title, language, style: REPORT_STYLE, body, scripts, workers: true });
}

function contents(
  before: readonly Section[],
  chapters: readonly Chapter[],
  after: readonly Section[],
): string {
  const lists = LANGUAGES.map((language) => {
    const link = (id: string, text: string) => `<a href="#${escapeMarkup(id)}">${escapeMarkup(text)}</a>`;
    const items = chapters.map(({ id, title, headings }) => {
      const parts = headings[language]
        .filter(({ level }) => level === 2)
        .map((part) => `<li>${link(part.id, part.text)}</li>`);
      return `<li>${link(id, title[language])}${parts.length > 0 ? `<ol>${parts.join("")}</ol>` : ""}</li>`;
    });
    const own = (sections: readonly Section[]) =>
      sections.map(({ id, text }) => `<li>${link(id, text[language])}</li>`).join("");
    return `<ol lang="${language}">${own(before)}${items.join("")}${own(after)}</ol>`;
  });
  return `<nav id="contents" aria-labelledby="contents-title"><details><summary><h2 id="contents-title">${both(WORDS.contents)}</h2></summary>${lists.join("")}</details></nav>`;
}
