import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../core/projectRoot.ts";
import { WEEKS } from "../course/weeks.ts";
import { parameterDefaults } from "./notebookTasks.ts";

interface Cell {
  cell_type: "markdown" | "code";
  id: string;
  source: string[];
  outputs?: unknown[];
  execution_count?: number | null;
  metadata: { tags?: string[]; vi?: string[] };
}

const folder = join(PROJECT_ROOT, "notebooks");
const names = WEEKS.map(({ notebook }) => `${notebook}.ipynb`);

/** What a cell must not do: it chooses, calls and shows. */
function cellFaults(source: string): string[] {
  const rules: [string, boolean][] = [
    ["more than six lines", source.split("\n").length > 6],
    ["a loop", /\b(for|while|do)\b\s*[({]|\.forEach\(/.test(source)],
    ["a file or a process", /\b(require|fetch|Deno|process)\b\s*[({.]|node:/.test(source)],
    ["code of its own", /\b(try|function|class)\b\s*[({\w]/.test(source)],
    [
      "SQL that is no question through query",
      /\bSELECT\b/.test(source) && !/\bquery\(workspace,/.test(source),
    ],
    ["words in one language", /\bcaption: ["`]|\bshow\(["`]/.test(source)],
    ["SQL that changes something", /\b(INSERT|UPDATE|DELETE|COPY|CREATE|DROP|ATTACH)\b/.test(source)],
  ];
  return rules.filter(([, broken]) => broken).map(([fault]) => fault);
}

describe("the rules of a cell", () => {
  it.each([
    ["more than six lines", "1;\n2;\n3;\n4;\n5;\n6;\n7;"],
    ["a loop", "for (const day of days) total += day.close;"],
    ["a loop", "days.forEach((day) => show(day));"],
    ["a file or a process", 'import { readFile } from "node:fs";'],
    ["a file or a process", 'await fetch("https://example.invalid");'],
    ["code of its own", "function mean(days) { return 1; }"],
    ["code of its own", "try { await merge(workspace); } catch {}"],
    ["SQL that is no question through query", "await lake.rows(`SELECT 1`);"],
    ["words in one language", 'await show("The balance holds.");'],
    ["words in one language", "await show(rows, { caption: `The rows` });"],
    ["SQL that changes something", 'await query(workspace, "DROP TABLE gaps");'],
  ])("find %s", (fault, source) => {
    expect(cellFaults(source)).toContain(fault);
  });

  it("let a thin cell pass", () => {
    expect(cellFaults('await show(await query(workspace, "SELECT 1"));')).toEqual([]);
  });
});

describe.each(WEEKS)("$notebook", ({ notebook, exercises }) => {
  const text = readFileSync(join(folder, `${notebook}.ipynb`), "utf8");
  const { cells } = JSON.parse(text) as { cells: Cell[] };
  const code = cells.filter((cell) => cell.cell_type === "code");
  const sources = code.map((cell) => cell.source.join(""));

  it("is committed without outputs", () => {
    expect(code.filter((cell) => cell.outputs?.length !== 0 || cell.execution_count !== null)).toEqual([]);
  });

  it("has thin cells", () => {
    const found = code.flatMap(({ id, source }) =>
      cellFaults(source.join("")).map((fault) => `${id}: ${fault}`),
    );
    expect(found).toEqual([]);
  });

  it("imports from candlebook alone, and everything that it imports is used", () => {
    const imports = sources.flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from "([^"]*)"/g)]);
    expect(new Set(imports.map(([, , from]) => from))).toEqual(new Set(["candlebook"]));
    expect(sources.join("\n").match(/\bimport\b/g)?.length).toBe(imports.length);
    const all = sources.join("\n").replaceAll(/import \{[^}]*\}/g, "");
    const named = imports.flatMap(([, list]) => list.split(",").map((word) => word.trim()));
    expect(named.filter((word) => !new RegExp(`\\b${word}\\b`).test(all))).toEqual([]);
  });

  it("has one parameters cell, tagged", () => {
    const tagged = code.filter((cell) => cell.metadata.tags?.includes("parameters"));
    expect(tagged).toHaveLength(1);
    expect(tagged[0].source.join("")).toMatch(/await parameters\(workspace, \{/);
    expect(Object.keys(parameterDefaults(text))).toContain("symbol");
  });

  it("says first what is learned, asks questions at its end, and has words before every second cell at least", () => {
    expect(cells[0].source.join("")).toMatch(/^# Week \d: .*You will learn/s);
    expect(cells.filter((cell) => /^## Questions to try/.test(cell.source.join("")))).toHaveLength(1);
    const kinds = cells.map((cell) => (cell.cell_type === "code" ? "c" : "m")).join("");
    expect(kinds).not.toContain("ccc");
  });

  it("tells with each question what to expect", () => {
    const questions = cells.find(({ id }) => id === exercises) as Cell;
    for (const lines of [questions.source, questions.metadata.vi ?? []]) {
      const asked = lines.filter((line) => /^\d+\. /.test(line));
      expect(asked.length).toBeGreaterThanOrEqual(3);
      expect(asked.filter((line) => !/ \*[^*]+\*\n?$/.test(line))).toEqual([]);
    }
  });

  it("has each text in Vietnamese too, with the same headings, links and code", () => {
    const texts = cells.filter((cell) => cell.cell_type === "markdown");
    const formOf = (lines: readonly string[]) => ({
      headings: lines.filter((line) => line.startsWith("#")).map((line) => line.split(" ")[0]),
      links: lines.flatMap((line) => line.match(/\]\([^)]*\)/g) ?? []),
      items: lines.filter((line) => /^(- |\d+\. |\|)/.test(line)).length,
    });
    for (const { id, source, metadata } of texts) {
      expect({ id, ...formOf(metadata.vi ?? []) }).toEqual({ id, ...formOf(source) });
    }
  });

  it("has an id for each cell, once", () => {
    const ids = cells.map((cell) => cell.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][a-z0-9-]*$/.test(id))).toEqual([]);
  });

  it("links to notebooks that are there", () => {
    const links = [...text.matchAll(/\]\(([\w-]+\.ipynb)\)/g)].map(([, link]) => link);
    expect(links.filter((link) => !names.includes(link))).toEqual([]);
  });
});

describe("parameterDefaults", () => {
  it("finds names and defaults, and none where there is no parameters cell", () => {
    const cell = 'await parameters(workspace, { symbol: "first", days: 90, open: true })';
    expect(parameterDefaults(JSON.stringify(cell))).toEqual({ symbol: "first", days: "90", open: "true" });
    expect(parameterDefaults("await show(1)")).toEqual({});
  });
});
