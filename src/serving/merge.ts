import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { checkColumns, DAILY_TYPES } from "../lake/columns.ts";
import { type Engine, type EngineSession, embedded } from "../lake/engine.ts";
import { withFormerColumns } from "../lake/formerColumns.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { filesOf } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import { commonSource, LAYERS, type Layer, layerSql, readLayers } from "./layers.ts";
import { mergeSql } from "./mergeSql.ts";
import { reconcile } from "./reconcile.ts";
import type { Overlap } from "./reconciliation.ts";

const STAGE_VERSION = 4;

export interface MergeResult {
  /** `daily_filled`: every day of every symbol once. */
  served: Published;
  /** `prophet_input`: its complete days, for the models. */
  input: Published;
  /** `reconciliation`: the days that two layers know, field by field. */
  reconciliation: Published;
  /** What the reconciliation found, with a sentence for people. */
  overlap: Overlap;
  /** The layers that were there, and how many rows each has. */
  layers: { table: string; rows: number }[];
  skipped: boolean;
}

/**
 * Merges the daily layers into one timeline, complete before incomplete, then batch before backfill before
 * speed; fills the calendar, computes the averages, and publishes `daily_filled`, `prophet_input` and
 * `reconciliation`.
 * @param engine of the timeline; the layers are compared by the embedded one, whose work that is: days, not minutes
 * @throws CandlebookError `nothing_to_merge` where no layer has a row; `mixed_sources` where real and simulated layers meet; `other_columns` where a layer is of another version
 */
export async function merge(
  workspace: Workspace,
  effects: Effects = {},
  engine: Engine = embedded,
): Promise<MergeResult> {
  effects.progress?.({ stage: "merge", note: "reading the layers" });
  const layers = await readLayers(workspace);
  if (layers.length === 0) {
    throw inputError(
      "nothing_to_merge",
      `No daily layer has a row; looked for ${LAYERS.map(({ table }) => table).join(", ")}.`,
      "Make one first: candlebook run --csv PATH, or candlebook ingest, clean and daily.",
    );
  }
  const recipe = { stage: "merge", parameters: { version: STAGE_VERSION }, source: commonSource(layers) };
  const inputs = layers.map(({ table, version }) => ({ name: table, version: version.manifest.id }));
  const served = await publishQuery(workspace, effects, engine, {
    recipe: { ...recipe, table: "daily_filled", inputs },
    statement: (session) => servedDays(workspace, session, layers),
  });
  const { published: reconciliation, overlap } = await reconcile(workspace, recipe, layers, effects);
  const inputRecipe = {
    ...recipe,
    table: "prophet_input",
    inputs: [{ name: "daily_filled", version: served.manifest.id }],
  };
  const input = await publishQuery(workspace, effects, engine, {
    recipe: inputRecipe,
    statement: (session) => modelInput(session, served),
  });
  return {
    served,
    input,
    reconciliation,
    overlap,
    layers: layers.map(({ table, version }) => ({ table, rows: version.manifest.rows })),
    skipped: served.skipped && input.skipped && reconciliation.skipped,
  };
}

async function servedDays(
  workspace: Workspace,
  { dialect, from }: EngineSession,
  layers: readonly Layer[],
): Promise<string> {
  await withLake(workspace, {}, async (lake) => {
    for (const { version } of layers) await checkColumns(lake, version, DAILY_TYPES);
  });
  const rows = await Promise.all(
    layers.map(async (layer) => {
      const { version } = layer;
      return layerSql(layer, withFormerColumns(version.manifest, await from(filesOf(version))));
    }),
  );
  return mergeSql(rows, dialect);
}

async function modelInput({ from }: EngineSession, served: Published): Promise<string> {
  return `SELECT symbol, day AS ds, close AS y, open, high, low, volume, ma7, ma30, origin
    FROM ${await from(filesOf(served))} WHERE complete ORDER BY symbol, ds`;
}

async function publishQuery(
  workspace: Workspace,
  effects: Effects,
  engine: Engine,
  { recipe, statement }: { recipe: Recipe; statement(session: EngineSession): Promise<string> },
): Promise<Published> {
  return publishTable(workspace, recipe, async (folder) => {
    effects.progress?.({ stage: "merge", note: `writing ${recipe.table}` });
    return engine.use(workspace, effects, async (session) => {
      const sql = await statement(session);
      await session.write(sql, folder);
      const [{ rows }] = await session.rows<{ rows: number }>(
        `SELECT count(*)::DOUBLE AS rows FROM (${sql})`,
      );
      return { rows };
    });
  });
}
