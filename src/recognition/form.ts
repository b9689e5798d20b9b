import { AMOUNT_FIELDS, type Amount } from "../candle/candle.ts";
import type { Interval } from "../time/interval.ts";
import type { TimeForm } from "./times.ts";

/** Positions counted from 0; `timeOfDay`, amounts, `trades` and `symbol` where the file has them. */
export type ColumnMap = Record<"time" | "open" | "high" | "low" | "close" | "volume", number> &
  AmountPlaces & {
    /** Of a file that has the date in a column of its own. */
    timeOfDay: number | null;
    trades: number | null;
    symbol: number | null;
  };

/** Where a file has the amounts that a candle can lack. */
export type AmountPlaces = Record<Amount, number | null>;

/** How a file's lines are read. */
export interface FileForm {
  delimiter: string;
  /** Cells of a line that is whole. */
  fields: number;
  columns: ColumnMap;
  /** What the symbol column may have where the pair is known otherwise; and whether its plain pairs are perpetuals. */
  names: readonly string[];
  perpetual: boolean;
  times: TimeForm;
  interval: Interval;
  /** The stated decimal mark, with the other mark between thousands; null: a point, and no thousands mark. */
  decimal: "." | "," | null;
  /** The header's line, counted from 1; 0 where there is none. */
  headerLine: number;
  /** The header's text, or null. */
  header: string | null;
}

/** The amounts that a form has columns of. */
export function amountsOf({ columns }: Pick<FileForm, "columns">): Amount[] {
  return AMOUNT_FIELDS.filter((amount) => columns[amount] !== null);
}
