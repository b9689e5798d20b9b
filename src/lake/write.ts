import { writeFile } from "node:fs/promises";
import { type Lake, literal } from "./session.ts";

/** Column names with the engine's types, in their order. */
export type Columns = Record<string, "VARCHAR" | "DOUBLE" | "INTEGER" | "BIGINT" | "DATE" | "BOOLEAN">;

/** Columns of one type, in their order. */
export function columnsOf<const Name extends string, const Type extends Columns[string]>(
  type: Type,
  ...names: Name[]
): Record<Name, Type> {
  return Object.fromEntries(names.map((name) => [name, type])) as Record<Name, Type>;
}

/** Rows, a page at a time. */
export type Pages = Iterable<readonly object[]> | AsyncIterable<readonly object[]>;

/** Daily tables use a codec that every Parquet reader supports. */
export const DAILY_FORMAT = "FORMAT parquet, COMPRESSION snappy";

/**
 * Writes rows as one Parquet file, in their order: a page is in the engine, which spills to the disk, before the next
 * one is requested.
 * @param pages values by column name; days as `YYYY-MM-DD`; undefined and null are null
 * @returns the number of rows
 */
export async function writeParquet(
  lake: Lake,
  path: string,
  columns: Columns,
  pages: Pages,
): Promise<number> {
  await fillTable(lake, "draft", columns, pages);
  const count = await copyTo(lake, "draft", path);
  await lake.run("DROP TABLE draft");
  return count;
}

/**
 * Writes a table expression (FROM clause), or a query in brackets, as one Parquet file.
 * @returns the number of rows
 */
export async function copyTo(lake: Lake, from: string, path: string): Promise<number> {
  const [{ Count }] = await lake.rows<{ Count: bigint }>(
    `COPY ${from} TO ${literal(path)} (${DAILY_FORMAT})`,
  );
  return Number(Count);
}

/** Creates or replaces a temporary table of rows, in their order. @see writeParquet */
export async function fillTable(lake: Lake, table: string, columns: Columns, pages: Pages): Promise<void> {
  const cells = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
  await lake.run(`CREATE OR REPLACE TEMP TABLE ${table} (${cells.join(", ")})`);
  for await (const rows of pages) await appendRows(lake, table, columns, rows);
}

async function appendRows<Row extends object>(
  lake: Lake,
  table: string,
  columns: Columns,
  rows: readonly Row[],
): Promise<void> {
  const names = Object.keys(columns);
  await lake.append(
    table,
    Object.values(columns),
    rows.map((row) => names.map((name) => (row as Record<string, unknown>)[name] ?? null)),
  );
}

/**
 * Writes rows as CSV with a header. Text that a spreadsheet would read as a formula is prefixed by an apostrophe, so
 * that it stays text.
 */
export async function writeCsv<Row extends object>(
  path: string,
  names: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  await writeFile(path, csvText(names, rows));
}

/** @see writeCsv */
export function csvText<Row extends object>(names: readonly string[], rows: readonly Row[]): string {
  return csvLine(names) + csvLines(names, rows);
}

/** The same without the header, for a file that is written piece by piece. */
export function csvLines<Row extends object>(names: readonly string[], rows: readonly Row[]): string {
  return rows.map((row) => csvLine(names.map((name) => (row as Record<string, unknown>)[name]))).join("");
}

/** One line with its end. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(",")}\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
