import { readlink, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { SOURCES, type Source } from "../candle/candle.ts";
import { failure } from "../core/errors.ts";
import { readJson, sha256OfFile, writeFileWhole } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import { placeOf } from "./tables.ts";

/** The form of manifests and tables. A reader refuses a newer one than its own, and one before the oldest it knows. */
export const SCHEMA = 2;
const OLDEST_SCHEMA = 1;

/** A Parquet file of a version. */
export interface Part {
  /** Relative to the version's folder. */
  path: string;
  bytes: number;
  sha256: string;
}

/** What is known of a version of a table. */
export interface Manifest {
  schema: number;
  table: string;
  /** The version's folder name. */
  id: string;
  stage: string;
  codeVersion: string;
  /** Parameters that affect the rows. */
  parameters: Record<string, unknown>;
  /** Its inputs: file or table names with a hash or a version id. */
  inputs: { name: string; version: string }[];
  /** Hash of stage, parameters and inputs: if it is equal, the table is up to date. */
  fingerprint: string;
  source: Source;
  rows: number;
  parts: Part[];
  /** The instant that counted as now, ISO 8601. */
  now: string;
  createdAt: string;
  /** Results of the stage, for later display: balance by file, years … */
  facts: Record<string, unknown>;
}

const manifestForm: z.ZodType<Manifest> = z.object({
  schema: z.number().int(),
  table: z.string(),
  id: z.string(),
  stage: z.string(),
  codeVersion: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  inputs: z.array(z.object({ name: z.string(), version: z.string() })),
  fingerprint: z.string(),
  source: z.enum(SOURCES),
  rows: z.number().int(),
  parts: z.array(z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })),
  now: z.string(),
  createdAt: z.string(),
  facts: z.record(z.string(), z.unknown()),
});

/** A published version: its folder, absolute, and its manifest. */
export interface Version {
  folder: string;
  manifest: Manifest;
}

/**
 * The published version of a table, or null without one.
 * @throws CandlebookError `newer_table`, `older_table` if another candlebook wrote it in a form that this one does
 *   not read; `damaged_table` if the manifest is missing or unreadable
 */
export async function readVersion(workspace: Workspace, table: string): Promise<Version | null> {
  const folder = await publishedFolder(workspace, table);
  if (folder === null) return null;
  const value = await readJson(manifestPath(folder)).catch(() => null);
  // A writer may have published twice since, and removed this version.
  const newer = value === null ? await publishedFolder(workspace, table) : folder;
  if (newer !== null && newer !== folder) return readVersion(workspace, table);
  return { folder, manifest: parseManifest(table, value) };
}

/** @see readVersion */
export async function readManifest(workspace: Workspace, table: string): Promise<Manifest | null> {
  return (await readVersion(workspace, table))?.manifest ?? null;
}

/** Writes a version's manifest beside its folder, whole or not at all. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFileWhole(manifestPath(folder), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The manifest's path, beside the version's folder. */
const manifestPath = (folder: string) => `${folder}.json`;

/**
 * Parses the content of a manifest file.
 * @param value its JSON, or null without one
 *
 * @throws CandlebookError @see readVersion
 */
export function parseManifest(table: string, value: unknown): Manifest {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === "number" && schema > SCHEMA) {
    throw failure(
      "newer_table",
      `The table ${table} has form ${schema}; this candlebook reads forms up to ${SCHEMA}.`,
      "Update candlebook, or use another workspace.",
    );
  }
  if (typeof schema === "number" && schema < OLDEST_SCHEMA) {
    throw failure(
      "older_table",
      `The table ${table} has form ${schema}; this candlebook reads forms from ${OLDEST_SCHEMA} on.`,
      "Run its stage (candlebook run runs all): it is rebuilt from its inputs.",
    );
  }
  const manifest = manifestForm.safeParse(value);
  if (manifest.success) return manifest.data;
  throw failure(
    "damaged_table",
    `The manifest of the table ${table} is missing or can't be read.`,
    "Run the stage of the table (candlebook run runs all): it is rebuilt from its inputs.",
  );
}

/** The folder of the published version, absolute, through the link; null without one. */
async function publishedFolder(workspace: Workspace, table: string): Promise<string | null> {
  const place = placeOf(workspace, table);
  for (const link of [place.link, place.backup]) {
    try {
      return join(place.versions, basename(await readlink(link)));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "ENOENT" && code !== "EINVAL") throw error;
    }
  }
  return null;
}

/**
 * Whether each part of a version exists as it was written: compares its size, and its content if it was modified
 * after the manifest (by hand, or by a copy that keeps no times).
 */
export async function partsAreThere(folder: string, manifest: Manifest): Promise<boolean> {
  const written = (await stat(manifestPath(folder)).catch(() => null))?.mtimeMs ?? 0;
  const whole = await Promise.all(
    manifest.parts.map(async ({ path, bytes, sha256 }) => {
      const file = join(folder, path);
      const found = await stat(file).catch(() => null);
      if (found?.size !== bytes) return false;
      return found.mtimeMs <= written || (await sha256OfFile(file)) === sha256;
    }),
  );
  return whole.every(Boolean);
}
