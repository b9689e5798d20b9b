import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileWhole } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import { unknownAmounts } from "../lake/formerColumns.ts";
import { linkPart } from "../lake/links.ts";
import type { LakePool } from "../lake/pool.ts";
import { sealPart } from "../lake/publish.ts";
import { literal } from "../lake/session.ts";
import { importFolder, readImport } from "./imports.ts";
import { MINUTES_FORMAT } from "./layout.ts";
import { type RawEntry, READER_VERSION } from "./rawManifest.ts";
import type { ImportPart } from "./report.ts";

/** The readers up to this one wrote parts without amounts. */
const LAST_WITHOUT_AMOUNTS = 4;

/**
 * What was read of a file that can't be read now, in the present form: an earlier version's parts get the columns that
 * they lack, null.
 * @returns null where nothing is left of it
 */
export async function keptImport(
  workspace: Workspace,
  pool: LakePool,
  known: RawEntry,
): Promise<RawEntry | null> {
  const former = importFolder(workspace, known);
  const imported = known.facts === null ? null : await readImport(former);
  if (imported === null) return null;
  if (known.readerVersion > LAST_WITHOUT_AMOUNTS) return known;
  const entry = { ...known, readerVersion: READER_VERSION };
  const folder = importFolder(workspace, entry);
  const draft = `${folder}.${randomUUID()}.draft`;
  try {
    const parts: ImportPart[] = [];
    for (const part of imported.parts) {
      const [from, to] = [join(former, part.path), join(draft, part.path)];
      await mkdir(dirname(to), { recursive: true });
      if (part.path.startsWith("rejects/")) await linkPart(from, to);
      else await pool.use((lake) => lake.run(widenSql(from, to)));
      parts.push({ ...part, ...(await sealPart(draft, part.path)) });
    }
    await writeFileWhole(join(draft, "import.json"), JSON.stringify({ ...imported, parts }));
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
    return entry;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function widenSql(from: string, to: string): string {
  return `COPY (SELECT symbol, open_time, ${MINUTE_FIGURES}, origin, file_id
    FROM (SELECT *, ${unknownAmounts()} FROM read_parquet(${literal(from)})))
    TO ${literal(to)} (${MINUTES_FORMAT})`;
}
