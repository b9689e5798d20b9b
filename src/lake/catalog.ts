import { readdir } from "node:fs/promises";
import type { Workspace } from "../core/workspace.ts";
import { type SeriesTable, seriesOfTable } from "./seriesTables.ts";
import { placeOf } from "./tables.ts";

/** The names of all published tables, sorted; backups are not among them. */
export async function publishedTables(workspace: Pick<Workspace, "root">): Promise<string[]> {
  const bases = [placeOf(workspace, "rejects").base, placeOf(workspace, "daily_filled").base];
  const entries = await Promise.all(
    bases.map((base) => readdir(base, { withFileTypes: true }).catch(() => [])),
  );
  return entries
    .flat()
    .filter((entry) => entry.isSymbolicLink() && !/(_backup|\.draft)$/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** The published tables of candles as read or clean, of every interval, sorted by name. */
export async function publishedSeries(workspace: Pick<Workspace, "root">): Promise<SeriesTable[]> {
  return (await publishedTables(workspace)).map(seriesOfTable).filter((series) => series !== null);
}
