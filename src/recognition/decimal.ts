import { inputError } from "../core/errors.ts";
import { isPlainNumber, numberOf } from "./cells.ts";
import { MOST_BROKEN } from "./evidence.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";

interface Cell {
  row: Row;
  cell: string;
  /** What it holds, in words. */
  of: "price" | "volume" | "count of trades";
}

/** A number with marks, whatever they mean. */
const MARKED = /^[+-]?\d[\d.,' \u00a0\u202f]*$/;
/** What a point in it means depends on the file: `60.001`. */
const THREE_DIGITS = /^[+-]?\d{1,3}\.\d{3}$/;
/** The share of cells in an unknown notation, such as `1.204K`, that is no damage any more. */
const MANY = 0.1;

/**
 * The decimal mark, as stated. A number with a comma, and three digits after the point of every price, can have a
 * decimal mark or thousands: without a statement the file is refused.
 * @throws CandlebookError `ambiguous_decimal`; `unknown_form` where many numbers are in a notation of another kind
 */
export function findDecimal(
  { where, stated }: KnownOfText,
  layout: Layout,
  rows: readonly Row[],
): "." | "," | null {
  const { decimal = null } = stated;
  const { open, high, low, close, trades } = layout.places as Required<Layout["places"]>;
  const cellsIn = (places: readonly number[], of: Cell["of"]): Cell[] =>
    rows.flatMap((row) => places.map((place) => ({ row, cell: row.cells[place] ?? "", of })));
  const prices = cellsIn([open, high, low, close], "price");
  const volumes = cellsIn(
    layout.volumes.map(({ place }) => place),
    "volume",
  );
  const counts = cellsIn(trades === undefined ? [] : [trades], "count of trades");
  for (const cells of [prices, volumes, counts]) {
    const unread = cells.filter(({ cell }) => /\d/.test(cell) && Number.isNaN(numberOf(cell, decimal)));
    const marked = unread.filter(({ cell }) => MARKED.test(cell));
    // One odd number is a row to reject, not a form.
    if (marked.length >= 2 && marked.length > cells.length * MOST_BROKEN)
      throw ambiguous(where, marked[0], decimal);
    if (unread.length >= 2 && unread.length > cells.length * MANY) throw unknownNotation(where, unread[0]);
  }
  const odd =
    decimal === null && (inThousands(layout, prices, volumes) ?? inThousands(layout, volumes, prices));
  if (odd) throw ambiguous(where, odd, null);
  return decimal;
}

/**
 * The first of some numbers whose points can all separate thousands, or null. That is so in a file of semicolons, whose
 * commas are decimal marks as a rule; and between tabs or bars where none of the other numbers has a point of another kind.
 */
function inThousands({ delimiter }: Layout, cells: readonly Cell[], others: readonly Cell[]): Cell | null {
  if (delimiter === ",") return null;
  const numbers = cells.filter(({ cell }) => isPlainNumber(cell));
  const isWhole = ({ cell }: Cell) => !cell.includes(".");
  const all = numbers.length > 0 && numbers.every(({ cell }) => THREE_DIGITS.test(cell));
  // No group of thousands begins with 0.
  if (!all || numbers.some(({ cell }) => /^[+-]?0/.test(cell))) return null;
  const isPrice = numbers[0].of === "price";
  if (isPrice && delimiter === ";") return numbers[0];
  const like = (other: Cell) => isWhole(other) || (isPrice && THREE_DIGITS.test(other.cell));
  return others.every(like) ? numbers[0] : null;
}

function ambiguous(where: string, { row, cell, of }: Cell, decimal: "." | "," | null) {
  const found =
    decimal === null
      ? "can be read with a decimal point or a decimal comma"
      : `is not a number with the decimal mark "${decimal}"`;
  return inputError(
    "ambiguous_decimal",
    `${where}, line ${row.line}: the ${of} "${cell}" of "${shortened(row.text)}" ${found}.`,
    "State the decimal mark: --decimal . or --decimal ,",
  );
}

function unknownNotation(where: string, { row, cell, of }: Cell) {
  return inputError(
    "unknown_form",
    `${where}, line ${row.line}: the ${of} "${cell}" of "${shortened(row.text)}" is not a number in digits, as many others.`,
    "Export the numbers in digits, without units and currency signs; or name the columns: --columns time,open,high,low,close,volume",
  );
}
