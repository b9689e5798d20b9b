import { join } from "node:path";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { literal, withLake } from "../lake/session.ts";
import { DAILY_FORMAT } from "../lake/write.ts";
import { mergeSql } from "./mergeSql.ts";

/** The layers that the merge reads, where they exist. */
export const LAYERS = ["daily_batch", "daily_backfill", "streaming_output"] as const;

const STAGE_VERSION = 1;

export interface MergeResult {
  /** `daily_filled`: every day of every symbol once. */
  served: Published;
  /** `prophet_input`: its complete days, for the models. */
  input: Published;
  /** The layers that were there, and how many rows each has. */
  layers: { table: string; rows: number }[];
  skipped: boolean;
}

/**
 * Merges the daily layers into one timeline, complete before incomplete, then batch before backfill before
 * speed; fills the calendar, computes the averages, and publishes `daily_filled` and `prophet_input`.
 * @throws CandlebookError `nothing_to_merge` where no layer has a row; `mixed_sources` where real and simulated layers meet
 */
export async function merge(workspace: Workspace, effects: Effects = {}): Promise<MergeResult> {
  effects.progress?.({ stage: "merge", note: "reading the layers" });
  const layers = await readLayers(workspace);
  const source = commonSource(layers.map((layer) => layer.version));
  const recipe = { stage: "merge", parameters: { version: STAGE_VERSION }, source };
  const inputs = layers.map(({ table, version }) => ({ name: table, version: version.manifest.id }));
  const served = await publishRows(workspace, effects, { ...recipe, table: "daily_filled", inputs }, () =>
    mergeSql(layers.map((layer) => layer.version.sql)),
  );
  const inputRecipe = {
    ...recipe,
    table: "prophet_input",
    inputs: [{ name: "daily_filled", version: served.manifest.id }],
  };
  const input = await publishRows(workspace, effects, inputRecipe, async () => {
    const days = await readTable(workspace, "daily_filled");
    return `SELECT symbol, day AS ds, close AS y, open, high, low, volume, ma7, ma30, origin
      FROM ${days?.sql} WHERE complete ORDER BY symbol, ds`;
  });
  return {
    served,
    input,
    layers: layers.map(({ table, version }) => ({ table, rows: version.manifest.rows })),
    skipped: served.skipped && input.skipped,
  };
}

async function readLayers(workspace: Workspace): Promise<{ table: string; version: TableVersion }[]> {
  const versions = await Promise.all(
    LAYERS.map(async (table) => ({ table, version: await readTable(workspace, table) })),
  );
  const layers = versions.filter(
    (layer): layer is { table: (typeof LAYERS)[number]; version: TableVersion } =>
      layer.version !== null && layer.version.manifest.rows > 0,
  );
  if (layers.length === 0) {
    throw inputError(
      "nothing_to_merge",
      `No daily layer has a row; looked for ${LAYERS.join(", ")}.`,
      "Make one first: candlebook run --csv PATH, or candlebook ingest, clean and daily.",
    );
  }
  return layers;
}

function commonSource(versions: readonly TableVersion[]): Source {
  const sources = [...new Set(versions.map((version) => version.manifest.source))];
  if (sources.includes("simulated") && sources.length > 1) {
    throw inputError(
      "mixed_sources",
      "Real and simulated layers meet in this workspace; they are never merged.",
      "Keep each market in a workspace of its own (--workspace DIR).",
    );
  }
  return sources[0];
}

async function publishRows(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  statement: () => string | Promise<string>,
): Promise<Published> {
  return publishTable(workspace, recipe, async (folder) => {
    effects.progress?.({ stage: "merge", note: `writing ${recipe.table}` });
    const file = literal(join(folder, "part-0.parquet"));
    const select = await statement();
    return withLake(workspace, effects, async (lake) => {
      const [{ rows }] = await lake.rows<{ rows: number }>(
        `SELECT count(*)::INTEGER AS rows FROM (${select})`,
      );
      await lake.run(`COPY (${select}) TO ${file} (${DAILY_FORMAT})`);
      return { rows };
    });
  });
}
