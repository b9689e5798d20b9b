import type { RowBalance } from "../candle/balance.ts";
import { grouped } from "./table.ts";

/** The balance of rows as one line: rows in, and the disposition of each. */
export function balanceLine({ in: rows, kept, duplicates, conflicts, rejected }: RowBalance): string {
  return (
    `${grouped(rows)} rows in = ${grouped(kept)} kept + ${grouped(duplicates)} duplicates ` +
    `(${grouped(conflicts)} of them conflicting) + ${grouped(rejected)} rejected`
  );
}
