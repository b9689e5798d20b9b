import { inputError } from "../core/errors.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";

/** A sample's row with its prices as numbers. */
export interface PricedRow extends Row {
  open: number;
  high: number;
  low: number;
  close: number;
}

/** The sample's priced rows in order of time, of one symbol. */
export function inTime(
  priced: readonly PricedRow[],
  rows: readonly Row[],
  opens: readonly (number | null)[],
) {
  const openOf = new Map(rows.map(({ line }, i) => [line, opens[i]]));
  return priced
    .flatMap((row) => {
      const at = openOf.get(row.line);
      return at === null || at === undefined ? [] : [{ ...row, at }];
    })
    .sort((a, b) => a.at - b.at);
}

/** Minutes that follow each other and prove an order. */
const PROVING_NEIGHBOURS = 20;
const MUCH_LESS = 0.1;
/** Prices that lie more than so many times apart are not of one scale. */
export const OTHER_SCALE = 5;
/** Rows on either side of a jump that keep their scale. */
const LASTING = 10;

/** Minutes that follow each other: how many open where the one before closed, and how many do so with open and close exchanged. */
export interface Neighbours {
  pairs: number;
  right: number;
  exchanged: number;
}

/** Holds rows, in order of time, against the next minute. */
export function countNeighbours(rows: readonly { at: number; open: number; close: number }[]): Neighbours {
  let [pairs, right, exchanged] = [0, 0, 0];
  for (const [i, next] of rows.slice(1).entries()) {
    const row = rows[i];
    if (next.at - row.at !== MINUTE_MS) continue;
    pairs += 1;
    const [asRead, crossed] = [Math.abs(next.open - row.close), Math.abs(next.close - row.open)];
    if (asRead < crossed * MUCH_LESS) right += 1;
    if (crossed < asRead * MUCH_LESS) exchanged += 1;
  }
  return { pairs, right, exchanged };
}

/** Whether minutes prove that they are in another order, or that they are not. */
export function isExchanged({ pairs, right, exchanged }: Neighbours): boolean {
  return pairs >= PROVING_NEIGHBOURS && exchanged > pairs / 2 && right < pairs * 0.05;
}

/**
 * Holds each row against the next minute: it opens where the one before closed, on the same scale of prices.
 * @param rows in order of time
 * @param fitting the one order of columns that fits, or null
 * @throws CandlebookError `misread_columns` where open and close are exchanged; `other_scale`
 */
export function checkNeighbours(
  { where, stated }: KnownOfText,
  { places }: Layout,
  rows: readonly (PricedRow & { at: number })[],
  fitting: () => string | null,
): void {
  if (places.symbol !== undefined || stated.acceptRejects) return;
  const neighbours = countNeighbours(rows);
  if (isExchanged(neighbours)) {
    const { pairs, exchanged } = neighbours;
    throw inputError(
      "misread_columns",
      `${where}, line ${rows[0].line}: "${shortened(rows[0].text)}": in ${exchanged} of ${pairs} minutes the column of the close is where the next one's open is, and not the other way round: open and close are exchanged.`,
      `Name the columns in the order of the file: --columns ${fitting() ?? "time,close,high,low,open,volume"}. To take the file all the same: --accept-rejects.`,
    );
  }
  const jump = findJump(rows);
  if (jump < 0 || stated.decimal !== undefined || stated.allowConflicts) return;
  throw inputError(
    "other_scale",
    `${where}, line ${rows[jump].line}: "${shortened(rows[jump].text)}": from here on prices are more than ${OTHER_SCALE} times those of the rows before, or less than a fifth.`,
    "Give each market, or each unit, a file of its own; or take the file all the same: --allow-conflicts.",
  );
}

/**
 * The first row from which on prices keep another scale than those before, or -1.
 * @param rows in order of time
 */
export function findJump(rows: readonly (PriceRange & { at: number })[]): number {
  return rows.findIndex((_, i) => i >= LASTING && lastingJump(rows, i));
}

function lastingJump(rows: readonly (PriceRange & { at: number })[], at: number): boolean {
  const [before, after] = [rows.slice(at - LASTING, at), rows.slice(at, at + LASTING)];
  if (after.length < LASTING || after[0].at - before[LASTING - 1].at > DAY_MS) return false;
  return isOtherScale(rangeOf(before), rangeOf(after));
}

/** The range of some rows' prices together. */
export function rangeOf(rows: readonly PriceRange[]): PriceRange {
  return { low: Math.min(...rows.map(({ low }) => low)), high: Math.max(...rows.map(({ high }) => high)) };
}

/** Whether two ranges of prices lie more than fivefold apart. */
export function isOtherScale(a: PriceRange, b: PriceRange): boolean {
  return a.low > OTHER_SCALE * b.high || b.low > OTHER_SCALE * a.high;
}

/** The lowest and the highest price of some rows. */
export interface PriceRange {
  low: number;
  high: number;
}
