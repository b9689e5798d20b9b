import { inputError } from "../core/errors.ts";
import { DAY_MS } from "../time/epoch.ts";
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

/** Pairs of minutes that move and prove an order, where most of them say so and nearly none the opposite. */
const PROVING_PAIRS = 16;
const [FEWEST_SAY, MOST_DENY] = [12, 1];
const MUCH_LESS = 0.1;
/** Prices that lie more than so many times apart are not of one scale. */
export const OTHER_SCALE = 5;
/** Rows and files further apart are no neighbours: prices have the time to change as much. */
export const NEIGHBOURS_MS = 31 * DAY_MS;
/** Rows on either side of a jump that keep their scale. */
const LASTING = 10;

/** What minutes that follow each other say of the order of open and close; pairs that do not move say nothing. */
export interface Neighbours {
  /** Pairs in runs of which nearly all have open and close exchanged. */
  run: number;
  /** Pairs outside of those runs: all that move, how many open where the one before closed, how many do so exchanged. */
  others: number;
  right: number;
  exchanged: number;
  /** The place of the first row of a run, or -1. */
  at: number;
}

/** What a minute and the next one say of the order of open and close; `at` is the first one's place. */
interface Pair {
  at: number;
  says: "right" | "exchanged" | "nothing";
}

/** Compares each row, in order of time, with the next candle: the one after the commonest step. */
export function countNeighbours(rows: readonly { at: number; open: number; close: number }[]): Neighbours {
  const length = commonestStep(rows);
  const pairs = rows.slice(1).flatMap((next, i): Pair[] => {
    const row = rows[i];
    const [asRead, crossed] = [Math.abs(next.open - row.close), Math.abs(next.close - row.open)];
    const isPair = next.at - row.at === length && (asRead !== 0 || crossed !== 0);
    return isPair ? [{ at: i, says: orderBy(asRead, crossed) }] : [];
  });
  const inRun = pairsInRuns(pairs);
  const outside = (says: Pair["says"]) =>
    pairs.filter((pair, i) => pair.says === says && !inRun.has(i)).length;
  const first = pairs.find(({ says }, i) => says === "exchanged" && inRun.has(i));
  return {
    run: inRun.size,
    others: pairs.length - inRun.size,
    right: outside("right"),
    exchanged: outside("exchanged"),
    at: first?.at ?? -1,
  };
}

function commonestStep(rows: readonly { at: number }[]): number {
  const counts = new Map<number, number>();
  for (const [i, { at }] of rows.slice(1).entries()) {
    const step = at - rows[i].at;
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || a - b)[0]?.[0] ?? 0;
}

/** The order by which the next open, as it is read or exchanged, is much nearer to the close before. */
function orderBy(asRead: number, crossed: number): Pair["says"] {
  const isClear = Math.min(asRead, crossed) < MUCH_LESS * Math.max(asRead, crossed);
  if (!isClear) return "nothing";
  return asRead < crossed ? "right" : "exchanged";
}

/** The places of pairs in runs: as many in a row as prove an order, of which nearly all say `exchanged`. */
function pairsInRuns(pairs: readonly Pair[]): Set<number> {
  const inRun = new Set<number>();
  const window = { right: 0, exchanged: 0, nothing: 0 };
  for (const [i, { says }] of pairs.entries()) {
    window[says] += 1;
    if (i >= PROVING_PAIRS) window[pairs[i - PROVING_PAIRS].says] -= 1;
    if (i < PROVING_PAIRS - 1 || window.exchanged < FEWEST_SAY || window.right > MOST_DENY) continue;
    for (let j = i - PROVING_PAIRS + 1; j <= i; j += 1) inRun.add(j);
  }
  return inRun;
}

/** The share of minutes, at least, that say one thing where neighbours say anything of a market. */
const MOSTLY = 0.6;

/**
 * Whether minutes prove that open and close are exchanged in nearly all, or in a part where the others prove the opposite:
 * where minutes do not open where those before closed, a run of chance proves nothing.
 */
export function isExchanged(all: readonly Neighbours[]): boolean {
  const sum = (key: "run" | "others" | "right" | "exchanged") =>
    all.reduce((count, one) => count + one[key], 0);
  const [run, others, right, exchanged] = [sum("run"), sum("others"), sum("right"), sum("exchanged")];
  if (run > (run + others) * MOSTLY) return right < run * 0.1;
  return run > 0 && right > others * MOSTLY && exchanged < right * 0.1;
}

/**
 * Compares each row with the next minute of its symbol: it opens where the one before closed, on the same scale of prices.
 * @param rows in order of time
 * @param fitting the one order of columns that fits, or null
 * @returns whether they prove which column is the open and which the close
 * @throws CandlebookError `misread_columns` where open and close are exchanged; `other_scale`
 */
export function checkNeighbours(
  { where, stated }: KnownOfText,
  { places }: Layout,
  rows: readonly (PricedRow & { at: number })[],
  fitting: () => string | null,
): boolean {
  const symbolOf = ({ cells }: Row) => (places.symbol === undefined ? "" : cells[places.symbol]);
  const bySymbol = [...Map.groupBy(rows, symbolOf).values()];
  const found = bySymbol.map((own) => ({ own, ...countNeighbours(own) }));
  const proven = found.reduce((sum, { right }) => sum + right, 0) >= PROVING_PAIRS;
  if (stated.acceptRejects) return proven;
  if (isExchanged(found)) {
    const [{ own, at, run }] = found.filter(({ run }) => run > 0);
    throw exchangedColumns(where, own[at], run, fitting());
  }
  for (const own of stated.decimal === undefined && !stated.allowConflicts ? bySymbol : []) {
    const jump = findJump(own);
    if (jump < 0) continue;
    throw inputError(
      "other_scale",
      `${where}, line ${own[jump].line}: "${shortened(own[jump].text)}": from here on prices are more than ${OTHER_SCALE} times those of the rows before, or less than a fifth.`,
      "Give each market, or each unit, a file of its own; or take the file all the same: --allow-conflicts.",
    );
  }
  return proven;
}

const EITHER_ORDER =
  "Name the columns in the order of the file, such as --columns time,close,high,low,open,volume; rows of another order need a file of their own.";

/** The refusal of a file in which open and close are exchanged from a row on. @param order that of its columns, where it is known */
export function exchangedColumns(
  where: string,
  { line, text }: { line: number; text: string },
  pairs: number,
  order: string | null,
) {
  return inputError(
    "misread_columns",
    `${where}, line ${line}: "${shortened(text)}": from here on, in ${pairs} minutes that tell, the column of the close is where the next one's open is, and not the other way round: open and close are exchanged.`,
    `${order === null ? EITHER_ORDER : `Name the columns in the order of the file: --columns ${order}.`} To take the file all the same: --accept-rejects.`,
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
