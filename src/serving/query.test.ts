import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../core/workspace.ts";
import { publishTable } from "../lake/publish.ts";
import { withLake } from "../lake/session.ts";
import { writeParquet } from "../lake/write.ts";
import { query } from "./query.ts";
import { queryFile, queryText } from "./queryFile.ts";

let workspace: Workspace;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-query-"));
  workspace = { root, clock: () => 0, resources: { threads: 1, memory: "256MB" } };
  await writeFile(join(root, "secret.txt"), "secret");
  const recipe = { table: "daily_batch", stage: "daily", parameters: {}, inputs: [], source: "csv" as const };
  await publishTable(workspace, recipe, async (folder) => {
    await withLake(workspace, {}, (lake) =>
      writeParquet(
        lake,
        join(folder, "part-0.parquet"),
        { symbol: "VARCHAR", day: "DATE", close: "DOUBLE" },
        [
          { symbol: "BTCUSDT", day: "2024-02-29", close: 62_000.5 },
          { symbol: "ETHUSDT", day: "2024-02-29", close: null },
        ],
      ),
    );
    return { rows: 2 };
  });
});
afterAll(() => rm(workspace.root, { recursive: true }));

describe("query", () => {
  it("answers over the published tables, days and counts readable", async () => {
    const answer = await query(
      workspace,
      "SELECT day, close, count(*) OVER () AS n FROM daily_batch ORDER BY symbol",
    );
    expect(answer.columns).toEqual(["day", "close", "n"]);
    expect(answer.rows).toEqual([
      { day: "2024-02-29", close: 62_000.5, n: 2 },
      { day: "2024-02-29", close: null, n: 2 },
    ]);
  });

  it("answers as CSV and JSON of any size, formulas kept text", async () => {
    const said = async (sql: string, format: "csv" | "json") => {
      let text = "";
      const { rows } = await queryText(workspace, { sql, format }, (piece) => {
        text += piece;
      });
      return { text, rows };
    };
    const cells = `SELECT '=1+1' AS "a""b", DATE '2024-02-29' AS day, 1.5 AS n, NULL AS nothing`;
    expect((await said(cells, "csv")).text).toBe(`"a""b",day,n,nothing\n'=1+1,2024-02-29,1.5,\n`);
    expect(JSON.parse((await said("SELECT * FROM daily_batch", "json")).text)).toHaveLength(2);
    expect((await said("SELECT 1 AS n WHERE false", "csv")).text).toBe("n\n");
    expect((await said("SELECT 1 AS n WHERE false", "json")).text).toBe("[]\n");
    const many = await said("SELECT range AS n FROM range(10000)", "json");
    expect([many.rows, JSON.parse(many.text)[9999]]).toEqual([10_000, { n: 9999 }]);
  });

  it("writes a file whole, over a plain file, readable again", async () => {
    const file = join(workspace.root, "answer.parquet");
    await writeFile(file, "old");
    const sql = `SELECT *, 'x' AS "odd) name" FROM daily_batch; -- )`;
    expect(await queryFile(workspace, { sql, format: "parquet" }, file)).toMatchObject({ rows: 2 });
    const back = await withLake(workspace, {}, (lake) =>
      lake.rows(`SELECT day::VARCHAR AS day, "odd) name" AS odd FROM '${file}' ORDER BY symbol`),
    );
    expect(back[0]).toEqual({ day: "2024-02-29", odd: "x" });
    await queryFile(workspace, { sql: "SELECT 1 AS n", format: "csv" }, file);
    expect(await readFile(file, "utf8")).toBe("n\n1\n");
    expect((await readdir(workspace.root)).filter((name) => name.endsWith(".draft"))).toEqual([]);
  });

  it("keeps the old file where the question is bad, and writes through no link", async () => {
    const file = join(workspace.root, "kept.csv");
    await writeFile(file, "old");
    await symlink(file, join(workspace.root, "link.csv"));
    const to = (path: string, sql = "SELECT 1 AS n") =>
      expect(queryFile(workspace, { sql, format: "csv" }, join(workspace.root, path))).rejects;
    await to("kept.csv", "SELECT * FROM '/etc/passwd'").toMatchObject({ code: "bad_query" });
    await to("kept.csv", "DROP VIEW daily_batch").toMatchObject({ code: "not_a_question" });
    for (const path of ["link.csv", ".", "data_analysis", "data_analysis/daily_batch/x.csv", "data/x.csv"]) {
      await to(path).toMatchObject({ code: "bad_output", exit: 2 });
    }
    await to("no/such/folder.csv").toMatchObject({ code: "bad_output" });
    await expect(queryFile(workspace, { sql: "SELECT 1", format: "csv" }, "/dev/null")).rejects.toMatchObject(
      {
        code: "bad_output",
      },
    );
    expect(await readFile(file, "utf8")).toBe("old");
    expect((await readdir(workspace.root)).filter((name) => name.endsWith(".draft"))).toEqual([]);
  });

  const hostile = [
    "COPY daily_batch TO 'out.csv'",
    "CREATE TABLE t AS SELECT 1",
    "SELECT 1; SELECT 2",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "ATTACH 'other.db'",
    "DROP VIEW daily_batch",
    "SELECT * FROM read_text('secret.txt')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT * FROM glob('*')",
    "SELECT * FROM read_parquet('secret.txt')",
    "SELECT * FROM read_json_auto('/proc/self/environ')",
    "SELECT getenv('PATH')",
    "SELECT 1) TO 'out.csv'; SELECT (1",
    "SELECT 1 AS a; COPY (SELECT 1) TO 'out.csv'",
    "CALL pragma_version()",
    "EXPORT DATABASE 'out'",
    "VACUUM",
    "CHECKPOINT",
    "EXECUTE nothing",
    "PREPARE p AS SELECT 1",
    "SELECT write_blob('out', 'x')",
    "SELECT * FROM query('COPY daily_batch TO ''out.csv''')",
    "SELECT * FROM nothing_like_it",
    "SELECT",
    "",
  ];
  it.each(hostile)("refuses %j", async (sql) => {
    const refused = { name: "CandlebookError", exit: 2 };
    await expect(query(workspace, sql)).rejects.toMatchObject(refused);
    const file = join(workspace.root, "never.parquet");
    await expect(queryFile(workspace, { sql, format: "parquet" }, file)).rejects.toMatchObject(refused);
    expect(existsSync(file)).toBe(false);
  });

  it("names the tables there are, and no path", async () => {
    const error = await query(workspace, "SELECT * FROM '/etc/passwd'").catch((caught: Error) => caught);
    expect(JSON.stringify(error)).not.toContain(workspace.root);
    expect(error).toMatchObject({ next: expect.stringContaining("daily_batch") });
  });
});
