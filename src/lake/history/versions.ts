import { inputError } from "../../core/errors.ts";
import { nearNames } from "../../core/nearNames.ts";
import type { Workspace } from "../../core/workspace.ts";
import { parseInstant } from "../../time/epoch.ts";
import { publishedTables } from "../catalog.ts";
import { filesOf, readTable, sqlOf } from "../read.ts";
import { withLake } from "../session.ts";
import { unknownTable } from "../unknownTable.ts";
import { earlierSql } from "./difference.ts";
import { type Entry, identityOf, readEntries, type VersionChange } from "./entries.ts";
import { historyPath, KEPT_TABLES, keyOf } from "./keptTables.ts";
import { wholeVersion } from "./whole.ts";

/** A version of a table that was published, now or earlier. */
export interface KnownVersion {
  table: string;
  id: string;
  /** The instant of its publication, ISO 8601. */
  at: string;
  rows: number;
  stage: string;
  codeVersion: string;
  inputs: readonly { name: string; version: string }[];
  /** What it changed in the version before it; null for the first one that is kept, and where columns changed. */
  change: VersionChange | null;
  /** Its rows as a table expression (FROM clause), and the files that this reads, absolute. */
  sql: string;
  files: readonly string[];
}

/** The published tables whose every version is kept, sorted. */
export async function keptTables(workspace: Pick<Workspace, "root">): Promise<string[]> {
  return (await publishedTables(workspace)).filter((table) => KEPT_TABLES.includes(table));
}

/**
 * All versions of a table that are kept, oldest first; the published one is the last.
 * @throws CandlebookError `unknown_table`, `no_history` (exit 2); `damaged_table`, `damaged_history` (exit 1)
 */
export async function listVersions(workspace: Workspace, table: string): Promise<KnownVersion[]> {
  await requireKept(workspace, table);
  const current = await readTable(workspace, table);
  if (current === null) return [];
  const { manifest } = current;
  const entries = await withLake(workspace, {}, (lake) =>
    readEntries(lake, workspace, table, identityOf(manifest)),
  );
  const { id, createdAt: at, rows, stage, codeVersion, inputs } = manifest;
  const published: KnownVersion = {
    ...{ table, id, at, rows, stage, codeVersion, inputs, sql: current.sql, files: filesOf(current) },
    change: entries.at(-1)?.change ?? null,
  };
  const known = [published];
  let base: Base = { ...published, step: Number.MAX_SAFE_INTEGER };
  for (const [i, entry] of [...entries.entries()].reverse()) {
    if (entry.change === null) {
      const version = await wholeVersion(workspace, table, entry.id);
      // What is older is a step back from it.
      if (version === null) break;
      base = { step: entry.step, sql: sqlOf(version), files: filesOf(version) };
    }
    known.unshift(earlierVersion(workspace, table, { entry, base, change: entries[i - 1]?.change ?? null }));
  }
  return known;
}

/** A version that exists as it was published. */
type Base = Pick<KnownVersion, "sql" | "files"> & { step: number };

function earlierVersion(
  workspace: Workspace,
  table: string,
  { entry, base, change }: { entry: Entry; base: Base; change: VersionChange | null },
): KnownVersion {
  const { step, id, at, rows, stage, codeVersion, inputs, columns } = entry;
  const facts = { table, id, at, rows, stage, codeVersion, inputs, change };
  if (base.step === step) return { ...facts, sql: base.sql, files: base.files };
  const file = historyPath(workspace, table);
  const steps = { file, from: step, to: base.step };
  return {
    ...facts,
    sql: earlierSql(base.sql, steps, keyOf(table) ?? [], columns),
    files: [file, ...base.files],
  };
}

/**
 * Refuses a table whose versions are not kept.
 * @throws CandlebookError `unknown_table`, `no_history` (exit 2)
 */
export async function requireKept(workspace: Workspace, table: string): Promise<void> {
  const kept = await keptTables(workspace);
  if (kept.includes(table)) return;
  const published = await publishedTables(workspace);
  if (!published.includes(table)) throw unknownTable(table, published);
  throw inputError(
    "no_history",
    `Earlier versions of the table ${table} are not kept.`,
    kept.length > 0 ? `Tables with versions: ${kept.join(", ")}.` : "Start with: candlebook run --csv PATH",
  );
}

/** What `--at` states: an instant, or a version by its id. */
const VERSION_ID = /^\d{8}T\d{9}Z-[0-9a-f]{8}$/;

/**
 * The version of a table that was published at an instant: the last one whose publication is not later.
 * @param at an ISO 8601 instant, a UTC day (its start), or a version's id
 * @throws CandlebookError `bad_instant`, `unknown_version`, `no_version` (exit 2), and those of `listVersions`
 */
export async function versionAt(workspace: Workspace, table: string, at: string): Promise<KnownVersion> {
  const versions = await listVersions(workspace, table);
  if (VERSION_ID.test(at)) {
    const found = versions.findLast(({ id }) => id === at);
    if (found !== undefined) return found;
    throw unknownVersion(at, versions);
  }
  const instant = instantOf(at);
  const found = versions.findLast((version) => Date.parse(version.at) <= instant);
  if (found !== undefined) return found;
  const [first] = versions;
  throw inputError(
    "no_version",
    `The table ${table} has no version of ${at}.`,
    `The first one that is kept is of ${first.at}.`,
  );
}

/**
 * The version of every table at an instant, or at the publication of one of them; without those that had none.
 * @param at @see versionAt
 * @throws CandlebookError as `versionAt`
 */
export async function versionsAt(workspace: Workspace, at: string): Promise<KnownVersion[]> {
  const tables = await Promise.all(
    (await keptTables(workspace)).map((table) => listVersions(workspace, table)),
  );
  const named = tables.flat().findLast(({ id }) => id === at);
  if (named === undefined && VERSION_ID.test(at)) throw unknownVersion(at, tables.flat());
  const instant = named === undefined ? instantOf(at) : Date.parse(named.at);
  const found = tables.flatMap((versions) =>
    versions[0]?.table === named?.table && named !== undefined
      ? [named]
      : (versions.findLast((version) => Date.parse(version.at) <= instant) ?? []),
  );
  if (found.length > 0) return found;
  const [first] = tables.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
  throw inputError(
    "no_version",
    `No table has a version of ${at}.`,
    first === undefined
      ? "Nothing is published yet: candlebook run --csv PATH."
      : `The first one that is kept is of ${first.at}: candlebook history ${first.table}.`,
  );
}

function instantOf(at: string): number {
  const instant = parseInstant(at);
  if (instant !== null) return instant;
  throw inputError(
    "bad_instant",
    `"${at.slice(0, 60)}" is neither an instant nor the id of a version.`,
    "Name an instant such as 2025-08-18T12:00:00Z, a day, or a version that candlebook history TABLE lists.",
  );
}

function unknownVersion(id: string, versions: readonly KnownVersion[]): Error {
  const [near] = nearNames(
    id,
    versions.map((version) => version.id),
  );
  const list = "candlebook history TABLE lists those that are kept.";
  return inputError(
    "unknown_version",
    `No version ${id} is kept.`,
    near ? `Did you mean ${near}? ${list}` : list,
  );
}
