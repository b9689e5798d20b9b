import { type CandlebookError, inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";

/**
 * The refusal (`unknown_symbol`, exit 2) of a symbol that a table does not have, with similar names.
 * @param place where it was looked for: `the timeline`
 */
export function unknownSymbol(symbol: string, known: readonly string[], place: string): CandlebookError {
  const near = didYouMean(symbol, known);
  const has = `It has ${known.join(", ") || "no rows"}.`;
  return inputError(
    "unknown_symbol",
    `There is no ${symbol} in ${place}.`,
    near === "" ? `${has} Load files of it to add it.` : near + has,
  );
}
