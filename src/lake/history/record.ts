import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncToDisk } from "../../core/files.ts";
import type { Workspace } from "../../core/workspace.ts";
import { partsAreThere, readVersion, type Version } from "../manifest.ts";
import { sqlOf } from "../read.ts";
import { type Lake, literal, withLake } from "../session.ts";
import { stepBackSql, type VersionColumns, valueColumns } from "./difference.ts";
import { allEntries, type Entry, entryText, identityOf, readEntries, type VersionChange } from "./entries.ts";
import { historyPath, keyOf } from "./keptTables.ts";
import { keepWhole, wholeVersion } from "./whole.ts";

/**
 * Adds the published version to its table's history, as the step back from the version that is about to replace it.
 * Called under the table's lock, before the link is switched: a crash between the two leaves an entry that doesn't
 * count. A version that can't be read is not kept; its history continues from the newest version that can.
 * @param next complete and synced, not yet published
 * @throws CandlebookError `damaged_history`
 */
export async function recordVersion(workspace: Workspace, table: string, next: Version): Promise<void> {
  const key = keyOf(table);
  if (key === null) return;
  const previous = await readVersion(workspace, table).catch(() => "damaged" as const);
  if (previous === null) return;
  await withLake(workspace, {}, async (lake) => {
    if (previous === "damaged")
      return continueFromWhole(lake, workspace, await allEntries(lake, workspace, table), next);
    const before = await readEntries(lake, workspace, table, identityOf(previous.manifest));
    const columns = (await partsAreThere(previous.folder, previous.manifest))
      ? await columnsOf(lake, sqlOf(previous))
      : null;
    if (columns === null) return continueFromWhole(lake, workspace, before, next);
    const step = (before.at(-1)?.step ?? 0) + 1;
    const hasSteps = await stepBack(lake, { previous, next, key, columns });
    const { id, createdAt: at, rows, stage, codeVersion, inputs } = previous.manifest;
    const entry: Entry = {
      ...{ step, id, at, rows, stage, codeVersion, inputs, columns },
      next: identityOf(next.manifest),
      change: hasSteps ? await changeOf(lake, key) : null,
    };
    if (entry.change === null) await keepWhole(previous.folder);
    await writeHistory(lake, workspace, table, { before, entry, hasSteps });
  });
}

/** The columns of a table expression; null where its files can't be read. */
export async function columnsOf(lake: Lake, sql: string): Promise<VersionColumns | null> {
  try {
    const rows = await lake.rows<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM ${sql}`,
    );
    return Object.fromEntries(rows.map(({ column_name, column_type }) => [column_name, column_type]));
  } catch {
    return null;
  }
}

interface Replacement {
  previous: Version;
  next: Version;
  key: readonly string[];
  columns: VersionColumns;
}

/** Makes the table `step_back`. @returns false where the two versions can't be compared row by row */
async function stepBack(lake: Lake, { previous, next, key, columns }: Replacement): Promise<boolean> {
  const after = await columnsOf(lake, sqlOf(next));
  if (JSON.stringify(after) !== JSON.stringify(columns)) return false;
  const names = valueColumns(columns, key);
  // A bit for each.
  if (key.some((name) => !(name in columns)) || names.length > 62) return false;
  for (const version of [previous, next]) {
    const list = key.map((name) => `"${name}"`).join(", ");
    const [{ unique }] = await lake.rows<{ unique: boolean }>(
      `SELECT count(*) = count(DISTINCT (${list})) AND count(*) = count(*) FILTER (WHERE (${list}) IS NOT NULL)
         AS "unique" FROM ${sqlOf(version)}`,
    );
    if (!unique) return false;
  }
  const sides = { a: sqlOf(previous), b: sqlOf(next) };
  await lake.run(`CREATE TEMP TABLE step_back AS ${stepBackSql(sides, key, columns)}`);
  return true;
}

/** What the next version changed, from `step_back`. */
async function changeOf(lake: Lake, key: readonly string[]): Promise<VersionChange> {
  const day = key[key.length - 1];
  const [found] = await lake.rows<VersionChange>(
    `SELECT (count(*) FILTER (WHERE _changed IS NULL))::DOUBLE AS added,
       (count(*) FILTER (WHERE _changed IS NOT NULL AND NOT _lacking))::DOUBLE AS changed,
       (count(*) FILTER (WHERE _lacking))::DOUBLE AS removed,
       min("${day}")::VARCHAR AS "from", max("${day}")::VARCHAR AS "to"
     FROM step_back`,
  );
  return found;
}

interface Addition {
  before: readonly Entry[];
  entry: Entry;
  /** Whether `step_back` has the rows of the entry's step. */
  hasSteps: boolean;
}

/** Replaces the history's file by one with another last entry. */
async function writeHistory(
  lake: Lake,
  workspace: Workspace,
  table: string,
  { before, entry, hasSteps }: Addition,
): Promise<void> {
  const parts = [
    `SELECT $step::INTEGER AS _step, $version::VARCHAR AS _version, NULL::BIGINT AS _changed`,
    ...(hasSteps ? ["SELECT $step::INTEGER AS _step, * EXCLUDE (_lacking) FROM step_back"] : []),
  ];
  if (before.length > 0)
    parts.unshift(
      `SELECT * FROM read_parquet(${literal(historyPath(workspace, table))}) WHERE _step < $step`,
    );
  await lake.run(`CREATE TEMP TABLE history AS ${parts.join(" UNION ALL BY NAME ")}`, {
    step: entry.step,
    version: entryText(entry),
  });
  await replaceHistory(lake, workspace, table, "history");
}

/** Writes a table expression as the history's file, whole or not at all. */
export async function replaceHistory(
  lake: Lake,
  workspace: Workspace,
  table: string,
  rows: string,
): Promise<void> {
  const file = historyPath(workspace, table);
  const draft = `${file}.draft`;
  await lake.run(
    `COPY (SELECT * FROM ${rows} ORDER BY _step) TO ${literal(draft)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  await syncToDisk(draft);
  await rename(draft, file);
  await syncToDisk(dirname(file));
}

/** Where the published version can't be read, the newest one that is whole is the next step's start. */
async function continueFromWhole(
  lake: Lake,
  workspace: Workspace,
  before: readonly Entry[],
  next: Version,
): Promise<void> {
  const { table } = next.manifest;
  for (const [i, entry] of [...before.entries()].reverse()) {
    const version = await wholeVersion(workspace, table, entry.id);
    if (version === null) continue;
    await keepWhole(version.folder);
    const last = { ...entry, next: identityOf(next.manifest), change: null };
    return writeHistory(lake, workspace, table, { before: before.slice(0, i), entry: last, hasSteps: false });
  }
  await rm(historyPath(workspace, table), { force: true });
}
