import { relative } from "node:path";
import { printable } from "./terminal.ts";

/**
 * Rows as an aligned text table, numbers to the right with the same decimals down a column, of twelve digits at most;
 * empty text where there are no rows.
 */
export function textTable(
  rows: readonly Record<string, unknown>[],
  columns = Object.keys(rows[0] ?? {}),
): string {
  if (rows.length === 0) return "";
  const texts = columns.map((column) => columnTexts(rows.map((row) => row[column])));
  const cells = rows.map((_, i) => texts.map((column) => column[i]));
  const widths = columns.map((column, i) => Math.max(column.length, ...texts[i].map(({ length }) => length)));
  const numeric = columns.map((column, i) =>
    rows.every((row, j) => typeof row[column] === "number" || COUNT.test(texts[i][j])),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  return [line(columns), ...cells.map(line)].join("\n");
}

/** A count with grouped thousands, or nothing. */
const COUNT = /^(-?[\d,]+(\.\d+)?)?$/;
const FRACTION = /^-?\d+\.(\d+)$/;

function columnTexts(values: readonly unknown[]): string[] {
  const texts = values.map(cellText);
  const isNumber = (i: number) => typeof values[i] === "number" && !texts[i].includes("e");
  const decimals = Math.max(0, ...texts.map((text, i) => (isNumber(i) ? decimalsOf(text) : 0)));
  if (decimals === 0) return texts;
  return texts.map((text, i) => {
    const [whole, fraction = ""] = text.split(".");
    return isNumber(i) ? `${whole}.${fraction.padEnd(decimals, "0")}` : text;
  });
}

const decimalsOf = (text: string) => FRACTION.exec(text)?.[1].length ?? 0;

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number")
    return String(Number.isInteger(value) ? value : Number(value.toPrecision(12)));
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
