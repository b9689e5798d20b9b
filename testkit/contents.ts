import { join } from "node:path";
import { sha256OfFile } from "../src/core/files.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { publishedTables } from "../src/lake/catalog.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";

/**
 * Every published table's rows, in their order, as one text each. Minutes as read and rejects stand in the order of
 * the files: theirs doesn't count, nor does `file_id`, a number that a file got in this workspace.
 * @throws Error where a part is missing, cut or altered
 */
export async function contentsOf(workspace: Workspace): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of await publishedTables(workspace)) {
    const table = await readTable(workspace, name);
    if (table === null) throw new Error(`${name} has no manifest`);
    for (const part of table.manifest.parts) {
      if ((await sha256OfFile(join(table.folder, part.path))) !== part.sha256)
        throw new Error(`${name}: ${part.path}`);
    }
    if (table.manifest.rows === 0) continue;
    const asFilesCome = name.endsWith("_minutes") || name === "rejects";
    const columns = asFilesCome ? "COLUMNS(c -> c <> 'file_id')" : "*, row_number() OVER () AS place";
    const [{ hash }] = await withLake(workspace, {}, (lake) =>
      lake.rows<{ hash: string }>(
        `SELECT sum(hash(t))::VARCHAR || '/' || count(*) AS hash FROM (SELECT ${columns} FROM ${table.sql}) t`,
      ),
    );
    hashes[name] = hash;
  }
  return hashes;
}
