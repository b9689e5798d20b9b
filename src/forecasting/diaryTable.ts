import { CandlebookError, failure } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import type { ForecastKey } from "../evaluation/evaluationRows.ts";
import { QUANTILE_LEVELS } from "../forecast/forecaster.ts";
import { readTable, type TableVersion } from "../lake/read.ts";

export const DIARY = "forecast_diary";

/** A row of the diary; its quantiles are in columns of their own. */
export type DiaryRow = Record<string, number> & Omit<ForecastKey, "steps_ahead"> & { data_hash: string };

/** Column of a quantile level: `q025`, `q050` … `q975`. */
export const quantileColumn = (level: number) => `q${String(Math.round(level * 1000)).padStart(3, "0")}`;

/** A row's quantiles, at `QUANTILE_LEVELS`. */
export const quantilesOf = (row: DiaryRow) =>
  Float64Array.from(QUANTILE_LEVELS, (level) => row[quantileColumn(level)]);

/**
 * The diary's published version, or null where nothing was ever forecast.
 * @throws CandlebookError `damaged_diary` (exit 1)
 */
export async function readDiaryTable(workspace: Workspace): Promise<TableVersion | null> {
  try {
    return await readTable(workspace, DIARY);
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.code !== "damaged_table") throw error;
    throw failure(
      "damaged_diary",
      "The forecast diary is damaged: a part is missing or has another size than its manifest says.",
      `What was forecast can't be forecast again. Bring the version before back: candlebook restore ${DIARY}.`,
      error,
    );
  }
}
