import type { Market } from "./market.ts";
import { MILLISECONDS, type TimeForm } from "./times.ts";
import type { Reading, RefusalCode } from "./types.ts";

/** What a column holds. `noise` is a number that is no volume. */
export type Field =
  | "average"
  | "base"
  | "clock"
  | "close"
  | "closeTime"
  | "contracts"
  | "day"
  | "high"
  | "id"
  | "interval"
  | "low"
  | "noise"
  | "one"
  | "open"
  | "quote"
  | "symbol"
  | "takerBase"
  | "takerQuote"
  | "time"
  | "trades"
  | "vwap"
  | "wall"
  | "zero";

export interface Column {
  word: string;
  field: Field;
}

/** How numbers other than times are written; `grouped` sets a mark between thousands. */
export interface NumberForm {
  mark: "." | ",";
  grouped: boolean;
}

/** A row of a file that is no plain candle. */
export type Damage = "blank" | "nan" | "offGrid" | "swapped" | "torn";

export type Join =
  | "disagreeing"
  | "disjoint"
  | "other market"
  | "other scale"
  | "overlapping"
  | "rise"
  | "some disagree";

/** A file to be written, feature by feature, with the questions that its form leaves open. */
export interface Plan {
  market: Market;
  /** A second symbol in the same file. */
  other?: Market;
  /** How the symbol column spells a market. */
  spell: (market: Market) => string;
  /** What `SYMBOL=PATH` says, and which symbol that is. */
  option?: { text: string; symbol: string };
  /** The name before the date, and whether it says the market; `base` says it by half, a header may say the rest. */
  stem: string;
  nameSays: "base" | "market" | "nothing";
  /** In the name after the stem, for example `-1m-`. */
  nameInterval: string;

  intervalMs: number;
  /** A second length, in the second half of the file. */
  laterMs?: number;
  /** What an interval column says of every row; without it, the row's own length. */
  intervalText?: string;
  gaps: number;

  columns: Column[];
  header: "none" | "plain" | "quoted";
  headerAgain?: "other order" | "same";
  /** No word of it is known, and the columns are given: nothing says that it is no row. */
  headerIsStrange: boolean;
  /** A line before the header. */
  preamble?: string;
  /** The form is one of a known venue: its columns and their order are not changed. */
  fixed: boolean;
  /** Texts of unknown counts of trades, for a share of the rows. */
  unknownTrades: readonly string[];
  tradesDecimal: boolean;

  time: TimeForm;
  /** Milliseconds that a wall clock of the file is ahead of UTC. */
  aheadMs: number;
  /** The first day of the month that the file may begin with, and the last. */
  monthDays: [number, number];
  numbers: NumberForm;

  damage?: { kind: Damage; rows: (ofRows: number) => number };
  delimiter: string;
  ending: string;
  bom: boolean;
  quotedCells: boolean;
  descending: boolean;
  trailing: "both" | "none" | "rows";
  container: "empty zip" | "gz" | "plain" | "untidy zip" | "zip";
  join?: Join;
  /** The second file of a join has another form. */
  otherForm: boolean;

  reading: Reading;
  /** Questions without an answer: the file must be refused. */
  must: Set<RefusalCode>;
  /** Refusals that are right where none is needed. */
  may: Set<RefusalCode>;
}

export const MINUTE = 60_000;

/** Time, four prices, volume. */
export function sixColumns(time = "time"): Column[] {
  const prices = (["open", "high", "low", "close"] as const).map((field) => ({ word: field, field }));
  return [{ word: time, field: "time" }, ...prices, { word: "volume", field: "base" }];
}

/** A usual file: a header, six columns, milliseconds, the symbol in its name. */
export function usualPlan(market: Market): Plan {
  return {
    market,
    spell: ({ symbol }) => symbol,
    stem: market.symbol,
    nameSays: "market",
    nameInterval: "",
    intervalMs: MINUTE,
    gaps: 0.02,
    columns: sixColumns(),
    header: "plain",
    headerIsStrange: false,
    fixed: false,
    unknownTrades: [],
    tradesDecimal: false,
    time: MILLISECONDS,
    aheadMs: 0,
    monthDays: [1, 28],
    numbers: { mark: ".", grouped: false },
    delimiter: ",",
    ending: "\n",
    bom: false,
    quotedCells: false,
    descending: false,
    trailing: "none",
    container: "plain",
    otherForm: false,
    reading: {},
    must: new Set(),
    may: new Set(),
  };
}

export function has(plan: Plan, field: Field): boolean {
  return plan.columns.some((column) => column.field === field);
}
