import { readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { failure, inputError } from "../core/errors.ts";
import { readJson, syncToDisk } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { publishedTables } from "./catalog.ts";
import { recordVersion } from "./history/record.ts";
import { pointLink } from "./links.ts";
import { withTableLock } from "./lock.ts";
import { type Manifest, parseManifest, writeManifest } from "./manifest.ts";
import { placeOf } from "./tables.ts";
import { unknownTable } from "./unknownTable.ts";
import { verifyVersion } from "./verifyVersion.ts";

export interface Restored {
  /** The version that is published again. */
  manifest: Manifest;
  /** The id of the version that was published until now; it is the backup now. */
  replaced: string;
}

/**
 * Restores a table's previous version after a check of every byte: it is published again, at this instant. The version
 * that it replaces becomes the backup, so that a second call undoes the first.
 * @throws CandlebookError `unknown_table`, `no_backup` (exit 2); `damaged_backup`, `table_locked` (exit 1)
 */
export async function restoreTable(workspace: Workspace, table: string): Promise<Restored> {
  const tables = await publishedTables(workspace);
  if (!tables.includes(table)) throw unknownTable(table, tables);
  return withTableLock(workspace, table, async () => {
    const place = placeOf(workspace, table);
    const id = await readlink(place.backup).then(basename, () => null);
    const replaced = basename(await readlink(place.link));
    if (id === null || id === replaced) {
      throw inputError(
        "no_backup",
        `The table ${table} has no previous version.`,
        "It was published only once.",
      );
    }
    const folder = join(place.versions, id);
    const manifest = parseManifest(table, await readJson(`${folder}.json`));
    const [problem] = await verifyVersion({ folder, manifest });
    if (problem !== undefined) {
      throw failure(
        "damaged_backup",
        `The previous version of ${table} is damaged: ${problem.path} differs from its manifest.`,
        "The published version is unchanged. To rebuild it, run the table's stage.",
      );
    }
    const published = { ...manifest, createdAt: toIso(workspace.clock() as EpochMs) };
    await recordVersion(workspace, table, { folder, manifest: published });
    await writeManifest(folder, published);
    await pointLink(place, place.link, id);
    // Else the backup alone may be on the disk after a power cut, and the restored version has no name.
    await syncToDisk(place.base);
    await pointLink(place, place.backup, replaced);
    await syncToDisk(place.base);
    return { manifest, replaced };
  });
}
