import { AMOUNT_COLUMNS, type AmountColumn } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { type Manifest, SCHEMA, type Version } from "./manifest.ts";

/** Columns of amounts that are not known, for a SELECT list. */
export function unknownAmounts(columns: readonly AmountColumn[] = AMOUNT_COLUMNS): string {
  return columns.map((column) => `NULL::DOUBLE AS ${column}`).join(", ");
}

/** The columns that tables of form 1 lack, by their names. */
const LACKING: readonly [tables: RegExp, columns: string][] = [
  [
    /^(daily_(batch|backfill|filled)|streaming_output(_batch)?)$/,
    `${unknownAmounts(["quote_volume", "taker_base"])}, NULL::BIGINT AS trades, NULL::DOUBLE AS vwap`,
  ],
  [/^(late_events|.+_(minutes|clean))$/, unknownAmounts()],
];

/**
 * A version's rows with every column of the present form: what an earlier form lacks is not known, null.
 * @param rows a table expression (FROM clause): the version's parts
 */
export function withFormerColumns({ schema, table }: Manifest, rows: string): string {
  const lacking = schema === 1 ? LACKING.find(([tables]) => tables.test(table)) : undefined;
  return lacking === undefined ? rows : `(SELECT *, ${lacking[1]} FROM ${rows})`;
}

/**
 * Refuses a table of an earlier form where its own stage has to run first: what its inputs have is not in it.
 * @throws CandlebookError `older_table`
 */
export function refuseFormer({ manifest: { schema, table } }: Version, stage: "ingest" | "clean"): void {
  if (schema === SCHEMA) return;
  throw inputError(
    "older_table",
    `The table ${table} has form ${schema}; this candlebook reads form ${SCHEMA} here.`,
    `Run candlebook ${stage} first, or candlebook run for all of it: it is rebuilt from its inputs.`,
  );
}
