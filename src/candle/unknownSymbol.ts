import { type CandlebookError, inputError } from "../core/errors.ts";
import { nearNames } from "../core/nearNames.ts";

/**
 * The refusal (`unknown_symbol`, exit 2) of a symbol that a table does not have, with similar names.
 * @param place where it was looked for: `the timeline`
 */
export function unknownSymbol(symbol: string, known: readonly string[], place: string): CandlebookError {
  const [near] = nearNames(symbol, known);
  const has = `It has ${known.join(", ") || "no rows"}.`;
  return inputError(
    "unknown_symbol",
    `There is no ${symbol} in ${place}.`,
    near === undefined ? `${has} Load files of it to add it.` : `Did you mean ${near}? ${has}`,
  );
}
