import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Workspace } from "../../core/workspace.ts";
import { linkPart } from "../../lake/links.ts";
import { type Part, partsAreThere, readVersion, SCHEMA, type Version } from "../../lake/manifest.ts";
import { publishTable, type Recipe } from "../../lake/publish.ts";
import { type Lake, parquetSql, withLake } from "../../lake/session.ts";
import { type Columns, copyTo, writeParquet } from "../../lake/write.ts";

/** The version published before by the same stage from the same input, and how much of the input it has. */
export interface Base extends Version {
  upTo: number;
}

/** A recipe whose one input grows: a table that has it up to 7 is the beginning of one that has it up to 9. */
export function appendRecipe(
  recipe: Omit<Recipe, "inputs">,
  input: { name: string; id: string; upTo: number },
): Recipe {
  return { ...recipe, inputs: [{ name: input.name, version: `${input.id}:${input.upTo}` }] };
}

/** The input of a recipe by `appendRecipe`. */
export function growingInput({ name, version }: Recipe["inputs"][number]) {
  const [, id, upTo] = /^(.*):(\d+)$/.exec(version) ?? [];
  return { name, id, upTo: Number(upTo) };
}

/** The published version, where the recipe can append to it: it is the beginning of the same table, undamaged. */
export async function baseOf(workspace: Workspace, recipe: Recipe): Promise<Base | null> {
  const version = await readVersion(workspace, recipe.table).catch(() => null);
  if (version === null) return null;
  const { schema, stage, source, inputs, parameters } = version.manifest;
  // A version of an earlier form has other columns: the new one is written from the beginning.
  if (schema !== SCHEMA || parameters.form !== recipe.parameters.form) return null;
  if (stage !== recipe.stage || source !== recipe.source || inputs.length !== 1) return null;
  const [mine, theirs] = [recipe.inputs[0], inputs[0]].map(growingInput);
  const begins = mine.name === theirs.name && mine.id === theirs.id && theirs.upTo <= mine.upTo;
  if (!begins || !(await partsAreThere(version.folder, version.manifest))) return null;
  return { ...version, upTo: theirs.upTo };
}

export interface AppendedRows {
  columns: Columns;
  /** The rows that follow this much of the input. */
  pages(since: number): Iterable<readonly object[]>;
}

/**
 * Publishes a table to which rows are only appended, in their order. Earlier parts are linked, not rewritten; parts of
 * similar size are joined, so that there are few: a row is rewritten whenever its part doubles.
 */
export async function publishAppended(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  { columns, pages }: AppendedRows,
): Promise<void> {
  await publishTable(workspace, recipe, async (folder) => {
    const base = await baseOf(workspace, recipe);
    const since = base?.upTo ?? 0;
    const kept = [...(base?.manifest.parts ?? [])];
    for (const { path } of kept) await linkPart(join(base?.folder as string, path), join(folder, path));
    // Its name, too, is sorted after those of the earlier parts.
    const path = `part-${String(since).padStart(10, "0")}.parquet`;
    const added = await withLake(workspace, effects, async (lake) => {
      const count = await writeParquet(lake, join(folder, path), columns, pages(since));
      await joinLastParts(lake, folder, kept, path);
      return count;
    });
    return { rows: (base?.manifest.rows ?? 0) + added, sealed: kept };
  });
}

/** Joins the last part with the one before it, until that is more than twice as large. @param kept parts that are joined are removed from it */
async function joinLastParts(lake: Lake, folder: string, kept: Part[], path: string): Promise<void> {
  let last = path;
  for (let before = kept.at(-1); before !== undefined; before = kept.at(-1)) {
    const { size } = await stat(join(folder, last));
    if (before.bytes > 2 * size) return;
    const draft = join(folder, "draft");
    const both = [before.path, last].map((name) => join(folder, name));
    await copyTo(lake, `(FROM ${parquetSql(both)})`, draft);
    await rm(join(folder, last));
    last = before.path;
    await rename(draft, join(folder, last));
    kept.pop();
  }
}
