import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../core/workspace.ts";
import { publishTable } from "../lake/publish.ts";
import { publishRows } from "../lake/publishRows.ts";
import { withLake } from "../lake/session.ts";
import { query } from "./query.ts";
import { queryFile, queryText } from "./queryFile.ts";

let workspace: Workspace;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-query-"));
  workspace = { root, clock: () => 0, resources: { threads: 1, memory: "256MB" } };
  await writeFile(join(root, "secret.txt"), "secret");
  const recipe = { table: "daily_batch", stage: "daily", parameters: {}, inputs: [], source: "csv" as const };
  const rows = [
    { symbol: "BTCUSDT", day: "2024-02-29", close: 62_000.5 },
    { symbol: "ETHUSDT", day: "2024-02-29", close: null },
  ];
  const columns = { symbol: "VARCHAR", day: "DATE", close: "DOUBLE" } as const;
  await publishRows(workspace, {}, recipe, { columns, pages: () => [rows] });
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
    const said = async (sql: string, format: "csv" | "json" | "object") => {
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
    const object = await said("SELECT range AS n FROM range(2)", "object");
    expect(JSON.parse(object.text)).toEqual({ columns: ["n"], rows: [{ n: 0 }, { n: 1 }] });
    const none = await said("SELECT 1 AS n WHERE false", "object");
    expect(JSON.parse(none.text)).toEqual({ columns: ["n"], rows: [] });
    const many = await said("SELECT range AS n FROM range(10000)", "json");
    expect([many.rows, JSON.parse(many.text)[9999]]).toEqual([10_000, { n: 9999 }]);
  });

  it("goes into a sheet: numbers as numbers, text as text, whatever it holds", async () => {
    const file = join(workspace.root, "answer.xlsx");
    const sql = `SELECT DATE '2024-02-29' AS day, 0.1::DOUBLE + 0.2 AS sum, NULL AS nothing, true AS yes, '=1+1<&>' AS text,
      'NaN'::DOUBLE AS odd, [1, 2] AS list`;
    expect(await queryFile(workspace, { sql, format: "xlsx" }, file)).toMatchObject({ rows: 1 });
    const parts = unzipSync(await readFile(file));
    const [cells, texts] = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"].map((name) =>
      Buffer.from(parts[name]).toString(),
    );
    const second = cells.slice(cells.indexOf('<row r="2">'));
    expect(second).toContain('<c r="B2"><v>0.30000000000000004</v></c>');
    expect(second).toContain('<c r="D2" t="b"><v>1</v></c>');
    expect(second).not.toContain('r="C2"');
    expect(cells).not.toContain("<f>");
    for (const text of ["2024-02-29", "=1+1&lt;&amp;&gt;", "NaN", "[1,2]"])
      expect(texts).toContain(`<t>${text}</t>`);
    const wide = "SELECT range AS a, range AS b FROM range(500001)";
    await expect(queryFile(workspace, { sql: wide, format: "xlsx" }, file)).rejects.toMatchObject({
      code: "too_many_rows",
      exit: 2,
    });
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

  it.each([
    ["SELECT * FROM daily_bach", "Did you mean daily_batch?"],
    ["SELECT summ(close) FROM daily_batch", "Did you mean sum?"],
    ["SELECT * FROM rangee(3)", "Did you mean range?"],
  ])("names what %s may have meant", async (sql, next) => {
    await expect(query(workspace, sql)).rejects.toMatchObject({
      code: "bad_query",
      next: expect.stringContaining(next),
    });
  });

  it("says that a published folder of files is no table", async () => {
    const recipe = { table: "results", stage: "test", parameters: {}, inputs: [], source: "csv" as const };
    await publishTable(workspace, recipe, async (folder) => {
      await writeFile(join(folder, "gaps.csv"), "day\n");
      return { rows: 1 };
    });
    await expect(query(workspace, "SELECT * FROM results")).rejects.toMatchObject({
      code: "bad_query",
      message: expect.stringContaining('"results": it is a folder of files'),
    });
    // What a restricted question leaves out may be a table.
    await expect(query(workspace, "SELECT * FROM daily_batch", { views: [] })).rejects.toMatchObject({
      message: `A query can't use the table "daily_batch".`,
    });
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
    const other = join(workspace.root, "other");
    await mkdir(join(other, "data"), { recursive: true });
    await writeFile(join(other, "data", "market.json"), "{}");
    await symlink(join(other, "data"), join(workspace.root, "elsewhere"));
    for (const path of ["other/data/market.json", "other/data_analysis", "elsewhere/market.json"]) {
      await to(path).toMatchObject({ code: "bad_output" });
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
    "FROM enable_logging('QueryLog', storage = 'file', storage_path = 'data/.spill/log')",
    "SELECT * FROM read_text('data/.spill/*')",
    "SELECT * FROM glob('data/.spill/*')",
    "SELECT * FROM 'data/.spill/x.csv'",
    `SELECT * FROM "data/.spill/x.csv", (WITH "data/.spill/x.csv" AS (SELECT 1) SELECT 1)`,
    `WITH a AS (SELECT * FROM "x.csv"), "x.csv" AS (SELECT 1) SELECT * FROM a`,
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_settings",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM pg_catalog.pg_settings",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_extensions()",
    "SELECT current_setting('allowed_paths')",
    "SELECT (SELECT max(x) FROM (VALUES (current_setting('temp_directory'))) t(x))",
    "SELECT pg_catalog.pg_get_viewdef(1)",
    "SELECT list_transform([1], lambda x: getvariable('x'))",
    "SELECT get_block_size('memory')",
    "SELECT * FROM daily_batch WHERE symbol IN (SELECT content FROM read_text('secret.txt'))",
    "SELECT * FROM daily_batch ORDER BY (SELECT count(*) FROM duckdb_logs())",
    "SELECT count(*) FILTER (WHERE current_setting('x') = '') OVER () FROM daily_batch",
    "SELECT * FROM histogram('duckdb_settings', 'name')",
    "SELECT * FROM query_table('duckdb_settings')",
    "SELECT json_execute_serialized_sql('x')",
    "SHOW ALL TABLES",
    "SELECT repeat('x', 4000000000)",
    "SELECT len(range(1000000000))",
    "SELECT pg_sleep(1000)",
    "SELECT sleep_ms(1000000)",
    "EXPLAIN ANALYZE SELECT 1",
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

  const ordinary = [
    "SELECT symbol, max(close) FROM daily_batch GROUP BY ALL ORDER BY ALL DESC NULLS LAST LIMIT 1",
    "SELECT * FROM daily_batch ORDER BY symbol ASC, day DESC LIMIT 50%",
    "WITH a AS (SELECT * FROM daily_batch), b AS MATERIALIZED (FROM a) SELECT count(*) FROM b JOIN main.daily_batch USING (symbol)",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t",
    "SELECT day, lag(close) OVER (PARTITION BY symbol ORDER BY day) FROM DAILY_BATCH QUALIFY row_number() OVER () < 3",
    "SELECT extract(year FROM day), date_trunc('month', day), strftime(day, '%Y'), day + INTERVAL 1 DAY FROM daily_batch",
    "SELECT [x + 1 FOR x IN [1, 2]], {'a': 1}.a, MAP {'k': 1}['k'], CASE WHEN true THEN 1 END, coalesce(NULL, 1)",
    "SELECT corr(close, close), quantile_cont(close, 0.5), arg_max(symbol, close), stddev(close) FROM daily_batch",
    "SELECT list_sum([1]), round_even(2.5, 0), if(true, 1, 2), ifnull(NULL, 1), greatest(1, 2), TIMESTAMPTZ '2024-01-01' AT TIME ZONE 'UTC'",
    "PIVOT daily_batch ON symbol IN ('BTCUSDT', 'ETHUSDT') USING max(close)",
    "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b",
    "SELECT symbol, close FROM daily_batch UNION ALL BY NAME SELECT symbol, close FROM daily_batch",
    "SELECT * FROM range(3) a, generate_series(1, 2) b, unnest([1]) c, (VALUES (1)) d, LATERAL (SELECT a.range)",
    "SELECT DISTINCT ON (symbol) * EXCLUDE (close) REPLACE (lower(symbol) AS symbol), COLUMNS('clo.*') FROM daily_batch USING SAMPLE 10 ROWS",
    "SELECT a.close FROM daily_batch a ASOF JOIN daily_batch b ON a.symbol = b.symbol AND a.day >= b.day WHERE a.symbol LIKE 'B%' AND a.symbol ~ 'B.*' AND a.close BETWEEN 1 AND 1e9",
    "SELECT trim(' x '), substring('abc' FROM 1 FOR 2), position('a' IN 'ba'), 'a' || 'b', current_date > day FROM daily_batch",
    "DESCRIBE daily_batch",
    "SUMMARIZE daily_batch",
    "SHOW TABLES",
  ];
  it.each(ordinary)("answers %j", async (sql) => {
    expect((await query(workspace, sql)).rows).not.toHaveLength(0);
  });

  const endless = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t";
  it("ends an endless query at its time limit, or when it is interrupted", async () => {
    const limited = query(workspace, endless, { timeoutSeconds: 0.2 });
    await expect(limited).rejects.toMatchObject({ code: "query_timeout", exit: 2 });
    const signal = AbortSignal.timeout(200);
    await expect(query(workspace, endless, { signal })).rejects.toMatchObject({ code: "interrupted" });
  });

  it("ends a query whose values take too much memory", async () => {
    const small = { ...workspace, resources: { threads: 1, memory: "64MB" } };
    const thousand = "replace(replace('xxxxxxxxxx', 'x', 'xxxxxxxxxx'), 'x', 'xxxxxxxxxx')";
    const large = `SELECT range, replace(${thousand}, 'x', ${thousand}) || range AS x FROM range(1000)`;
    await expect(query(small, large)).rejects.toMatchObject({ code: "out_of_memory", exit: 1 });
  });

  it("keeps no more than a million rows in memory", async () => {
    const many = query(workspace, "SELECT * FROM range(1000001)");
    await expect(many).rejects.toMatchObject({ code: "too_many_rows", exit: 2 });
  });

  it("names the tables there are, and no path", async () => {
    const error = await query(workspace, "SELECT * FROM '/etc/passwd'").catch((caught: Error) => caught);
    expect(JSON.stringify(error)).not.toContain(workspace.root);
    expect(error).toMatchObject({ next: expect.stringContaining("daily_batch") });
  });
});
