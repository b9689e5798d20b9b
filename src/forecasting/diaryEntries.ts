import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { nearNames } from "../core/nearNames.ts";
import type { Workspace } from "../core/workspace.ts";
import type { ForecastStep } from "../forecast/forecaster.ts";
import { FORECAST_FIELDS } from "../lake/columns.ts";
import { readRows } from "../lake/session.ts";
import { type DiaryRow, quantilesOf, readDiaryTable } from "./diaryTable.ts";
import type { SeenDays } from "./seenDays.ts";

/** A forecast of the diary. */
export interface DiaryEntry extends SeenDays {
  /** `SYMBOL/MODEL/CUTOFF/HASH`, the first digits of the hash. */
  id: string;
  model: string;
  /** The instant of its publication, ISO 8601. */
  published: string;
  /** Of the models that made it; null for a model of one's own, and where an earlier candlebook wrote the entry. */
  modelsVersion: number | null;
  steps: ForecastStep[];
}

type Row = DiaryRow & { published: string; models_version?: number | null };

const HASH_DIGITS = 12;

/**
 * The entries of the diary whose id begins with these parts.
 * @param id `SYMBOL`, `SYMBOL/MODEL`, `SYMBOL/MODEL/CUTOFF`, or with digits of the hash
 * @throws CandlebookError `unknown_entry` (exit 2) where there is none; `damaged_diary` (exit 1)
 */
export async function diaryEntries(
  workspace: Workspace,
  id: string,
  effects: Effects,
): Promise<DiaryEntry[]> {
  const table = await readDiaryTable(workspace);
  const [symbol, model = "", cutoff = "", hash = ""] = id.split("/");
  const rows =
    table === null
      ? []
      : await readRows<Row>(
          workspace,
          effects,
          `SELECT ${FORECAST_FIELDS} FROM ${table.sql}
           WHERE symbol = $symbol AND $model IN ('', model) AND $cutoff IN ('', cutoff::VARCHAR)
             AND starts_with(data_hash, $hash) ORDER BY symbol, model, cutoff, data_hash, ds`,
          { symbol: symbol.toUpperCase(), model, cutoff, hash },
        );
  const groups = Map.groupBy(rows, (row) => [row.symbol, row.model, row.cutoff, row.data_hash].join("/"));
  if (groups.size === 0) throw await unknownEntry(workspace, id, effects);
  return [...groups.values()].map(entryOf);
}

function entryOf(rows: readonly Row[]): DiaryEntry {
  const [{ symbol, model, cutoff, data_hash: dataHash, published, models_version: modelsVersion = null }] =
    rows;
  return {
    ...{ symbol, model, cutoff, dataHash, published, modelsVersion },
    id: [symbol, model, cutoff, dataHash.slice(0, HASH_DIGITS)].join("/"),
    steps: rows.map((row) => ({
      ds: row.ds,
      stepsAhead: row.steps_ahead,
      yhat: row.yhat,
      quantiles: quantilesOf(row),
    })),
  };
}

async function unknownEntry(workspace: Workspace, id: string, effects: Effects): Promise<Error> {
  const table = await readDiaryTable(workspace);
  const found = `The forecast diary has no entry ${id.slice(0, 100)}.`;
  if (table === null) return inputError("unknown_entry", found, "Forecast first: candlebook forecast.");
  const ids = `SELECT DISTINCT symbol || '/' || model || '/' || cutoff AS id FROM ${table.sql} ORDER BY ALL`;
  const known = await readRows<{ id: string }>(workspace, effects, ids);
  // As many parts as were typed.
  const parts = id.split("/").length;
  const [near] = nearNames(id, [...new Set(known.map((one) => one.id.split("/").slice(0, parts).join("/")))]);
  return inputError(
    "unknown_entry",
    found,
    `${near === undefined ? "" : `Did you mean ${near}? `}An id is SYMBOL/MODEL/CUTOFF, such as ${known.at(-1)?.id}; ` +
      "SYMBOL alone, or SYMBOL/MODEL, is all of its entries.",
  );
}
