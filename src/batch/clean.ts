import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkBalance, type RowBalance } from "../candle/balance.ts";
import { assetOf } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import { failure, inputError } from "../core/errors.ts";
import { runLimited } from "../core/limited.ts";
import { didYouMean } from "../core/nearNames.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import { refuseFormer } from "../lake/formerColumns.ts";
import { type Manifest, type Part, readManifest } from "../lake/manifest.ts";
import { type LakePool, withLakePool } from "../lake/pool.ts";
import { type Published, publishedAlready, publishTable, type Recipe, sealPart } from "../lake/publish.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { cleanTable, intervalOf, readingTable, seriesParameters } from "../lake/seriesTables.ts";
import { storageError } from "../lake/storageError.ts";
import type { Interval } from "../time/interval.ts";
import { cleanYear, linkYear, partOf, type YearCounts, type YearFacts, yearsOf } from "./cleanYear.ts";
import { type Disagreement, disagreementsOf } from "./disagreements.ts";
import { symbolsIn } from "./minutes.ts";
import { readRawManifest } from "./rawManifest.ts";

/** Counted up whenever the same minutes would be cleaned to other rows. */
const STAGE_VERSION = 2;

export interface CleanOptions {
  /** These only; the tables of others stay as they are. */
  symbols?: readonly string[];
  /** Cleans on another engine than the embedded one. */
  cleaner?: Cleaner;
}

/** Cleans many symbols at once, into files that wait to be taken. */
export type Cleaner = (
  workspace: Workspace,
  minutes: readonly TableVersion[],
  effects: Effects,
) => Promise<StagedMinutes>;

export interface StagedMinutes {
  /** One sorted file for each symbol and year, and what became of the rows. */
  years: { symbol: string; year: number; file: string; counts: YearCounts }[];
  /** Removes what was not taken. */
  discard(): Promise<void>;
}

/** What became of one symbol's valid rows. */
export interface CleanedSymbol extends YearCounts {
  symbol: string;
  interval: Interval;
  /** Minutes of which the files and the exchange's REST interface say different things, both candles of each. */
  disagreements: Disagreement[];
  years: ({ year: number } & YearCounts)[];
}

export interface CleanResult {
  /** From the lines of the raw files to the candles that stay. With `symbols`: of the lines that named those. */
  balance: RowBalance;
  symbols: CleanedSymbol[];
  /** `<asset>_clean`, one for each symbol. */
  tables: Published[];
  skipped: boolean;
}

/**
 * Minutes to clean minutes: one candle per open time by the rule for duplicates, sorted, year by year so that
 * memory is flat in the length of the history. A year whose minutes did not change is linked from the version
 * before.
 * @throws CandlebookError `no_minutes` where nothing was ingested; `unbalanced_rows`
 */
export async function clean(
  workspace: Workspace,
  options: CleanOptions = {},
  effects: Effects = {},
): Promise<CleanResult> {
  const minutes = await minutesTables(workspace, options.symbols);
  const ready = await Promise.all(minutes.map((version) => publishedAlready(workspace, recipeOf(version))));
  const stale = minutes.filter((_, i) => ready[i] === null);
  const tables = ready.every((table) => table !== null)
    ? ready
    : await cleanAll(workspace, minutes, { stale, cleaner: options.cleaner }, effects);
  const symbols = tables.map(countsOf);
  const sum = (pick: keyof YearCounts) => symbols.reduce((total, counts) => total + counts[pick], 0);
  const rejected = await rejectedRows(workspace, minutes, options.symbols);
  const balance = checkBalance({
    in: minutes.reduce((total, { manifest }) => total + manifest.rows, 0) + rejected,
    kept: tables.reduce((total, { manifest }) => total + manifest.rows, 0),
    duplicates: sum("duplicates"),
    conflicts: sum("conflicts"),
    rejected,
  });
  return { balance, symbols, tables, skipped: tables.every((table) => table.skipped) };
}

async function minutesTables(workspace: Workspace, symbols?: readonly string[]): Promise<TableVersion[]> {
  const there = (await publishedSeries(workspace)).filter(({ isClean }) => !isClean);
  const assets = symbols?.map(assetOf);
  const lacking = symbols?.find((symbol) => !there.some(({ asset }) => asset === assetOf(symbol)));
  if (there.length === 0 || lacking !== undefined) {
    const known = symbolsIn((await readRawManifest(workspace))?.files ?? []);
    throw inputError(
      "no_minutes",
      lacking === undefined
        ? "There are no candles to clean."
        : `There is no table ${readingTable(lacking, "1m")}, and none of another interval.`,
      `${didYouMean(lacking, known)}Read raw files first: candlebook ingest PATH…`,
    );
  }
  const wanted = there.filter(({ asset }) => assets?.includes(asset) ?? true);
  const read = await Promise.all(wanted.map(({ table }) => readTable(workspace, table)));
  const versions = read.filter((version) => version !== null);
  for (const version of versions) refuseFormer(version, "ingest");
  return versions;
}

/** Two symbols at a time: while the last years of one are cleaned, those of the next one begin. */
async function cleanAll(
  workspace: Workspace,
  minutes: readonly TableVersion[],
  { stale, cleaner }: { stale: readonly TableVersion[]; cleaner?: Cleaner },
  effects: Effects,
): Promise<Published[]> {
  const staged = new Map<Interval, StagedMinutes>();
  const years = stale.reduce((total, { manifest }) => total + yearsOf(manifest).length, 0);
  let done = 0;
  const cleaned = (note: string) => effects.progress?.({ stage: "clean", note, done: ++done, total: years });
  const tables: Published[] = [];
  try {
    // In one job the engine identifies the candles of a symbol by their open times alone.
    if (cleaner !== undefined) {
      for (const [interval, own] of Map.groupBy(stale, ({ manifest }) => intervalOf(manifest))) {
        staged.set(interval, await cleaner(workspace, own, effects));
      }
    }
    await withLakePool(workspace, effects, (pool) =>
      runLimited(minutes.entries(), 2, async ([i, version]) => {
        const job = { pool, staged: staged.get(intervalOf(version.manifest)), cleaned };
        tables[i] = await cleanSymbol(workspace, version, job);
      }),
    );
  } catch (error) {
    throw storageError(error, "the clean minutes");
  } finally {
    for (const one of staged.values()) await one.discard();
  }
  return tables;
}

function recipeOf({ manifest }: TableVersion): Recipe {
  const symbol = manifest.facts.symbol as string;
  const interval = intervalOf(manifest);
  return {
    table: cleanTable(symbol, interval),
    stage: "clean",
    parameters: { version: STAGE_VERSION, ...seriesParameters(symbol, interval) },
    inputs: [{ name: manifest.table, version: manifest.fingerprint }],
    source: manifest.source,
  };
}

interface CleanJob {
  pool: LakePool;
  staged?: StagedMinutes;
  /** Called after each year. */
  cleaned(note: string): void;
}

async function cleanSymbol(workspace: Workspace, minutes: TableVersion, job: CleanJob): Promise<Published> {
  const recipe = recipeOf(minutes);
  return publishTable(workspace, recipe, async (folder) => {
    if (job.staged !== undefined) return takeStaged(job.pool, minutes, job.staged, folder);
    const before = await readTable(workspace, recipe.table).catch(() => null);
    return writeClean(minutes, before, folder, job);
  });
}

async function takeStaged(pool: LakePool, minutes: TableVersion, staged: StagedMinutes, folder: string) {
  const { manifest } = minutes;
  const counts: Record<string, YearFacts> = {};
  for (const { year, key, paths } of yearsOf(manifest)) {
    const own = staged.years.find((one) => one.symbol === manifest.facts.symbol && one.year === year);
    if (own === undefined) throw noYear(manifest.table, year);
    const part = join(folder, partOf(year));
    await mkdir(dirname(part), { recursive: true });
    await rename(own.file, part);
    const parts = paths.map((path) => join(minutes.folder, path));
    const disagreements =
      own.counts.conflicts === 0 ? [] : await pool.use((lake) => disagreementsOf(lake, parts));
    counts[year] = { ...own.counts, key, disagreements };
  }
  return written(manifest, counts);
}

function noYear(table: string, year: number): Error {
  return failure(
    "unbalanced_rows",
    `The engine gave no clean minutes of ${year} for ${table}.`,
    "Nothing was published. Please report this as a bug.",
  );
}

async function writeClean(
  minutes: TableVersion,
  before: TableVersion | null,
  folder: string,
  { pool, cleaned }: CleanJob,
) {
  const years = yearsOf(minutes.manifest);
  const symbol = minutes.manifest.facts.symbol as string;
  const usable = before?.manifest.parameters.version === STAGE_VERSION ? before : null;
  const counts: Record<string, YearFacts> = {};
  const sealed: Part[] = [];
  await runLimited(years, pool.size, async (year) => {
    const part = partOf(year.year);
    const path = join(folder, part);
    const linked = usable && (await linkYear(usable, year, path));
    const found = linked ? linked.found : await pool.use((lake) => cleanYear(lake, minutes, year, path));
    sealed.push(linked ? linked.part : await sealPart(folder, part));
    counts[year.year] = { ...found, key: year.key };
    cleaned(`${symbol} ${year.year}`);
  });
  return { ...written(minutes.manifest, counts), sealed };
}

function written({ facts }: Manifest, years: Record<string, YearFacts>) {
  const { symbol, first, last, amounts } = facts;
  const rows = Object.values(years).reduce((total, { kept }) => total + kept, 0);
  return { rows, facts: { symbol, first, last, amounts, years } };
}

function countsOf({ manifest }: Published): CleanedSymbol {
  const found = manifest.facts.years as Record<string, YearFacts>;
  const years = Object.entries(found).map(([year, { in: rows, kept, duplicates, conflicts }]) => ({
    year: Number(year),
    in: rows,
    kept,
    duplicates,
    conflicts,
  }));
  const sum = (pick: keyof YearCounts) => years.reduce((total, year) => total + year[pick], 0);
  return {
    symbol: manifest.facts.symbol as string,
    interval: intervalOf(manifest),
    disagreements: Object.values(found).flatMap(({ disagreements = [] }) => disagreements),
    in: sum("in"),
    kept: sum("kept"),
    duplicates: sum("duplicates"),
    conflicts: sum("conflicts"),
    years,
  };
}

/** All rejects; where symbols are named, those of the files that hold no other symbol. */
async function rejectedRows(
  workspace: Workspace,
  minutes: readonly TableVersion[],
  symbols?: readonly string[],
): Promise<number> {
  if (symbols === undefined) return (await readManifest(workspace, "rejects"))?.rows ?? 0;
  return minutes.reduce((total, { manifest }) => total + (manifest.facts.rejected as number), 0);
}
