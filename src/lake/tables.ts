import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { seriesOfTable } from "./seriesTables.ts";

/**
 * The paths of a published table: candles of one symbol and rejects under `data/parquet`, all others under
 * `data_analysis`.
 */
export interface TablePlace {
  /** The folder that holds the table's link. */
  base: string;
  /** The link that readers open. */
  link: string;
  /** The previous version's link. */
  backup: string;
  /** Its versions and their manifests. */
  versions: string;
}

/** @param table a published table's name: `daily_batch`, `btc_clean`, `rejects` … */
export function placeOf(workspace: Pick<Workspace, "root">, table: string): TablePlace {
  const isParquet = table === "rejects" || seriesOfTable(table) !== null;
  const folder = isParquet ? ["data", "parquet"] : ["data_analysis"];
  const base = inWorkspace(workspace, ...folder);
  return {
    base,
    link: inWorkspace(workspace, ...folder, table),
    backup: inWorkspace(workspace, ...folder, `${table}_backup`),
    versions: inWorkspace(workspace, ...folder, ".versions", table),
  };
}
