import { join } from "node:path";
import { checkBalance, type RowBalance } from "../candle/balance.ts";
import { assetOf } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readManifest } from "../lake/manifest.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { type Lake, withLake } from "../lake/session.ts";
import { cleanYear, linkYear, type YearCounts, yearsOf } from "./cleanYear.ts";

/** Counted up whenever the same minutes would be cleaned to other rows. */
const STAGE_VERSION = 1;

export interface CleanOptions {
  /** These only; the tables of others stay as they are. */
  symbols?: readonly string[];
}

/** What became of one symbol's valid rows. */
export interface CleanedSymbol extends YearCounts {
  symbol: string;
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
  const tables: Published[] = [];
  for (const version of minutes) tables.push(await cleanSymbol(workspace, version, effects));
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
  const wanted = symbols?.map((symbol) => `${assetOf(symbol)}_minutes`);
  const there = (await publishedTables(workspace)).filter((table) => table.endsWith("_minutes"));
  const lacking = wanted?.find((table) => !there.includes(table));
  if (there.length === 0 || lacking !== undefined) {
    throw inputError(
      "no_minutes",
      lacking === undefined ? "There are no minutes to clean." : `There is no table ${lacking}.`,
      "Read raw files first: candlebook ingest PATH…",
    );
  }
  const versions = await Promise.all((wanted ?? there).map((table) => readTable(workspace, table)));
  return versions.filter((version) => version !== null);
}

async function cleanSymbol(
  workspace: Workspace,
  minutes: TableVersion,
  effects: Effects,
): Promise<Published> {
  const symbol = minutes.manifest.facts.symbol as string;
  const table = `${assetOf(symbol)}_clean`;
  const recipe: Recipe = {
    table,
    stage: "clean",
    parameters: { version: STAGE_VERSION, symbol },
    inputs: [{ name: minutes.manifest.table, version: minutes.manifest.fingerprint }],
    source: minutes.manifest.source,
  };
  return publishTable(workspace, recipe, (folder) =>
    withLake(workspace, effects, (lake) => writeClean(workspace, lake, minutes, table, folder, effects)),
  );
}

async function writeClean(
  workspace: Workspace,
  lake: Lake,
  minutes: TableVersion,
  table: string,
  folder: string,
  effects: Effects,
) {
  const { symbol, first, last } = minutes.manifest.facts;
  const years = yearsOf(minutes.manifest);
  const before = await readTable(workspace, table).catch(() => null);
  const usable = before?.manifest.parameters.version === STAGE_VERSION ? before : null;
  const counts: Record<string, YearCounts & { key: string }> = {};
  for (const [done, year] of years.entries()) {
    effects.progress?.({ stage: "clean", note: `${symbol} ${year.year}`, done, total: years.length });
    const part = join(folder, `year=${year.year}`, "part-0.parquet");
    const linked = usable && (await linkYear(usable, year, part));
    const found = linked ?? (await cleanYear(lake, minutes.folder, year, part));
    counts[year.year] = { ...found, key: year.key };
  }
  const rows = Object.values(counts).reduce((total, { kept }) => total + kept, 0);
  return { rows, facts: { symbol, first, last, years: counts } };
}

function countsOf({ manifest }: Published): CleanedSymbol {
  const found = manifest.facts.years as Record<string, YearCounts>;
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
