import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../core/workspace.ts";
import { publishTable } from "../lake/publish.ts";
import { withLake } from "../lake/session.ts";
import { writeParquet } from "../lake/write.ts";
import { query } from "./query.ts";

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
    "SELECT * FROM nothing_like_it",
    "SELECT",
    "",
  ];
  it.each(hostile)("refuses %j", async (sql) => {
    await expect(query(workspace, sql)).rejects.toMatchObject({ name: "CandlebookError", exit: 2 });
  });

  it("names the tables there are, and no path", async () => {
    const error = await query(workspace, "SELECT * FROM '/etc/passwd'").catch((caught: Error) => caught);
    expect(JSON.stringify(error)).not.toContain(workspace.root);
    expect(error).toMatchObject({ next: expect.stringContaining("daily_batch") });
  });
});
