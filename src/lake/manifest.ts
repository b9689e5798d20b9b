import { readlink, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { SOURCES } from "../candle/candle.ts";
import { failure } from "../core/errors.ts";
import { readJson } from "../core/files.ts";
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

/**
 * The manifest of a table's published version, or null where nothing is published.
 * @throws CandlebookError `newer_table` where a later candlebook wrote it; `damaged_table` where the manifest is gone or unreadable
 */
export async function readManifest(workspace: Workspace, table: string): Promise<Manifest | null> {
  const folder = await publishedFolder(workspace, table);
  if (folder === null) return null;
  const place = placeOf(workspace, table);
  const value = await readJson(join(place.versions, `${basename(folder)}.json`));
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === "number" && schema > SCHEMA) {
    throw failure(
      "newer_table",
      `The table ${table} has form ${schema}; this candlebook reads forms up to ${SCHEMA}.`,
      "Update candlebook, or use another workspace.",
    );
  }
  const manifest = manifestForm.safeParse(value);
  return manifest.success ? manifest.data : null;
}

/** The folder of the published version, absolute, through the link; null where there is none. */
export async function publishedFolder(workspace: Workspace, table: string): Promise<string | null> {
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

/** Whether each part of a version is there with its size. */
export async function partsAreThere(folder: string, manifest: Manifest): Promise<boolean> {
  const sizes = await Promise.all(
    manifest.parts.map((part) =>
      stat(join(folder, part.path)).then(
        (file) => file.size,
        () => -1,
      ),
    ),
  );
  return sizes.every((size, i) => size === manifest.parts[i].bytes);
}
