import { checkBalance, type RowBalance } from "../candle/balance.ts";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { type CandlebookError, inputError } from "../core/errors.ts";
import { runLimited } from "../core/limited.ts";
import { didYouMean } from "../core/nearNames.ts";
import type { Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { type LakePool, withLakePool } from "../lake/pool.ts";
import { type Published, publishedAlready } from "../lake/publish.ts";
import { storageError } from "../lake/storageError.ts";
import { type FileReport, reportOf } from "./fileReport.ts";
import type { FilesReader } from "./importFile.ts";
import { removeOldImports } from "./imports.ts";
import {
  minutesRecipes,
  publishMinutes,
  publishRejects,
  rejectsRecipe,
  removeDropped,
  symbolsIn,
} from "./minutes.ts";
import { fewOf } from "./passedOver.ts";
import { makePlan, type ReadingOptions, type ReadingPlan } from "./plan.ts";
import { type RawEntry, writeRawManifest } from "./rawManifest.ts";
import { readFiles } from "./readFiles.ts";

export interface IngestOptions extends ReadingOptions {
  /** Publishes these only; the tables of others stay as they are. */
  symbols?: readonly string[];
  /** Reads files on another engine than the embedded one. */
  reader?: FilesReader;
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
 * @throws CandlebookError `mixed_markets` of a copy with other minutes in a simulated workspace; `no_files`; `no_valid_rows`; `no_minutes` of a symbol that was named; `same_folder`; or the
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
        bringUpToDate(workspace, fresh, { ...options, pool }, effects),
      );
    } catch (error) {
      throw storageError(error, "the minutes");
    }
  });
}

/** The result where nothing is to be done, else null. Takes no lock and writes nothing. */
async function whatIsReady(
  workspace: Workspace,
  options: IngestOptions,
  plan: ReadingPlan,
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
  plan: ReadingPlan,
  { pool, reader, symbols }: IngestOptions & { pool: LakePool },
  effects: Effects,
): Promise<IngestResult> {
  const { source } = plan;
  await removeOldImports(workspace, [...plan.known, ...plan.entries]);
  const read = await readFiles(workspace, plan, { pool, reader }, effects);
  const { entries } = read;
  try {
    refuseIfAllFailed(entries);
    if (totalRows(entries).valid === 0) throw noValidRows(entries);
    refuseUnknown(entries, symbols);
    if (source === "simulated") refuseStrangers(entries);
  } catch (error) {
    await removeOldImports(workspace, plan.known);
    throw error;
  }
  const recipes = minutesRecipes(entries, source, symbols);
  await writeRawManifest(workspace, source, worthKeeping(entries, plan));
  const rejects = await publishRejects(workspace, pool, rejectsRecipe(entries, source), read);
  const tables: Published[] = [];
  await runLimited(recipes.entries(), pool.size, async ([i, recipe]) => {
    tables[i] = await publishMinutes(workspace, recipe, read);
  });
  await removeDropped(workspace, entries);
  await removeOldImports(workspace, entries);
  return resultOf(plan, entries, tables, rejects);
}

/** The list that is kept: a file that could not be read now and never was is reported, and forgotten. */
function worthKeeping(entries: readonly RawEntry[], { known, files }: ReadingPlan): RawEntry[] {
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
    `${didYouMean(unknown, there)}Check its spelling, or name a file of it: candlebook ingest PATH…`,
  );
}

/**
 * A copy that is read once may hold simulated prices only: minutes of a time that the other files have. Prices of
 * another market at that time are refused as two markets are.
 */
function refuseStrangers(entries: readonly RawEntry[]): void {
  const spansOf = ({ facts }: RawEntry) => Object.entries(facts?.symbols ?? {});
  const own = entries.filter(({ once }) => !once).flatMap(spansOf);
  const stranger = entries.find(
    (entry) =>
      entry.once &&
      spansOf(entry).some(
        ([symbol, { first, last }]) =>
          !own.some(([name, span]) => name === symbol && span.first <= first && last <= span.last),
      ),
  );
  if (stranger === undefined) return;
  throw inputError(
    "mixed_markets",
    `${stranger.name} has minutes that the simulated market's files do not have.`,
    "Add a copy of one of its files, or load the file into a separate workspace: --workspace DIR.",
  );
}

/** Of files whose rejects were accepted, and of files without rows. */
function noValidRows(entries: readonly RawEntry[]): CandlebookError {
  const reasons = entries.flatMap((entry) => Object.entries(entry.facts?.reasons ?? {}));
  const shown =
    [...new Set(reasons.map(([reason]) => reason))].join(", ") || "there is nothing below the header";
  return inputError(
    "no_valid_rows",
    `${fewOf(entries.map(({ path }) => path))}: none of the ${totalRows(entries).in} rows is a candle: ${shown}.`,
    "Look at what was recognised: candlebook inspect FILE…",
  );
}

function totalRows(entries: readonly RawEntry[]): { in: number; valid: number; rejected: number } {
  const sum = (pick: "in" | "valid" | "rejected") =>
    entries.reduce((total, entry) => total + (entry.facts?.rows[pick] ?? 0), 0);
  return { in: sum("in"), valid: sum("valid"), rejected: sum("rejected") };
}

function resultOf(
  { source, passedOver }: ReadingPlan,
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
