import { join } from "node:path";
import type { Source } from "../candle/candle.ts";
import { assetOf } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { linkPart } from "../lake/links.ts";
import type { Part } from "../lake/manifest.ts";
import type { LakePool } from "../lake/pool.ts";
import { type Published, publishTable, type Recipe, unpublish } from "../lake/publish.ts";
import { literal } from "../lake/session.ts";
import { MINUTES_FORMAT } from "./layout.ts";
import { type RawEntry, READER_VERSION } from "./rawManifest.ts";
import type { ImportPart } from "./report.ts";

type ImportOf = (entry: RawEntry) => Promise<{ folder: string; parts: ImportPart[] }>;

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

/** One recipe for each symbol's `<asset>_minutes`: the files that hold it. */
export function minutesRecipes(
  entries: readonly RawEntry[],
  source: Source,
  wanted?: readonly string[],
): Recipe[] {
  return symbolsIn(entries)
    .filter((symbol) => wanted?.includes(symbol) ?? true)
    .map((symbol) =>
      recipeOf(
        `${assetOf(symbol)}_minutes`,
        { symbol },
        entries.filter((entry) => entry.facts?.symbols[symbol] !== undefined),
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

/** A file's id and its rows are named too: the same bytes say more once their future has come. */
function recipeOf(table: string, more: object, entries: readonly RawEntry[], source: Source): Recipe {
  const files = entries.map(({ id, facts }) => ({ id, valid: facts?.rows.valid }));
  return {
    table,
    stage: "ingest",
    parameters: { ...more, readerVersion: READER_VERSION, files },
    inputs: entries.map(({ name, facts }) => ({ name, version: facts?.sha256 ?? "" })),
    source,
  };
}

/** Publishes one symbol's minutes: links of the parts that its files were read into. */
export async function publishMinutes(
  workspace: Workspace,
  recipe: Recipe,
  entries: readonly RawEntry[],
  importOf: ImportOf,
): Promise<Published> {
  const symbol = recipe.parameters.symbol as string;
  const own = entries.filter((entry) => entry.facts?.symbols[symbol] !== undefined);
  return publishTable(workspace, recipe, async (folder) => {
    const years: Record<string, number> = {};
    const ascending: Record<string, [number, number]> = {};
    const sealed: Part[] = [];
    for (const entry of own) {
      const { folder: from, parts } = await importOf(entry);
      for (const part of parts.filter(({ path }) => path.startsWith(`${symbol}/`))) {
        const path = part.path.slice(symbol.length + 1);
        sealed.push(await linkImported(from, part, folder, path));
        const year = path.slice("year=".length, "year=".length + 4);
        years[year] = (years[year] ?? 0) + part.rows;
        if (part.span !== null) ascending[path] = part.span;
      }
    }
    const spans = own.map((entry) => entry.facts?.symbols[symbol]).filter((span) => span !== undefined);
    const rows = Object.values(years).reduce((sum, count) => sum + count, 0);
    const rejected = own
      .filter((entry) => Object.keys(entry.facts?.symbols ?? {}).length === 1)
      .reduce((sum, entry) => sum + (entry.facts?.rows.rejected ?? 0), 0);
    return {
      rows,
      sealed,
      facts: {
        symbol,
        years,
        spans: ascending,
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
  entries: readonly RawEntry[],
  importOf: ImportOf,
): Promise<Published> {
  return publishTable(workspace, recipe, async (folder) => {
    const sealed: Part[] = [];
    let rows = 0;
    for (const entry of entries.filter(({ facts }) => (facts?.rows.rejected ?? 0) > 0)) {
      const { folder: from, parts } = await importOf(entry);
      for (const part of parts.filter(({ path }) => path.startsWith("rejects/"))) {
        const path = part.path.slice("rejects/".length);
        sealed.push(await linkImported(from, part, folder, path));
        rows += part.rows;
      }
    }
    if (rows === 0) await pool.use((lake) => lake.run(emptyRejects(join(folder, "none.parquet"))));
    return { rows, sealed };
  });
}

/** Links a part of an import into a version. @returns the part as the version's manifest has it */
async function linkImported(
  from: string,
  { path: imported, bytes, sha256 }: ImportPart,
  folder: string,
  path: string,
): Promise<Part> {
  await linkPart(join(from, imported), join(folder, path));
  return { path, bytes, sha256 };
}

function emptyRejects(path: string): string {
  return `COPY (SELECT NULL::VARCHAR AS symbol, NULL::VARCHAR AS file, NULL::BIGINT AS line,
    NULL::VARCHAR AS reason, NULL::VARCHAR AS raw LIMIT 0) TO ${literal(path)} (${MINUTES_FORMAT})`;
}

/** Removes the minutes and clean minutes of symbols that no file of the list holds. */
export async function removeDropped(workspace: Workspace, entries: readonly RawEntry[]): Promise<void> {
  const assets = new Set(symbolsIn(entries).map(assetOf));
  for (const table of await publishedTables(workspace)) {
    const asset = /^(.+)_(minutes|clean)$/.exec(table)?.[1];
    if (asset !== undefined && !assets.has(asset)) await unpublish(workspace, table);
  }
}
