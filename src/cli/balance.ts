import type { RowBalance } from "../candle/balance.ts";
import { grouped } from "./table.ts";

/** The bookkeeping of rows as one line: what came in, and where each row went. */
export function balanceLine({ in: rows, kept, duplicates, conflicts, rejected }: RowBalance): string {
  return (
    `${grouped(rows)} rows in = ${grouped(kept)} kept + ${grouped(duplicates)} duplicates ` +
    `(${grouped(conflicts)} of them conflicting) + ${grouped(rejected)} rejected`
  );
}
