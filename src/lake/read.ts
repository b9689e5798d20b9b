import { join } from "node:path";
import { failure } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { withFormerColumns } from "./formerColumns.ts";
import { partsAreThere, readVersion, type Version } from "./manifest.ts";
import { parquetSql } from "./session.ts";

/** A published version for a statement; it stays readable while a newer one is published. */
export interface TableVersion extends Version {
  /** For a `FROM` clause: the parts named one by one, so that nothing else in the folder is read. */
  sql: string;
}

/**
 * The published version of a table, or null without one.
 * @throws CandlebookError `damaged_table` if a part is missing or has another size, or the manifest can't be read;
 *   `newer_table`, `older_table`
 */
export async function readTable(workspace: Workspace, table: string): Promise<TableVersion | null> {
  const version = await readVersion(workspace, table);
  if (version === null) return null;
  const { folder, manifest } = version;
  if (!(await partsAreThere(folder, manifest))) {
    throw failure(
      "damaged_table",
      `The table ${table} is damaged: a part is missing, or its size differs from the manifest.`,
      "Run its stage again: it is rebuilt from its inputs.",
    );
  }
  return { manifest, folder, sql: sqlOf({ folder, manifest }) };
}

/** A version for a `FROM` clause of the embedded engine. */
export function sqlOf(version: Version): string {
  return withFormerColumns(version.manifest, parquetSql(filesOf(version)));
}

/** A version's Parquet files, absolute. */
export function filesOf({ folder, manifest }: Version): string[] {
  const parts = manifest.parts.filter((part) => part.path.endsWith(".parquet"));
  return parts.map((part) => join(folder, part.path));
}
