import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CandlebookError } from "../../core/errors.ts";
import { readJson, syncToDisk } from "../../core/files.ts";
import type { Workspace } from "../../core/workspace.ts";
import { parseManifest, partsAreThere, type Version } from "../manifest.ts";
import { placeOf } from "../tables.ts";

/** The file beside a version's folder that keeps it as it was published. */
export const wholeMark = (folder: string): string => `${folder}.whole`;

/** Keeps a version as it was published, because the next one can't be compared with it row by row. */
export async function keepWhole(folder: string): Promise<void> {
  await writeFile(wholeMark(folder), "");
  await syncToDisk(wholeMark(folder));
  await syncToDisk(dirname(folder));
}

/** A version that exists as it was published; null where it doesn't. */
export async function wholeVersion(
  workspace: Pick<Workspace, "root">,
  table: string,
  id: string,
): Promise<Version | null> {
  const folder = join(placeOf(workspace, table).versions, id);
  try {
    const manifest = parseManifest(table, await readJson(`${folder}.json`));
    return (await partsAreThere(folder, manifest)) ? { folder, manifest } : null;
  } catch (error) {
    if (error instanceof CandlebookError) return null;
    throw error;
  }
}
