import { join } from "node:path";
import { sha256OfFile } from "../src/core/files.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { publishedTables } from "../src/lake/catalog.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";

/**
 * Every published table's rows as one text each, which doesn't depend on their order; where a table has `file_id`
 * (a number that a file got in this workspace), without it.
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
    const columns = name.endsWith("_minutes") ? "* EXCLUDE (file_id)" : "*";
    const [{ hash }] = await withLake(workspace, {}, (lake) =>
      lake.rows<{ hash: string }>(
        `SELECT sum(hash(t))::VARCHAR || '/' || count(*) AS hash FROM (SELECT ${columns} FROM ${table.sql}) t`,
      ),
    );
    hashes[name] = hash;
  }
  return hashes;
}
