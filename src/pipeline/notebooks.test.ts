import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parameterDefaults } from "./notebooks.ts";
import { PROJECT_ROOT } from "./openWorkspace.ts";

interface Cell {
  cell_type: "markdown" | "code";
  id: string;
  source: string[];
  outputs?: unknown[];
  execution_count?: number | null;
  metadata: { tags?: string[]; vi?: string[] };
}

const folder = join(PROJECT_ROOT, "notebooks");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ipynb"))
  .sort();

describe.each(names)("%s", (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  const { cells } = JSON.parse(text) as { cells: Cell[] };
  const code = cells.filter((cell) => cell.cell_type === "code");
  const sources = code.map((cell) => cell.source.join(""));

  it("is committed without outputs", () => {
    expect(code.filter((cell) => cell.outputs?.length !== 0 || cell.execution_count !== null)).toEqual([]);
  });

  it("has thin cells: at most six lines, no loop, no file, no try", () => {
    expect(sources.filter((source) => source.split("\n").length > 6)).toEqual([]);
    const heavy = /\b(for|while|do|try|function|class|require|fetch|Deno|process)\b\s*[({.]|node:/;
    expect(sources.filter((source) => heavy.test(source))).toEqual([]);
  });

  it("imports from candlebook alone, and everything that it imports is used", () => {
    const imports = sources.flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from "([^"]*)"/g)]);
    expect(new Set(imports.map(([, , from]) => from))).toEqual(new Set(["candlebook"]));
    expect(sources.join("\n").match(/\bimport\b/g)?.length).toBe(imports.length);
    const all = sources.join("\n").replaceAll(/import \{[^}]*\}/g, "");
    const named = imports.flatMap(([, list]) => list.split(",").map((word) => word.trim()));
    expect(named.filter((word) => !new RegExp(`\\b${word}\\b`).test(all))).toEqual([]);
  });

  it("has SQL as a question through query alone", () => {
    const withSql = sources.filter((source) => /\bSELECT\b/.test(source));
    expect(withSql.filter((source) => !/\bquery\(workspace,/.test(source))).toEqual([]);
    expect(sources.filter((source) => /\b(INSERT|COPY|CREATE|DROP|ATTACH)\b/.test(source))).toEqual([]);
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

describe("start.md", () => {
  it("leads to every notebook, in their order", () => {
    const start = readFileSync(join(folder, "start.md"), "utf8");
    const links = [...start.matchAll(/\]\((week[\w-]+\.ipynb)\)/g)].map(([, link]) => link);
    expect(links).toEqual(names);
  });
});
