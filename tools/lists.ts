// Writes the lists of weeks, models and losses into the pages that show them: npm run lists
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../src/core/projectRoot.ts";
import { WEEKS } from "../src/course/weeks.ts";
import { LOSSES } from "../src/evaluation/losses.ts";
import { forecasters } from "../src/forecast/registry.ts";

interface List {
  path: string;
  /** The head of its table, which no other table of the page has. */
  head: string[];
  rows(): string[][];
}

/** The lists that are made from code, by page. */
export const LISTS: readonly List[] = [
  {
    path: "README.md",
    head: ["notebook", "shows"],
    rows: () => WEEKS.map(({ notebook, shows }) => [`[${notebook}](notebooks/${notebook}.ipynb)`, shows.en]),
  },
  {
    path: "notebooks/start.md",
    head: ["week", "notebook", "shows"],
    rows: () =>
      WEEKS.map(({ week, notebook, shows }) => [
        String(week),
        `[${titleOf(notebook)}](${notebook}.ipynb)`,
        shows.en,
      ]),
  },
  {
    path: "docs/semantics.md",
    head: ["model", "name", "point forecast; band", "needs"],
    rows: () =>
      forecasters().map(({ name, title, method, needs: { days, columns } }) => [
        `\`${name}\``,
        title.en,
        method.en,
        `${days} days of ${columns.join(", ")}`,
      ]),
  },
  {
    path: "docs/semantics.md",
    head: ["score", "meaning", "unit", "better"],
    rows: () =>
      Object.entries(LOSSES).map(([name, { text, unit, better }]) => [
        `\`${name}\``,
        text.en,
        unit.en,
        typeof better === "number" ? `near ${better}` : better,
      ]),
  },
];

const table = (rows: string[][]) => rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The first heading of a notebook. */
function titleOf(notebook: string): string {
  const text = readFileSync(join(PROJECT_ROOT, "notebooks", `${notebook}.ipynb`), "utf8");
  const { cells } = JSON.parse(text) as { cells: { source: string[] }[] };
  return cells[0].source[0].replace(/^# /, "").trim();
}

/**
 * The page of a list: as it is, and as the code wants it.
 * @throws Error where the page has no table of that head
 */
export function pageWith({ path, head, rows }: List): { now: string; wanted: string } {
  const now = readFileSync(join(PROJECT_ROOT, path), "utf8");
  const start = now.indexOf(`${table([head])}\n`);
  if (start < 0) throw new Error(`${path} has no table with the head ${table([head])}`);
  const end = now.indexOf("\n\n", start);
  const wanted = `${table([head])}\n|${head.map(() => "---").join("|")}|\n${table(rows())}`;
  return { now, wanted: now.slice(0, start) + wanted + now.slice(end) };
}

if (process.argv[1] === import.meta.filename) {
  for (const list of LISTS) {
    const { now, wanted } = pageWith(list);
    if (now !== wanted) writeFileSync(join(PROJECT_ROOT, list.path), wanted);
    process.stdout.write(`${list.path}: ${list.head[0]}s ${now === wanted ? "as they were" : "written"}\n`);
  }
}
