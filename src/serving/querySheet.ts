import type { SheetData } from "write-excel-file/node";
import writeXlsxFile from "write-excel-file/node";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { type QueryOptions, queryPieces } from "./query.ts";

/** A sheet is built in memory: about 300 bytes a cell. */
const MOST_CELLS = 1_000_000;

/**
 * Writes an answer as a sheet: its columns in the first row, numbers as numbers, days and times as the text of the
 * other formats.
 * @returns the number of rows, without the first
 * @throws CandlebookError as `query`; `too_many_rows` (exit 2)
 */
export async function querySheet(
  workspace: Workspace,
  sql: string,
  path: string,
  options: QueryOptions,
): Promise<number> {
  const sheet: SheetData = [];
  let columns: string[] = [];
  await queryPieces(workspace, sql, options, (piece) => {
    columns = piece.columns;
    for (const row of piece.rows) sheet.push(columns.map((name) => cellOf(row[name])));
    return sheet.length * columns.length <= MOST_CELLS;
  });
  if (sheet.length * columns.length > MOST_CELLS) {
    throw inputError(
      "too_many_rows",
      `The answer has more than the 1,000,000 cells that a sheet may have.`,
      "Add a LIMIT, or name a file that ends in .csv or .parquet.",
    );
  }
  const head = columns.map((value) => ({ value, fontWeight: "bold" as const }));
  await writeXlsxFile([head, ...sheet], { stickyRowsCount: 1 }).toFile(path);
  return sheet.length;
}

function cellOf(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
