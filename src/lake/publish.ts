import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Source } from "../candle/candle.ts";
import { CandlebookError } from "../core/errors.ts";
import { sha256OfFile, sha256OfValue, syncFolders, syncToDisk } from "../core/files.ts";
import { CODE_VERSION } from "../core/version.ts";
import type { MarketClaim, Workspace } from "../core/workspace.ts";
import type { EpochMs } from "../time/epoch.ts";
import { toIso } from "../time/epoch.ts";
import { recordVersion } from "./history/record.ts";
import { removeLeftovers } from "./leftovers.ts";
import { switchLinks } from "./links.ts";
import { withTableLock } from "./lock.ts";
import { type Manifest, type Part, partsAreThere, readVersion, SCHEMA, writeManifest } from "./manifest.ts";
import { REAL_MARKET, underClaim } from "./marketClaim.ts";
import { storageError } from "./storageError.ts";
import { placeOf } from "./tables.ts";

/** The stage, parameters and inputs of a table; together they decide its rows. */
export interface Recipe {
  table: string;
  stage: string;
  parameters: Record<string, unknown>;
  inputs: { name: string; version: string }[];
  source: Source;
}

/** Facts about a version from its writer. */
export interface Written {
  rows: number;
  facts?: Record<string, unknown>;
  /** Parts that are sealed already, or linked from the previous version: they are not read again. */
  sealed?: readonly Part[];
}

export interface Published {
  manifest: Manifest;
  /** The published version's folder, absolute. */
  folder: string;
  /** Nothing had changed, so nothing was done. */
  skipped: boolean;
}

/**
 * Publishes a table in one step, or skips it if its recipe has not changed. The new version is written to its own
 * folder, checked and synced; then the link is replaced by one rename, and `<table>_backup` links to the previous
 * version. A crash at any point leaves the old version or the new one. A workspace's first rows bind it to their
 * market.
 * @throws CandlebookError `mixed_markets` if the workspace's first rows were another market's
 * @param write fills the empty folder in its argument with Parquet parts; may read the version it replaces
 */
export async function publishTable(
  workspace: Workspace,
  recipe: Recipe,
  write: (folder: string) => Promise<Written>,
): Promise<Published> {
  const ready = await publishedAlready(workspace, recipe);
  if (ready !== null) return ready;
  return withTableLock(workspace, recipe.table, async () => {
    const meanwhile = await publishedAlready(workspace, recipe);
    return meanwhile ?? replaceTable(workspace, recipe, write);
  });
}

function fingerprintOf({ stage, parameters, inputs, source }: Recipe): string {
  return sha256OfValue({ schema: SCHEMA, stage, parameters, inputs, source });
}

/** The published version if it has this recipe and its parts exist, else null. */
export async function publishedAlready(workspace: Workspace, recipe: Recipe): Promise<Published | null> {
  const version = await readVersion(workspace, recipe.table).catch(nullWhereReplaceable);
  if (version === null || version.manifest.fingerprint !== fingerprintOf(recipe)) return null;
  const { folder, manifest } = version;
  return (await partsAreThere(folder, manifest)) ? { manifest, folder, skipped: true } : null;
}

/** A damaged or older version does not stop the table's stage; a later candlebook's version does. */
function nullWhereReplaceable(error: unknown): null {
  if (error instanceof CandlebookError && error.code !== "newer_table") return null;
  throw error;
}

async function replaceTable(
  workspace: Workspace,
  recipe: Recipe,
  write: (folder: string) => Promise<Written>,
): Promise<Published> {
  const place = placeOf(workspace, recipe.table);
  const now = toIso(workspace.clock() as EpochMs);
  const id = `${now.replace(/[-:.]/g, "")}-${randomUUID().slice(0, 8)}`;
  const folder = join(place.versions, id);
  await removeLeftovers(place);
  try {
    await mkdir(folder, { recursive: true });
    const { rows, facts = {}, sealed = [] } = await write(folder);
    const parts = await describeParts(folder, sealed);
    const manifest: Manifest = {
      schema: SCHEMA,
      table: recipe.table,
      id,
      stage: recipe.stage,
      codeVersion: CODE_VERSION,
      parameters: recipe.parameters,
      inputs: recipe.inputs,
      fingerprint: fingerprintOf(recipe),
      source: recipe.source,
      rows,
      parts,
      now,
      createdAt: now,
      facts,
    };
    await writeManifest(folder, manifest);
    await syncFolders([place.versions], workspace.root);
    await recordVersion(workspace, recipe.table, { folder, manifest });
    await underClaim(workspace, rows === 0 ? null : marketOf(workspace, recipe), () =>
      switchLinks(place, id),
    );
    await removeLeftovers(place);
    return { manifest, folder, skipped: false };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw storageError(error, recipe.table);
  }
}

/** The market of a table's rows; null if its recipe does not state it: a simulated market has a seed too. */
function marketOf({ market }: Workspace, { source }: Recipe): MarketClaim | null {
  return market ?? (source === "simulated" ? null : REAL_MARKET);
}

/** Flushes a part to the disk and describes it; with many parts immediately, so that nothing waits at the end. */
export async function sealPart(folder: string, path: string): Promise<Part> {
  const file = join(folder, path);
  await syncToDisk(file);
  return { path, bytes: (await stat(file)).size, sha256: await sha256OfFile(file) };
}

async function describeParts(folder: string, sealed: readonly Part[]): Promise<Part[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const known = new Map(sealed.map((part) => [part.path, part]));
  const parts = [];
  for (const file of files.sort()) {
    const path = relative(folder, file).replaceAll("\\", "/");
    parts.push(known.get(path) ?? (await sealPart(folder, path)));
  }
  // A file is on the disk, and its name is not before its folder is.
  await syncFolders(files.map(dirname), folder);
  return parts;
}

/**
 * Removes a table with its versions, because its inputs no longer exist. Links first, so that no reader finds a part.
 */
export async function unpublish(workspace: Workspace, table: string): Promise<void> {
  const place = placeOf(workspace, table);
  await withTableLock(workspace, table, async () => {
    await rm(place.backup, { recursive: true, force: true });
    await rm(place.link, { recursive: true, force: true });
    await rm(place.versions, { recursive: true, force: true });
  });
}
