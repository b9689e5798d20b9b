import { join } from "node:path";
import { AMOUNT_COLUMNS, type Source } from "../candle/candle.ts";
import { assetOf } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import { linkPart } from "../lake/links.ts";
import type { Part } from "../lake/manifest.ts";
import type { LakePool } from "../lake/pool.ts";
import { type Published, publishTable, type Recipe, unpublish } from "../lake/publish.ts";
import { cleanTable, intervalOf, readingTable, seriesParameters } from "../lake/seriesTables.ts";
import { literal } from "../lake/session.ts";
import { INTERVALS, type Interval } from "../time/interval.ts";
import { MINUTES_FORMAT } from "./layout.ts";
import { type RawEntry, READER_VERSION } from "./rawManifest.ts";
import type { ReadFiles } from "./readFiles.ts";
import type { ImportPart } from "./report.ts";

type ImportOf = ReadFiles["importOf"];

/** All symbols that the files hold, sorted. @throws CandlebookError `same_folder` where two would share one */
export function symbolsIn(entries: readonly RawEntry[]): string[] {
  const symbols = [...new Set(entries.flatMap((entry) => Object.keys(entry.facts?.symbols ?? {})))].sort();
  const owners = new Map<string, string>();
  for (const symbol of symbols) {
    const owner = owners.get(assetOf(symbol));
    if (owner !== undefined) {
      throw inputError(
        "same_folder",
        `${owner} and ${symbol} would share the folder ${assetOf(symbol)}.`,
        "Ingest them into two workspaces: --workspace DIR.",
      );
    }
    owners.set(assetOf(symbol), symbol);
  }
  return symbols;
}

/** The series that the files hold, sorted. @throws CandlebookError `same_folder` */
export function seriesIn(entries: readonly RawEntry[]): { symbol: string; interval: Interval }[] {
  return symbolsIn(entries).flatMap((symbol) =>
    INTERVALS.filter((interval) => entries.some((entry) => holds(entry, symbol, interval))).map(
      (interval) => ({
        symbol,
        interval,
      }),
    ),
  );
}

function holds({ facts }: RawEntry, symbol: string, interval: Interval): boolean {
  return facts?.symbols[symbol] !== undefined && facts.interval === interval;
}

/** One recipe for each series' table, such as `<asset>_minutes`: the files that hold it. */
export function minutesRecipes(
  entries: readonly RawEntry[],
  source: Source,
  wanted?: readonly string[],
): Recipe[] {
  return seriesIn(entries)
    .filter(({ symbol }) => wanted?.includes(symbol) ?? true)
    .map(({ symbol, interval }) =>
      recipeOf(
        readingTable(symbol, interval),
        seriesParameters(symbol, interval),
        entries.filter((entry) => holds(entry, symbol, interval)),
        source,
      ),
    );
}

/** Rejects depend on every file. */
export function rejectsRecipe(entries: readonly RawEntry[], source: Source): Recipe {
  return recipeOf(
    "rejects",
    {},
    entries.filter((entry) => entry.facts !== null),
    source,
  );
}

/**
 * A file's id, its rows and what is stated of it are named too: the same bytes have more rows once their future is past, and
 * other things where their form is stated otherwise.
 */
function recipeOf(table: string, more: object, entries: readonly RawEntry[], source: Source): Recipe {
  const files = entries.map(({ id, facts, reading }) => ({ id, valid: facts?.rows.valid, reading }));
  return {
    table,
    stage: "ingest",
    parameters: { ...more, readerVersion: READER_VERSION, files },
    inputs: entries.map(({ name, facts }) => ({ name, version: facts?.sha256 ?? "" })),
    source,
  };
}

/** Publishes one series' candles: links of the parts that its files were read into. */
export async function publishMinutes(
  workspace: Workspace,
  recipe: Recipe,
  { entries, importOf }: ReadFiles,
): Promise<Published> {
  const symbol = recipe.parameters.symbol as string;
  const interval = intervalOf(recipe);
  const own = entries.filter((entry) => holds(entry, symbol, interval));
  return publishTable(workspace, recipe, async (folder) => {
    const years: Record<string, number> = {};
    const ascending: Record<string, [number, number]> = {};
    const linked = await linkImported(own, importOf, `${symbol}/`, folder);
    for (const { path, rows, span } of linked) {
      const year = path.slice("year=".length, "year=".length + 4);
      years[year] = (years[year] ?? 0) + rows;
      if (span !== null) ascending[path] = span;
    }
    const spans = own.map((entry) => entry.facts?.symbols[symbol]).filter((span) => span !== undefined);
    const rows = Object.values(years).reduce((sum, count) => sum + count, 0);
    const rejected = own
      .filter((entry) => Object.keys(entry.facts?.symbols ?? {}).length === 1)
      .reduce((sum, entry) => sum + (entry.facts?.rows.rejected ?? 0), 0);
    return {
      rows,
      sealed: linked.map(sealOf),
      facts: {
        symbol,
        years,
        spans: ascending,
        amounts: AMOUNT_COLUMNS.filter((column) =>
          own.some((entry) => entry.facts?.amounts.includes(column)),
        ),
        rejected,
        first: Math.min(...spans.map(({ first }) => first)),
        last: Math.max(...spans.map(({ last }) => last)),
      },
    };
  });
}

/** Publishes the rejects of all files; without any, a table with no rows. */
export async function publishRejects(
  workspace: Workspace,
  pool: LakePool,
  recipe: Recipe,
  { entries, importOf }: ReadFiles,
): Promise<Published> {
  return publishTable(workspace, recipe, async (folder) => {
    const rejecting = entries.filter(({ facts }) => (facts?.rows.rejected ?? 0) > 0);
    const linked = await linkImported(rejecting, importOf, "rejects/", folder);
    const rows = linked.reduce((sum, part) => sum + part.rows, 0);
    if (rows === 0) await pool.use((lake) => lake.run(emptyRejects(join(folder, "none.parquet"))));
    return { rows, sealed: linked.map(sealOf) };
  });
}

/**
 * Links the parts below a folder of each file's import into a version.
 * @param from that folder in the imports, with its slash
 * @returns the parts in the order of the files, their paths those in the version
 */
async function linkImported(
  entries: readonly RawEntry[],
  importOf: ImportOf,
  from: string,
  folder: string,
): Promise<ImportPart[]> {
  const linked: ImportPart[] = [];
  for (const entry of entries) {
    const found = await importOf(entry);
    for (const part of found.parts.filter(({ path }) => path.startsWith(from))) {
      const path = part.path.slice(from.length);
      await linkPart(join(found.folder, part.path), join(folder, path));
      linked.push({ ...part, path });
    }
  }
  return linked;
}

/** What a manifest says of a part that was linked. */
const sealOf = ({ path, bytes, sha256 }: ImportPart): Part => ({ path, bytes, sha256 });

function emptyRejects(path: string): string {
  return `COPY (SELECT NULL::VARCHAR AS symbol, NULL::VARCHAR AS file, NULL::BIGINT AS line,
    NULL::VARCHAR AS reason, NULL::VARCHAR AS raw LIMIT 0) TO ${literal(path)} (${MINUTES_FORMAT})`;
}

/** Removes the candles, as read and clean, of series that no file of the list holds. */
export async function removeDropped(workspace: Workspace, entries: readonly RawEntry[]): Promise<void> {
  const held = seriesIn(entries).flatMap(({ symbol, interval }) => [
    readingTable(symbol, interval),
    cleanTable(symbol, interval),
  ]);
  for (const { table } of await publishedSeries(workspace)) {
    if (!held.includes(table)) await unpublish(workspace, table);
  }
}
