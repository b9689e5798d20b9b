import { failure } from "../core/errors.ts";
import type { TableVersion } from "./read.ts";
import type { Lake } from "./session.ts";
import type { Columns } from "./write.ts";

/** The columns of every daily layer, in their published order. */
export const DAILY_TYPES = {
  symbol: "VARCHAR",
  day: "DATE",
  open: "DOUBLE",
  high: "DOUBLE",
  low: "DOUBLE",
  close: "DOUBLE",
  volume: "DOUBLE",
  minutes: "INTEGER",
  origin: "VARCHAR",
  complete: "BOOLEAN",
} as const satisfies Columns;

/**
 * Refuses a table without the expected columns; additional columns are ignored. A table of another version of
 * candlebook must not be misread.
 * @throws CandlebookError `other_columns` with the columns found and expected
 */
export async function checkColumns(lake: Lake, version: TableVersion, columns: Columns): Promise<void> {
  const found = await lake.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${version.sql}`,
  );
  const types = new Map(found.map((column) => [column.column_name, column.column_type]));
  const wrong = Object.entries(columns)
    .filter(([name, type]) => types.get(name) !== type)
    .map(([name, type]) => `${name} is ${types.get(name) ?? "missing"} (expected ${type})`);
  if (wrong.length === 0) return;
  const { table, stage } = version.manifest;
  throw failure(
    "other_columns",
    `The columns of the table ${table} differ from those that this candlebook reads: ${wrong.join(", ")}.`,
    `Rebuild it with its stage: candlebook ${stage}. If that changes nothing, delete its folder first.`,
  );
}
