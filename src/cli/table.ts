import { relative } from "node:path";
import { printable } from "./terminal.ts";

/** Rows as an aligned text table, numbers to the right; empty text where there are no rows. */
export function textTable(
  rows: readonly Record<string, unknown>[],
  columns = Object.keys(rows[0] ?? {}),
): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row) => columns.map((column) => cellText(row[column])));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i].length)));
  const numeric = columns.map((column) =>
    rows.every((row) => row[column] === null || typeof row[column] === "number"),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  return [line(columns), ...cells.map(line)].join("\n");
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  if (typeof value === "object") return printable(JSON.stringify(value));
  return printable(String(value));
}

export { counted, grouped } from "../core/numbers.ts";

/** Bytes in a readable unit: `12.3 MB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** A path as it can be typed from here: relative where it is below the current folder. */
export function pathText(path: string): string {
  const below = relative(process.cwd(), path);
  return printable(below.startsWith("..") ? path : below || ".");
}

/** A folder as it can be typed from here. @see pathText */
export function folderText(path: string): string {
  const typed = pathText(path);
  return relative(process.cwd(), path) === typed ? `${typed}/` : typed;
}

/** For someone who looks at a workspace without data. */
export function dataIn(place: string): string {
  return `There are data in ${folderText(place)}: --workspace ${folderText(place)}`;
}
