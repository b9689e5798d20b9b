import { join } from "node:path";
import { checkBalance, type RowBalance } from "../candle/balance.ts";
import type { Source } from "../candle/candle.ts";
import type { RejectReason } from "../candle/validity.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError, throwIfAborted } from "../core/errors.ts";
import { sha256OfFile } from "../core/files.ts";
import { runLimited } from "../core/limited.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { type LakePool, withLakePool } from "../lake/pool.ts";
import { type Published, publishedAlready } from "../lake/publish.ts";
import { parquetSql } from "../lake/session.ts";
import { storageError } from "../lake/storageError.ts";
import { DAY_MS, type EpochMs, toIso } from "../time/epoch.ts";
import {
  type InputFile,
  listBackfillFiles,
  listFiles,
  mergeFiles,
  type RawFile,
  unreadable,
} from "./files.ts";
import { type FileReader, importFile } from "./importFile.ts";
import { importFolder, makeImport, readImport, removeOldImports } from "./imports.ts";
import {
  minutesRecipes,
  publishMinutes,
  publishRejects,
  rejectsRecipe,
  removeDropped,
  symbolsIn,
} from "./minutes.ts";
import { filesOfOtherMarkets, type OneMarketQuestion } from "./oneMarket.ts";
import {
  entriesFor,
  isUnchanged,
  type RawEntry,
  READER_VERSION,
  readRawManifest,
  writeRawManifest,
} from "./rawManifest.ts";
import type { ImportPart } from "./report.ts";

export type { InputFile } from "./files.ts";

export interface IngestOptions {
  /** Empty: goes on with the files of the last time. Else the new list, which replaces the old. */
  files: readonly InputFile[];
  /** Publishes these only; the tables of others stay as they are. */
  symbols?: readonly string[];
  /** Trusts no size and time: hashes every file. */
  verify?: boolean;
  /** Reads every file again. */
  rebuild?: boolean;
  /** `csv` (a person's files) where nothing else is said or was said before. */
  source?: Source;
  /** Reads files on another engine than the embedded one. */
  reader?: FileReader;
}

/** What one raw file holds. */
export interface FileReport {
  name: string;
  /** Relative to the workspace. */
  path: string;
  id: number;
  bytes: number;
  sha256: string | null;
  container: "plain" | "gzip" | "zip" | null;
  /** Entries of a zip that are no texts of candles, `name: reason` each. */
  passedOver: string[];
  header: string | null;
  /** How times were written: `s`, `ms`, `us`, `iso`. */
  units: string[];
  symbols: string[];
  rows: { in: number; valid: number; rejected: number };
  reasons: Partial<Record<RejectReason, number>>;
  /** ISO 8601, of the valid rows. */
  firstOpenTime: string | null;
  lastOpenTime: string | null;
  /** Why the file could not be read now; where rows are counted all the same, they are those read earlier. */
  problem: { code: string; message: string; next: string } | null;
}

export interface IngestResult {
  source: Source;
  /** Over all files; duplicates are counted by `clean`. */
  balance: RowBalance;
  files: FileReport[];
  /** What lies beside the files in a folder that was named and is not read, `path: reason` each. */
  passedOver: string[];
  /** `<asset>_minutes`, one for each symbol. */
  tables: Published[];
  rejects: Published;
  skipped: boolean;
}

/**
 * Raw files to Parquet minutes by symbol and year: `<asset>_minutes`, `rejects`, and the list of files with what
 * each holds in `data/raw/manifest.json`. A file that did not change is not read again; one that can't be read
 * is reported and keeps none of the others back; one that never could be is not in the list of the next time.
 * @throws CandlebookError `no_files`; `no_valid_rows`; `no_minutes` of a symbol that was named; `same_folder`; or the
 *   first file's problem where none can be read: list and tables are then as they were
 */
export async function ingest(
  workspace: Workspace,
  options: IngestOptions,
  effects: Effects = {},
): Promise<IngestResult> {
  const plan = await makePlan(workspace, options);
  const ready = await whatIsReady(workspace, options, plan);
  if (ready !== null) return ready;
  return withTableLock(workspace, "ingest", async () => {
    const fresh = await makePlan(workspace, options);
    try {
      return await withLakePool(workspace, effects, (pool) =>
        bringUpToDate(workspace, options, effects, fresh, pool),
      );
    } catch (error) {
      throw storageError(error, "the minutes");
    }
  });
}

interface Plan {
  source: Source;
  files: RawFile[];
  passedOver: string[];
  entries: RawEntry[];
  known: RawEntry[];
  stale: Set<string>;
  latest: EpochMs;
}

async function makePlan(workspace: Workspace, options: IngestOptions): Promise<Plan> {
  const manifest = await readRawManifest(workspace);
  const known = manifest?.files ?? [];
  const inputs = options.files.length > 0 ? options.files : inputsOf(workspace, known);
  const backfill = await listBackfillFiles(workspace);
  const read = new Set(known.filter(({ facts }) => facts !== null).map(({ path }) => path));
  const listed = await listFiles(workspace, inputs, read);
  const files = mergeFiles(listed.files, backfill);
  if (files.length === 0) {
    throw inputError(
      "no_files",
      "No raw file was named, now or before.",
      "Name some: candlebook ingest PATH…",
    );
  }
  const latest = (workspace.clock() + DAY_MS) as EpochMs;
  const entries = entriesFor(files, known);
  const stale = new Set<string>();
  for (const [i, file] of files.entries()) {
    const unchanged = !options.rebuild && isUnchanged(entries[i], file, latest);
    const sure = unchanged && (!options.verify || (await hasSameBytes(file, entries[i])));
    if (!sure) stale.add(file.path);
  }
  const source = options.source ?? manifest?.source ?? "csv";
  return { source, files, passedOver: listed.passedOver, entries, known, stale, latest };
}

/** The list of the last time, without what lies in the backfill folders: that is looked for anew. */
function inputsOf(workspace: Workspace, known: readonly RawEntry[]): InputFile[] {
  return known
    .filter(({ origin }) => origin === "batch")
    .map(({ path, symbol, stated }) => ({
      path: inWorkspace(workspace, path),
      stated,
      ...(symbol === null ? {} : { symbol }),
    }));
}

async function hasSameBytes(file: RawFile, entry: RawEntry): Promise<boolean> {
  return entry.facts?.sha256 === (await sha256OfFile(file.absolute).catch(() => null));
}

/** The result where nothing is to be done, else null. Takes no lock and writes nothing. */
async function whatIsReady(
  workspace: Workspace,
  options: IngestOptions,
  plan: Plan,
): Promise<IngestResult | null> {
  const sameList = plan.entries.length === plan.known.length;
  if (plan.stale.size > 0 || !sameList) return null;
  const recipes = minutesRecipes(plan.entries, plan.source, options.symbols);
  const tables = await Promise.all(recipes.map((recipe) => publishedAlready(workspace, recipe)));
  const rejects = await publishedAlready(workspace, rejectsRecipe(plan.entries, plan.source));
  if (rejects === null || tables.includes(null) || tables.length === 0) return null;
  return resultOf(plan, plan.entries, tables as Published[], rejects);
}

async function bringUpToDate(
  workspace: Workspace,
  options: IngestOptions,
  effects: Effects,
  plan: Plan,
  pool: LakePool,
): Promise<IngestResult> {
  const { source, files, latest, stale } = plan;
  const reader: FileReader = options.reader ?? ((...words) => importFile(pool, ...words));
  let entries = plan.entries;
  await removeOldImports(workspace, [...plan.known, ...entries]);
  let done = 0;
  await runLimited(files.keys(), pool.size, async (i) => {
    const file = files[i];
    throwIfAborted(effects.signal);
    if (stale.has(file.path)) {
      const entry = await readFile(workspace, reader, file, entries[i], latest);
      entries = entries.with(i, entry);
    }
    done += 1;
    effects.progress?.({ stage: "ingest", note: file.name, done, total: files.length });
  });
  const importOf = (entry: RawEntry) => availableImport(workspace, reader, files, entry, latest);
  entries = await withoutOtherMarkets(pool, { entries, files, fresh: stale, partsOf: importOf });
  try {
    refuseIfAllFailed(entries);
    if (totalRows(entries).valid === 0) throw noValidRows(entries);
    refuseUnknown(entries, options.symbols);
  } catch (error) {
    await removeOldImports(workspace, plan.known);
    throw error;
  }
  const recipes = minutesRecipes(entries, source, options.symbols);
  await writeRawManifest(workspace, source, worthKeeping(entries, plan));
  const rejects = await publishRejects(workspace, pool, rejectsRecipe(entries, source), entries, importOf);
  const tables: Published[] = [];
  await runLimited(recipes.entries(), pool.size, async ([i, recipe]) => {
    tables[i] = await publishMinutes(workspace, recipe, entries, importOf);
  });
  await removeDropped(workspace, entries);
  await removeOldImports(workspace, entries);
  return resultOf(plan, entries, tables, rejects);
}

/** The entries, those without their facts whose files are of another market than the others of their symbol. */
async function withoutOtherMarkets(pool: LakePool, question: OneMarketQuestion): Promise<RawEntry[]> {
  const refused = await filesOfOtherMarkets(pool, question);
  return question.entries.map((entry) => {
    const problem = refused.get(entry.path);
    if (problem === undefined) return entry;
    const { code, message, next } = problem;
    return { ...entry, facts: null, problem: { code, message, next } };
  });
}

/** Reads one file; what is wrong with the file itself goes into its entry, beside the facts of an earlier reading. */
async function readFile(
  workspace: Workspace,
  reader: FileReader,
  file: RawFile,
  known: RawEntry,
  latest: EpochMs,
): Promise<RawEntry> {
  const { bytes, modified } = file;
  const entry: RawEntry = { ...known, bytes, modified, readerVersion: READER_VERSION, problem: null };
  try {
    if (file.problem !== null) throw file.problem;
    const { facts } = await makeImport(workspace, reader, file, entry, latest);
    return { ...entry, facts };
  } catch (error) {
    const { code, message, next } = problemOf(file, error);
    const kept = known.facts !== null && (await readImport(importFolder(workspace, known))) !== null;
    return { ...(kept ? known : { ...entry, facts: null }), problem: { code, message, next } };
  }
}

/** @throws the error itself where it is no matter of the file's: the disk, an interruption, a bug */
function problemOf(file: RawFile, error: unknown): CandlebookError {
  if (error instanceof CandlebookError && error.exit === 2) return error;
  const { code = "", path } = error as NodeJS.ErrnoException;
  if (code.startsWith("Z_") || path === file.absolute) return unreadable(file.given, error);
  throw error;
}

async function availableImport(
  workspace: Workspace,
  reader: FileReader,
  files: readonly RawFile[],
  entry: RawEntry,
  latest: EpochMs,
): Promise<{ folder: string; parts: ImportPart[] }> {
  const folder = importFolder(workspace, entry);
  const there = await readImport(folder);
  if (there !== null) return { folder, parts: there.parts };
  const file = files.find(({ path }) => path === entry.path) as RawFile;
  return { folder, parts: (await makeImport(workspace, reader, file, entry, latest)).parts };
}

/** The list that is kept: a file that could not be read now and never was is reported, and forgotten. */
function worthKeeping(entries: readonly RawEntry[], { known, files }: Plan): RawEntry[] {
  const before = new Set(known.map(({ path }) => path));
  const given = new Map(files.map((file) => [file.path, file.given]));
  return entries
    .filter(({ path, facts }) => facts !== null || before.has(path))
    .map((entry) => {
      if (entry.problem === null) return entry;
      // A manifest holds no absolute path.
      const message = entry.problem.message.replaceAll(given.get(entry.path) ?? entry.path, entry.path);
      return { ...entry, problem: { ...entry.problem, message } };
    });
}

/** The minutes that closed gaps are no answer to files of which none can be read. */
function refuseIfAllFailed(all: readonly RawEntry[]): void {
  const own = all.filter(({ origin }) => origin === "batch");
  const entries = own.length > 0 ? own : all;
  const failed = entries.find((entry) => entry.problem !== null);
  if (failed?.problem && entries.every((entry) => entry.facts === null)) {
    const { code, message, next } = failed.problem;
    throw inputError(code, message, next);
  }
}

function refuseUnknown(entries: readonly RawEntry[], symbols: readonly string[] = []): void {
  const there = symbolsIn(entries);
  const unknown = symbols.find((symbol) => !there.includes(symbol));
  if (unknown === undefined) return;
  throw inputError(
    "no_minutes",
    `No file has a minute of ${unknown}; there are ${there.join(", ")}.`,
    "Check its spelling, or name a file of it: candlebook ingest PATH…",
  );
}

/** Of files whose rejects were accepted, and of files without rows. */
function noValidRows(entries: readonly RawEntry[]): CandlebookError {
  const reasons = entries.flatMap((entry) => Object.entries(entry.facts?.reasons ?? {}));
  const shown = [...new Set(reasons.map(([reason]) => reason))].join(", ") || "the files are empty";
  return inputError(
    "no_valid_rows",
    `None of the ${totalRows(entries).in} rows is a candle: ${shown}.`,
    "Look at what was recognised: candlebook inspect FILE…",
  );
}

function totalRows(entries: readonly RawEntry[]): { in: number; valid: number; rejected: number } {
  const sum = (pick: "in" | "valid" | "rejected") =>
    entries.reduce((total, entry) => total + (entry.facts?.rows[pick] ?? 0), 0);
  return { in: sum("in"), valid: sum("valid"), rejected: sum("rejected") };
}

function resultOf(
  { source, passedOver }: Plan,
  entries: readonly RawEntry[],
  tables: Published[],
  rejects: Published,
): IngestResult {
  const rows = totalRows(entries);
  const balance = checkBalance({
    in: rows.in,
    kept: rows.valid,
    duplicates: 0,
    conflicts: 0,
    rejected: rows.rejected,
  });
  const skipped = rejects.skipped && tables.every((table) => table.skipped);
  return { source, balance, files: entries.map(reportOf), passedOver, tables, rejects, skipped };
}

function reportOf({ facts, ...entry }: RawEntry): FileReport {
  const spans = Object.values(facts?.symbols ?? {});
  const iso = (times: number[], pick: (...values: number[]) => number) =>
    times.length === 0 ? null : toIso(pick(...times) as EpochMs);
  return {
    name: entry.name,
    path: entry.path,
    id: entry.id,
    bytes: Math.max(0, entry.bytes),
    sha256: facts?.sha256 ?? null,
    container: facts?.container ?? null,
    passedOver: facts?.passedOver ?? [],
    header: facts?.header ?? null,
    units: facts?.units ?? [],
    symbols: Object.keys(facts?.symbols ?? {}).sort(),
    rows: facts?.rows ?? { in: 0, valid: 0, rejected: 0 },
    reasons: facts?.reasons ?? {},
    firstOpenTime: iso(
      spans.map(({ first }) => first),
      Math.min,
    ),
    lastOpenTime: iso(
      spans.map(({ last }) => last),
      Math.max,
    ),
    problem: entry.problem,
  };
}
