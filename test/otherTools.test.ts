import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { withLake } from "../src/lake/session.ts";
import { runProgram } from "../src/spark/programs.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { dailyTables, OPEN_TABLES, plainRows, timeOf, timeText } from "../testkit/dailyTables.ts";
import { DANFO, danfoReader, nodeReaders, pythonReaders, READERS, type Reader } from "../testkit/readers.ts";

const python = await pythonReaders();
const node = await nodeReaders();
const page = await readFile(join(PROJECT, "docs", "other-tools.md"), "utf8");
const danfo = await danfoReader(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
for (const [tool, { reason }] of Object.entries({ python, node, danfojs: danfo })) {
  if (reason !== null) console.log(`skipped: other readers with ${tool}. ${reason}`);
}

/** Any reader's table as JSON rows: nulls for what is missing, times as text. */
const DUMP_PY = `
import json, math
def dump(days):
    rows = days.to_dicts() if hasattr(days, "to_dicts") else days.to_pylist() if hasattr(days, "to_pylist") else days.to_dict("records")
    def plain(value):
        if hasattr(value, "isoformat"): return value.isoformat()
        if hasattr(value, "item"): value = value.item()
        return None if value is None or isinstance(value, float) and math.isnan(value) else value
    print(json.dumps([{k: plain(v) for k, v in row.items()} for row in rows]))
`;
const DUMP_JS = `
const plain = (value) => (value instanceof Date ? value.toISOString() : value);
const names = [...new Set(days.flatMap(Object.keys))];
console.log(JSON.stringify(days.map((row) => Object.fromEntries(names.map((n) => [n, plain(row[n] ?? null)])))));
`;

let workspace: Workspace;
let examples: Map<string, { language: string; code: string }>;

beforeAll(async () => {
  // Below the readers' folder, so that a program in it finds their packages.
  await mkdir(READERS, { recursive: true });
  const root = await mkdtemp(join(READERS, "workspace-"));
  workspace = { root, clock: () => Date.UTC(2024, 5, 1), resources: { threads: 1, memory: "512MB" } };
  await dailyTables(workspace);
  const found = page.matchAll(/^## (\w+)\n(?:(?!^## ).*\n)*?```(js|python|sql|sh)\n([\s\S]*?)```/gm);
  examples = new Map([...found].map(([, tool, language, code]) => [tool, { language, code }]));
});
afterAll(async () => {
  await rm(workspace.root, { recursive: true });
});

type Rows = Record<string, unknown>[];

/** The page's example, run as it stands, once for each table. */
async function run(tool: string, { program }: Reader): Promise<Rows[]> {
  const { language, code } = examples.get(tool) as { language: string; code: string };
  const own = OPEN_TABLES.map((table) => code.replaceAll("daily_filled", table));
  const scripts =
    language === "python"
      ? [`${DUMP_PY}\n${own.map((example) => `${example}\ndump(days)\n`).join("")}`]
      : own.map((example) => `${example}\n${DUMP_JS}`);
  const lines: string[] = [];
  for (const script of scripts) {
    // A program finds the packages of the folders above it; danfojs' are in a folder of their own.
    const file = join(
      tool === "danfojs" ? DANFO : workspace.root,
      `example.${language === "python" ? "py" : "mjs"}`,
    );
    await writeFile(file, script);
    const { code: exit, out, err } = await runProgram(program as string, [file], { cwd: workspace.root });
    expect({ exit, err: exit === 0 ? "" : err }).toEqual({ exit: 0, err: "" });
    lines.push(...out.trim().split("\n"));
  }
  return lines.map((line) => JSON.parse(line) as Rows);
}

/** The reader's columns may come in any order, its rows not. */
async function same(rows: Rows, table: string): Promise<void> {
  const expected = await plainRows(workspace, table);
  const time = timeOf(table);
  expect(expected.length).toBeGreaterThan(0);
  expect(rows.map((row) => ({ ...row, [time]: timeText(new Date(row[time] as string)) }))).toEqual(expected);
}

describe.each([
  ["pandas", python],
  ["pyarrow", python],
  ["Polars", python],
  ["hyparquet", node],
  ["parquetjs", node],
  ["danfojs", danfo],
])("%s, by the page's example", (tool, reader) => {
  it.skipIf(reader.reason !== null)("reads every table as we do", async () => {
    const tables = await run(tool, reader);
    expect(tables).toHaveLength(OPEN_TABLES.length);
    for (const [i, table] of OPEN_TABLES.entries()) await same(tables[i], table);
  });
});

describe("DuckDB, by the page's example", () => {
  it.each(OPEN_TABLES)("reads %s as we do", async (table) => {
    const code = examples.get("DuckDB")?.code ?? "";
    const sql = code.replace("data_analysis/daily_filled", join(workspace.root, "data_analysis", table));
    const time = timeOf(table);
    const rows = await withLake(workspace, {}, (lake) =>
      lake.rows<Rows[0]>(
        `SELECT * REPLACE (strftime(${time}::TIMESTAMP, '%Y-%m-%dT%H:%M:%SZ') AS ${time}) FROM (${sql})`,
      ),
    );
    await same(rows, table);
  });
});
