import { failure } from "../core/errors.ts";

/** The bookkeeping of rows: `in = kept + duplicates + rejected`, always. Conflicts are among the duplicates. */
export interface RowBalance {
  in: number;
  kept: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
}

/**
 * @throws CandlebookError `unbalanced_rows` where a row was lost or counted twice: a bug of ours, never the data's
 */
export function checkBalance(balance: RowBalance): RowBalance {
  const { kept, duplicates, conflicts, rejected } = balance;
  if (balance.in !== kept + duplicates + rejected || conflicts > duplicates) {
    throw failure(
      "unbalanced_rows",
      `The rows don't balance: ${balance.in} in, but ${kept} kept + ${duplicates} duplicates (${conflicts} conflicts) + ${rejected} rejected.`,
      "Nothing was published. Please report this as a bug, with the file's form.",
    );
  }
  return balance;
}
