// Writes the lists of folders, weeks, models and losses into the pages that show them: npm run lists
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../src/core/projectRoot.ts";
import { WEEKS } from "../src/course/weeks.ts";
import { LOSSES } from "../src/evaluation/losses.ts";
import { forecasters } from "../src/forecast/registry.ts";

/** A folder of `src`: what it holds, and what it may import; of `types` the types alone. */
interface Room {
  holds: string;
  imports: string[];
  types?: string[];
  /** Whether it may read the machine's clock and environment. */
  machine?: true;
}

const rooms: Record<string, Room> = JSON.parse(
  readFileSync(join(PROJECT_ROOT, "environment", "rooms.json"), "utf8"),
);

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
    path: "docs/architecture.md",
    head: ["folder", "holds", "may import", "clock"],
    rows: () => [
      ...Object.entries(rooms).map(([room, { holds, imports, types, machine }]) => [
        `\`${room}\``,
        holds,
        (imports.join(", ") || "nothing of ours") +
          (types === undefined ? "" : `; of ${types.join(", ")} the types alone`),
        machine ? "yes" : "",
      ]),
      ["`cli`", "one file per command: parse, call, print", "anything; nobody imports it", "yes"],
    ],
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
