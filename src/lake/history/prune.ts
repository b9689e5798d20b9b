import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../../core/workspace.ts";
import { type EpochMs, toIso } from "../../time/epoch.ts";
import { removeLeftovers } from "../leftovers.ts";
import { withTableLock } from "../lock.ts";
import { readManifest } from "../manifest.ts";
import { literal, withLake } from "../session.ts";
import { placeOf } from "../tables.ts";
import { identityOf, readEntries } from "./entries.ts";
import { historyPath } from "./keptTables.ts";
import { replaceHistory } from "./record.ts";
import { keptTables } from "./versions.ts";
import { wholeMark } from "./whole.ts";

/** How many of a table's versions are to be removed: the oldest ones. */
export interface PrunePlan {
  table: string;
  /** Versions that are kept now, the published one among them. */
  versions: number;
  remove: number;
}

/**
 * What has to be removed so that each table can be read as it was at any instant from `since` on: the versions that
 * were replaced before it. The published version is never among them.
 * @throws CandlebookError `damaged_history`
 */
export async function planPrune(workspace: Workspace, since: EpochMs): Promise<PrunePlan[]> {
  const limit = toIso(since);
  const plans: PrunePlan[] = [];
  for (const table of await keptTables(workspace)) {
    const entries = await entriesOf(workspace, table);
    const first = entries.findIndex(({ next }) => next.at > limit);
    plans.push({ table, versions: entries.length + 1, remove: first < 0 ? entries.length : first });
  }
  return plans;
}

/**
 * Removes the oldest versions of a table.
 * @throws CandlebookError `damaged_history`, `table_locked`
 */
export async function pruneTable(workspace: Workspace, { table, remove }: PrunePlan): Promise<void> {
  if (remove === 0) return;
  await withTableLock(workspace, table, async () => {
    const entries = await entriesOf(workspace, table);
    const place = placeOf(workspace, table);
    const file = historyPath(workspace, table);
    const first = entries.at(remove);
    if (first === undefined) await rm(file, { force: true });
    else {
      const rows = `(FROM read_parquet(${literal(file)}) WHERE _step >= ${first.step})`;
      await withLake(workspace, {}, (lake) => replaceHistory(lake, workspace, table, rows));
    }
    const kept = new Set(entries.slice(remove).map(({ id }) => id));
    for (const { id } of entries.slice(0, remove)) {
      if (!kept.has(id)) await rm(wholeMark(join(place.versions, id)), { force: true });
    }
    await removeLeftovers(place);
  });
}

async function entriesOf(workspace: Workspace, table: string) {
  const manifest = await readManifest(workspace, table);
  if (manifest === null) return [];
  return withLake(workspace, {}, (lake) => readEntries(lake, workspace, table, identityOf(manifest)));
}
