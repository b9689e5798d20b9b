import type { DailyCandle, ServedDay } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import { type LayerName, readLayers } from "./layers.ts";

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
 * The serving table's rows, by symbol and day.
 * @param symbol default: all
 * @throws CandlebookError `nothing_served`
 */
export async function servedDays(
  workspace: Workspace,
  { symbol }: { symbol?: string } = {},
  effects: Effects = {},
): Promise<ServedDay[]> {
  const served = await requireServed(workspace);
  return withLake(workspace, effects, (lake) =>
    lake.rows<ServedDay>(
      `SELECT * REPLACE (day::VARCHAR AS day) FROM ${served.sql}
        WHERE $symbol IS NULL OR symbol = $symbol ORDER BY symbol, day`,
      { symbol: symbol ?? null },
    ),
  );
}

/** The rows of each layer that is there, by symbol and day, as the merge takes them. */
export async function layerDays(
  workspace: Workspace,
  { symbol }: { symbol?: string } = {},
  effects: Effects = {},
): Promise<Partial<Record<LayerName["layer"], DailyCandle[]>>> {
  const layers = await readLayers(workspace);
  return withLake(workspace, effects, async (lake) => {
    const found: Partial<Record<LayerName["layer"], DailyCandle[]>> = {};
    for (const { layer, sql } of layers) {
      found[layer] = await lake.rows<DailyCandle>(
        `SELECT * REPLACE (day::VARCHAR AS day) FROM ${sql}
          WHERE $symbol IS NULL OR symbol = $symbol ORDER BY symbol, day`,
        { symbol: symbol ?? null },
      );
    }
    return found;
  });
}
