import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../core/projectRoot.ts";
import { WEEKS, weekOf } from "./weeks.ts";

const read = (...path: string[]) => readFileSync(join(PROJECT_ROOT, ...path), "utf8");

/** A stage that publishes, as notebooks import it, and a table that it makes. */
const STAGES: Record<string, string> = {
  ingest: "btc_minutes",
  clean: "btc_clean",
  daily: "daily_batch",
  closeGaps: "gaps",
  consume: "streaming_output",
  snapshot: "streaming_output_batch",
  merge: "daily_filled",
  results: "results",
  forecast: "prophet_forecasts",
};

describe.each(WEEKS)("$notebook", ({ week, notebook, makes, cell, exercises, claims }) => {
  const { cells } = JSON.parse(read("notebooks", `${notebook}.ipynb`)) as {
    cells: { id: string; cell_type: string; source: string[] }[];
  };

  it("is the notebook of its week", () => {
    expect(WEEKS[week - 1].notebook).toBe(notebook);
    expect(notebook.startsWith(`week${week}-`)).toBe(true);
    expect(weekOf(notebook)?.week).toBe(week);
  });

  it("has the cells that the week names", () => {
    const code = cells.filter(({ cell_type }) => cell_type === "code").map(({ id }) => id);
    expect(code).toEqual(expect.arrayContaining([cell, ...claims.map((claim) => claim.cell)]));
    const questions = cells.find(({ id }) => id === exercises)?.source.join("");
    expect(questions).toMatch(/^## Questions to try/);
  });

  it("runs no stage but those that make its week's tables", () => {
    const code = cells.map(({ source }) => source.join("")).join("\n");
    const imported = [...code.matchAll(/import \{([^}]*)\} from/g)].flatMap(([, names]) =>
      names.split(",").map((name) => name.trim()),
    );
    const foreign = imported.filter((name) => name in STAGES && !makes?.test(STAGES[name]));
    expect(foreign).toEqual([]);
  });
});

describe("the weeks", () => {
  it("are all the notebooks that are there", () => {
    const files = readdirSync(join(PROJECT_ROOT, "notebooks")).filter((file) => file.endsWith(".ipynb"));
    expect(WEEKS.map(({ notebook }) => `${notebook}.ipynb`)).toEqual(files.sort());
  });

  it("make each table in one week", () => {
    for (const table of Object.values(STAGES)) {
      expect(WEEKS.filter(({ makes }) => makes?.test(table)).map(({ week }) => [table, week])).toHaveLength(
        1,
      );
    }
  });
});
