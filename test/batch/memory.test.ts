import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withLakePool } from "../../src/lake/pool.ts";
import { readTable, type TableVersion } from "../../src/lake/read.ts";
import { withLake } from "../../src/lake/session.ts";
import { generate } from "../../src/simulator/generate.ts";
import type { Day } from "../../src/time/day.ts";
import { runBatch } from "../../testkit/batch.ts";
import { contentsOf } from "../../testkit/contents.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

it("the engine keeps to the memory that it is given, and gives the same rows with little of it", async () => {
  const roomy = await scratchWorkspace();
  const tight = await scratchWorkspace();
  tight.resources = { threads: 2, memory: "100MB" };
  try {
    const limit = async (lake: { rows<Row>(sql: string): Promise<Row[]> }) =>
      (await lake.rows<{ bytes: string }>("SELECT current_setting('memory_limit') AS bytes"))[0].bytes;
    expect(await withLake(tight, {}, limit)).toBe("95.3 MiB");
    expect(await withLakePool(tight, {}, (pool) => pool.use(limit))).toBe("95.3 MiB");
    // 350,000 minutes: two pieces side by side, more memory than there is once they are columns.
    const market = { seed: 3, from: "2023-01-01" as Day, to: "2023-08-31" as Day, symbols: ["BTCUSDT"] };
    const { files } = await generate(roomy.root, market);
    const paths = files.map(({ name }) => join(roomy.root, name));
    await runBatch(roomy, paths);
    await runBatch(tight, paths);
    expect(await contentsOf(tight)).toEqual(await contentsOf(roomy));
    // What was read of a file is not kept: memory would grow with the history, up to the limit.
    const minutes = (await readTable(roomy, "btc_clean")) as TableVersion;
    const [{ kept, rows }] = await withLake(roomy, {}, async (lake) => {
      const [{ rows }] = await lake.rows<{ rows: number }>(
        `SELECT count(close)::DOUBLE AS rows FROM ${minutes.sql}`,
      );
      return lake.rows<{ kept: number; rows: number }>(
        `SELECT sum(memory_usage_bytes)::DOUBLE AS kept, ${rows}::DOUBLE AS rows FROM duckdb_memory()
         WHERE tag = 'EXTERNAL_FILE_CACHE'`,
      );
    });
    expect({ kept, rows }).toEqual({ kept: 0, rows: minutes.manifest.rows });
    tight.resources = { threads: 1, memory: "10MB" };
    await expect(runBatch(tight, paths, { rebuild: true })).rejects.toMatchObject({
      code: "out_of_memory",
      exit: 1,
      next: expect.stringContaining("--memory"),
    });
    expect(await contentsOf(tight)).toEqual(await contentsOf(roomy));
  } finally {
    for (const { root } of [roomy, tight]) await rm(root, { recursive: true });
  }
});
