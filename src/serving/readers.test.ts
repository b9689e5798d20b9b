import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dailyTables, OPEN_TABLES, plainRows, timeText } from "../../testkit/dailyTables.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await scratchWorkspace();
  await dailyTables(workspace);
});
afterAll(() => rm(workspace.root, { recursive: true }));

/** The parts through the link, as a stranger finds them: nothing but Parquet in the folder. */
async function partsOf(table: string): Promise<string[]> {
  const folder = join(workspace.root, "data_analysis", table);
  const names = await readdir(folder);
  expect(names.filter((name) => !name.endsWith(".parquet"))).toEqual([]);
  return names.sort().map((name) => join(folder, name));
}

type Row = Record<string, unknown>;

/** Days as text; a column that a reader leaves out where it is null, as null. */
const plain = (rows: Row[], like: Row[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.keys(like[0] ?? {}).map((name) => {
        const value = row[name] ?? null;
        return [name, value instanceof Date ? timeText(value) : value];
      }),
    ),
  );

async function withHyparquet(file: string): Promise<Row[]> {
  return (await parquetReadObjects({ file: await asyncBufferFromFile(file) })) as Row[];
}

describe("hyparquet", () => {
  it.each(OPEN_TABLES)("reads %s as we do", async (table) => {
    const expected = await plainRows(workspace, table);
    const rows = (await Promise.all((await partsOf(table)).map(withHyparquet))).flat();
    expect(expected.length).toBeGreaterThan(0);
    expect(plain(rows, expected)).toEqual(expected);
  });
});
