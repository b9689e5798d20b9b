// Writes the tables of the weeks into README.md and notebooks/start.md: npm run weeks
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../src/core/projectRoot.ts";
import { WEEKS } from "../src/course/weeks.ts";

const table = (...rows: string[][]) => rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The pages that list the weeks, by path: the head of the table and a row for each week. */
const TABLES: Record<string, { head: string[]; row(week: (typeof WEEKS)[number]): string[] }> = {
  "README.md": {
    head: ["notebook", "shows"],
    row: ({ notebook, shows }) => [`[${notebook}](notebooks/${notebook}.ipynb)`, shows.en],
  },
  "notebooks/start.md": {
    head: ["week", "notebook", "shows"],
    row: ({ week, notebook, shows }) => [String(week), `[${titleOf(notebook)}](${notebook}.ipynb)`, shows.en],
  },
};

/** The first heading of a notebook. */
function titleOf(notebook: string): string {
  const text = readFileSync(join(PROJECT_ROOT, "notebooks", `${notebook}.ipynb`), "utf8");
  const { cells } = JSON.parse(text) as { cells: { source: string[] }[] };
  return cells[0].source[0].replace(/^# /, "").trim();
}

/** The pages that list the weeks, by path: as they are, and as src/course/weeks.ts wants them. */
export function weekPages(): { path: string; now: string; wanted: string }[] {
  return Object.entries(TABLES).map(([path, { head, row }]) => {
    const now = readFileSync(join(PROJECT_ROOT, path), "utf8");
    const line = head.map(() => "---");
    const start = now.indexOf(table(head));
    const end = now.indexOf("\n\n", start);
    const rows = `${table(head)}\n|${line.join("|")}|\n${table(...WEEKS.map(row))}`;
    return { path, now, wanted: start < 0 ? rows : now.slice(0, start) + rows + now.slice(end) };
  });
}

if (process.argv[1] === import.meta.filename) {
  for (const { path, now, wanted } of weekPages()) {
    if (now !== wanted) writeFileSync(join(PROJECT_ROOT, path), wanted);
    process.stdout.write(`${path}: ${now === wanted ? "as it was" : "written"}\n`);
  }
}
