import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Published, publishTable, type Recipe } from "./publish.ts";
import { withLake } from "./session.ts";
import { type Columns, type Pages, writeParquet } from "./write.ts";

/** The rows of a table, in their order. */
export interface TableRows {
  columns: Columns;
  /** Called only where the table has to be written. */
  pages(): Pages;
  /** Of the manifest; called after the last page. */
  facts?(): object;
}

/** Publishes rows as a table of one Parquet file. @see publishTable */
export function publishRows(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  { columns, pages, facts }: TableRows,
): Promise<Published> {
  return publishTable(workspace, recipe, async (folder) => {
    const file = join(folder, "part-0.parquet");
    const rows = await withLake(workspace, effects, (lake) => writeParquet(lake, file, columns, pages()));
    return { rows, facts: { ...facts?.() } };
  });
}
