import { type CandlebookError, inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";

/**
 * The refusal of a table that is not published, with the nearest name.
 * @param tables those that could be meant
 */
export function unknownTable(wanted: string, tables: readonly string[]): CandlebookError {
  return inputError(
    "unknown_table",
    `No table of that name is published: ${wanted.slice(0, 60)}.`,
    tables.length === 0
      ? "Start with: candlebook run --csv PATH"
      : `${didYouMean(wanted, tables)}Published: ${tables.join(", ")}.`,
  );
}
