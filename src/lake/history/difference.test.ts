import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scratchWorkspace } from "../../../testkit/tables.ts";
import type { Workspace } from "../../core/workspace.ts";
import { type Lake, literal, withLake } from "../session.ts";
import { fillTable } from "../write.ts";
import { earlierSql, stepBackSql } from "./difference.ts";

const COLUMNS = { symbol: "VARCHAR", n: "INTEGER", close: "DOUBLE", note: "VARCHAR" } as const;
const KEY = ["symbol", "n"];

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

const version = fc.uniqueArray(
  fc.record({
    symbol: fc.constantFrom("BTCUSDT", "ETHUSDT"),
    n: fc.integer({ min: 0, max: 3 }),
    close: fc.constantFrom(1, 2, null, Number.NaN, 0.1 + 0.2),
    note: fc.constantFrom("a", null, ""),
  }),
  { maxLength: 8, selector: ({ symbol, n }) => `${symbol} ${n}` },
);

/** The versions as tables `v0` …, and a file with the step back to each from the one after it. */
async function writeSteps(lake: Lake, versions: readonly object[][], file: string): Promise<void> {
  for (const [i, rows] of versions.entries()) await fillTable(lake, `v${i}`, COLUMNS, [rows]);
  const steps = versions.slice(1).map(
    (_, i) =>
      `SELECT ${i} AS _step, NULL::VARCHAR AS _version, * EXCLUDE (_lacking)
         FROM (${stepBackSql({ a: `v${i}`, b: `v${i + 1}` }, KEY, COLUMNS)})`,
  );
  await lake.run(`COPY (${steps.join(" UNION ALL ")}) TO ${literal(file)} (FORMAT parquet)`);
}

describe("steps back", () => {
  it("lead from the last version to each before it, for any rows added, changed and removed", async () => {
    const file = join(workspace.root, "steps.parquet");
    await withLake(workspace, {}, async (lake) => {
      const property = fc.asyncProperty(
        fc.array(version, { minLength: 2, maxLength: 6 }),
        async (versions) => {
          await writeSteps(lake, versions, file);
          const last = versions.length - 1;
          for (const [i] of versions.entries()) {
            const earlier = earlierSql(`v${last}`, { file, from: i, to: last }, KEY, COLUMNS);
            const found = await lake.rows(`SELECT * FROM ${earlier}`);
            expect(found).toEqual(await lake.rows(`SELECT * FROM v${i} ORDER BY symbol, n`));
          }
        },
      );
      await fc.assert(property, { numRuns: 40 });
    });
  });
});
