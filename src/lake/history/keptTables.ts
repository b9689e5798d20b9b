import { join } from "node:path";
import type { Workspace } from "../../core/workspace.ts";
import { placeOf } from "../tables.ts";

/** The tables whose every version is kept, with the columns that identify a row; a day is the last of them. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  daily_batch: ["symbol", "day"],
  daily_backfill: ["symbol", "day"],
  daily_filled: ["symbol", "day"],
  forecast_input: ["symbol", "ds"],
  prophet_forecasts: ["symbol", "model", "cutoff", "ds"],
  risk_forecasts: ["symbol", "model", "cutoff", "ds"],
  forecast_diary: ["symbol", "model", "cutoff", "data_hash", "ds"],
};

/** The names of the tables whose every version is kept. */
export const KEPT_TABLES: readonly string[] = Object.keys(KEYS);

/** The columns that identify a row of such a table; null for other tables. */
export const keyOf = (table: string): readonly string[] | null => KEYS[table] ?? null;

/** The file with a table's earlier versions; it exists from the second version on. */
export const historyPath = (workspace: Pick<Workspace, "root">, table: string): string =>
  join(placeOf(workspace, table).versions, HISTORY_FILE);

/** Its name among a table's versions. */
export const HISTORY_FILE = "history.parquet";
