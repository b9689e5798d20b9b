import { readlink, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { SOURCES } from "../candle/candle.ts";
import { failure } from "../core/errors.ts";
import { readJson, sha256OfFile } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import { placeOf } from "./tables.ts";

/** The form of manifests and tables. A reader refuses what is newer than itself. */
export const SCHEMA = 1;

const manifestForm = z.object({
  schema: z.number().int(),
  table: z.string(),
  /** The version's folder name. */
  id: z.string(),
  stage: z.string(),
  codeVersion: z.string(),
  /** Whatever besides the inputs decides the rows. */
  parameters: z.record(z.string(), z.unknown()),
  /** What it was made from: file or table names with a hash or a version id. */
  inputs: z.array(z.object({ name: z.string(), version: z.string() })),
  /** Hash of stage, parameters and inputs: equal means that nothing is to be done. */
  fingerprint: z.string(),
  source: z.enum(SOURCES),
  rows: z.number().int(),
  parts: z.array(z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })),
  /** The instant that counted as the present, ISO 8601. */
  now: z.string(),
  createdAt: z.string(),
  /** What the stage found, for those who show it later: balance by file, years … */
  facts: z.record(z.string(), z.unknown()),
});

export type Manifest = z.infer<typeof manifestForm>;

/** A Parquet file of a version, relative to its folder. */
export type Part = Manifest["parts"][number];

/** A published version: its folder, absolute, and what its manifest says. */
export interface Version {
  folder: string;
  manifest: Manifest;
}

/**
 * The published version of a table, or null where nothing is published.
 * @throws CandlebookError `newer_table`, `older_table` where another candlebook wrote it in a form that this one does not read; `damaged_table` where the manifest is gone or unreadable
 */
export async function readVersion(workspace: Workspace, table: string): Promise<Version | null> {
  const folder = await publishedFolder(workspace, table);
  if (folder === null) return null;
  const value = await readJson(manifestPath(folder)).catch(() => null);
  // A writer may have published twice since, and taken this version away.
  const newer = value === null ? await publishedFolder(workspace, table) : folder;
  if (newer !== null && newer !== folder) return readVersion(workspace, table);
  return { folder, manifest: parseManifest(table, value) };
}

/** @see readVersion */
export async function readManifest(workspace: Workspace, table: string): Promise<Manifest | null> {
  return (await readVersion(workspace, table))?.manifest ?? null;
}

/** Beside a version's folder. */
const manifestPath = (folder: string) => `${folder}.json`;

/**
 * What a manifest's file says.
 * @param value its JSON, or null where there is none
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
  if (typeof schema === "number" && schema < SCHEMA) {
    throw failure(
      "older_table",
      `The table ${table} has form ${schema}; this candlebook reads form ${SCHEMA}.`,
      "Run the stage that makes it (candlebook run does all): it is made anew from its inputs.",
    );
  }
  const manifest = manifestForm.safeParse(value);
  if (manifest.success) return manifest.data;
  throw failure(
    "damaged_table",
    `The manifest of the table ${table} is gone or can't be read.`,
    "Run the stage that makes the table (candlebook run does all): it is made anew from its inputs.",
  );
}

/** The folder of the published version, absolute, through the link; null where there is none. */
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
 * Whether each part of a version is there as it was written: its size, and its content where it was written to after
 * the manifest (by hand, or by a copy that keeps no times).
 */
export async function partsAreThere(folder: string, manifest: Manifest): Promise<boolean> {
  const written = await modified(manifestPath(folder));
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

const modified = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
