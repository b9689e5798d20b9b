import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { readTable, type TableVersion } from "../lake/read.ts";

/**
 * The version of `daily_filled` that is published.
 * @throws CandlebookError `nothing_served` (exit 2) where there is none
 */
export async function requireServed(workspace: Workspace): Promise<TableVersion> {
  const served = await readTable(workspace, "daily_filled");
  if (served !== null) return served;
  throw inputError(
    "nothing_served",
    "There is no timeline yet: the table daily_filled is not there.",
    "Run candlebook merge first, or candlebook run --csv PATH for all of it.",
  );
}

/**
 * The published version of a table.
 * @param next what publishes it
 * @throws CandlebookError `no_such_table` (exit 2) where there is none
 */
export async function requireTable(
  workspace: Workspace,
  table: string,
  next = "Run the stages that lead to it: candlebook run --csv PATH.",
): Promise<TableVersion> {
  const version = await readTable(workspace, table);
  if (version !== null) return version;
  throw inputError("no_such_table", `The table ${table} is not there yet.`, next);
}
