import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { DAILY_TYPES } from "../lake/columns.ts";
import { readTable, type TableVersion } from "../lake/read.ts";

/** A layer of daily rows: the table that holds it, and what people call it. */
export interface LayerName {
  table: string;
  layer: "batch" | "backfill" | "speed" | "snapshot";
}

/**
 * The layers that the merge reads, where they exist. The demo reader's snapshot knows no watermark: whatever it
 * says of itself, its days count as incomplete, so that a closed window is never replaced by it.
 */
export const LAYERS: readonly LayerName[] = [
  { table: "daily_batch", layer: "batch" },
  { table: "daily_backfill", layer: "backfill" },
  { table: "streaming_output", layer: "speed" },
  { table: "streaming_output_batch", layer: "snapshot" },
];

/** A layer that has rows. */
export interface Layer extends LayerName {
  version: TableVersion;
  /** For a `FROM` clause: the daily columns as the merge reads them. */
  sql: string;
}

/** The layers that are there and have a row, in the order of `LAYERS`. */
export async function readLayers(workspace: Workspace): Promise<Layer[]> {
  const versions = await Promise.all(LAYERS.map(({ table }) => readTable(workspace, table)));
  return LAYERS.flatMap((name, i) => {
    const version = versions[i];
    if (version === null || version.manifest.rows === 0) return [];
    return [{ ...name, version, sql: layerSql(name, version.sql) }];
  });
}

/** A layer's rows as the merge reads them. @param rows its table as a table expression (FROM clause) */
export function layerSql({ layer }: LayerName, rows: string): string {
  if (layer !== "snapshot") return rows;
  const columns = Object.keys(DAILY_TYPES).filter((name) => name !== "complete");
  return `(SELECT ${columns.join(", ")}, false AS complete FROM ${rows})`;
}

/**
 * Whose prices the layers hold together.
 * @throws CandlebookError `mixed_sources` (exit 2) where real and simulated layers meet
 */
export function commonSource(layers: readonly Layer[]): Source {
  const sources = new Set(layers.map(({ version }) => version.manifest.source));
  if (sources.has("simulated") && sources.size > 1) {
    const each = layers.map(({ table, version }) => `${table} is ${version.manifest.source}`);
    throw inputError(
      "mixed_sources",
      `Real and simulated layers meet in this workspace (${each.join(", ")}); they are never merged.`,
      "Keep each market in a workspace of its own (--workspace DIR).",
    );
  }
  return layers[0].version.manifest.source;
}
