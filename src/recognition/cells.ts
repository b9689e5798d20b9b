export const DELIMITERS = [",", ";", "\t", "|"] as const;

/**
 * A line's cells, without the quotes around them and blanks outside of those. A delimiter between quotes belongs to
 * its cell; a quote that is never closed is a character like others.
 */
export function cellsOf(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  const between = / *"([^"]*(?:""[^"]*)*)" */y;
  for (let at = 0; at <= line.length; ) {
    between.lastIndex = at;
    const quoted = between.exec(line);
    const after = between.lastIndex;
    if (quoted !== null && (after === line.length || line[after] === delimiter)) {
      cells.push(quoted[1].trim());
      at = after + 1;
      continue;
    }
    const end = line.indexOf(delimiter, at);
    const cell = end < 0 ? line.slice(at) : line.slice(at, end);
    cells.push(cell.trim());
    at = end < 0 ? line.length + 1 : end + 1;
  }
  return cells;
}

/** Cells of a candle at least: its time, four prices, its volume. */
const FEWEST = 6;

/** The delimiter of a line: the one that cuts it into most cells, but a comma may be the decimal mark between others. */
export function delimiterOf(line: string): string {
  const counts = DELIMITERS.map((delimiter) => cellsOf(line, delimiter).length);
  const others = counts.map((count, i) => (DELIMITERS[i] === "," ? 0 : count));
  const most = Math.max(...others) >= FEWEST ? others : counts;
  return DELIMITERS[most.indexOf(Math.max(...most))];
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const GROUPED = {
  ".": /^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?$/,
  ",": /^[+-]?(\d{1,3}([. '\u00a0\u202f]\d{3})+|\d+)?(,\d*)?$/,
};

/** A decimal number with a point and no thousands mark, as in most files. */
export function isPlainNumber(cell: string): boolean {
  return NUMBER.test(cell);
}

/**
 * A cell as a number.
 * @param decimal the stated decimal mark: thousands marks are then allowed; null: plain numbers alone
 * @returns NaN where it is none
 */
export function numberOf(cell: string, decimal: "." | "," | null): number {
  if (isPlainNumber(cell) && decimal !== ",") return Number(cell);
  if (decimal === null || !/\d/.test(cell) || !GROUPED[decimal].test(cell)) return Number.NaN;
  const bare =
    decimal === "." ? cell.replaceAll(",", "") : cell.replace(/[. '\u00a0\u202f]/g, "").replace(",", ".");
  return Number(bare);
}

/** Texts of a figure that is not known, in small letters. */
export const UNKNOWN_TEXTS = ["", "-", "nan", "null", "none", "na", "n/a", "#n/a", "<na>"] as const;

/** Whether a cell says that its figure is not known. */
export function isUnknown(cell: string): boolean {
  return (UNKNOWN_TEXTS as readonly string[]).includes(cell.trim().toLowerCase());
}
