import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { SOURCES, type Source } from "../candle/candle.ts";
import { failure } from "../core/errors.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { statementForm } from "../recognition/statement.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { RawFile } from "./files.ts";
import { fileFactsForm } from "./report.ts";

const SCHEMA = 1;

/** Counted up whenever the same bytes would be read to other rows. */
export const READER_VERSION = 5;

const entryForm = z.object({
  /** What `file_id` in the minutes means; a file keeps it for as long as it is in the list. */
  id: z.number().int(),
  /** Relative to the workspace. */
  path: z.string(),
  name: z.string(),
  /** Where the person stated it. */
  symbol: z.string().nullable(),
  /** What else the person stated of the file, and that with what `candles.json` beside it states. */
  stated: statementForm.default({}),
  reading: statementForm.default({}),
  /** `backfill` where the file lies in `data/raw/<SYMBOL>/backfill`. */
  origin: z.enum(["batch", "backfill"]),
  /** Read this time only: the next reading drops its rows. */
  once: z.boolean().optional(),
  bytes: z.number().int(),
  /** Milliseconds since 1970, as the file system says. */
  modified: z.number().int(),
  readerVersion: z.number().int(),
  /** Null until the file was read once. */
  facts: fileFactsForm.nullable(),
  /** Why the file could not be read the last time; `facts` are then those of an earlier reading. */
  problem: z.object({ code: z.string(), message: z.string(), next: z.string() }).nullable(),
});

const manifestForm = z.object({
  schema: z.number().int(),
  source: z.enum(SOURCES),
  files: z.array(entryForm),
});

/** A raw file as the manifest keeps it. */
export type RawEntry = z.infer<typeof entryForm>;

/** `data/raw/manifest.json`: the list of files that the workspace is made from, and what each holds. */
export type RawManifest = z.infer<typeof manifestForm>;

const pathOf = (workspace: Workspace) => inWorkspace(workspace, "data", "raw", "manifest.json");

/**
 * @returns null where nothing was ingested yet
 * @throws CandlebookError `newer_table` where a later candlebook wrote it; `damaged_file`
 */
export async function readRawManifest(workspace: Workspace): Promise<RawManifest | null> {
  const value = await readJson(pathOf(workspace));
  if (value === null) return null;
  const parsed = manifestForm.safeParse(value);
  if (parsed.success && parsed.data.schema <= SCHEMA) return parsed.data;
  const schema = (value as { schema?: unknown }).schema;
  if (typeof schema === "number" && schema > SCHEMA) {
    throw failure(
      "newer_table",
      `The list of raw files has form ${schema}; this candlebook reads forms up to ${SCHEMA}.`,
      "Update candlebook, or use another workspace.",
    );
  }
  throw failure(
    "damaged_file",
    "data/raw/manifest.json is damaged.",
    "Delete it and name your files again: candlebook ingest PATH…",
  );
}

export async function writeRawManifest(
  workspace: Workspace,
  source: Source,
  files: RawEntry[],
): Promise<void> {
  const manifest: RawManifest = { schema: SCHEMA, source, files };
  await writeFileWhole(pathOf(workspace), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * The new list with what is known of its files: ids stay, new files get the next ones in order of path.
 * @param files sorted by path
 */
export function entriesFor(files: readonly RawFile[], known: readonly RawEntry[]): RawEntry[] {
  const before = new Map(known.map((entry) => [entry.path, entry]));
  let next = Math.max(0, ...files.map((file) => before.get(file.path)?.id ?? 0)) + 1;
  return files.map((file) => {
    const entry = before.get(file.path);
    const same = (one: RawEntry) =>
      one.symbol === file.symbol && isDeepStrictEqual(one.reading, file.reading);
    if (entry !== undefined && same(entry)) return { ...entry, stated: file.stated, once: file.once };
    const id = entry?.id ?? next++;
    const { path, name, symbol, origin, once, stated, reading } = file;
    const readerVersion = READER_VERSION;
    const unread = { bytes: -1, modified: -1, readerVersion, facts: null, problem: null };
    return { id, path, name, symbol, origin, once, stated, reading, ...unread };
  });
}

/**
 * Whether reading the file again would say the same: size and time are as they were, and the present has not
 * reached rows that lay in the future.
 */
export function isUnchanged(entry: RawEntry, file: RawFile, latest: EpochMs): boolean {
  if (entry.bytes !== file.bytes || entry.modified !== file.modified) return false;
  if (entry.readerVersion !== READER_VERSION || file.problem !== null) return false;
  if (entry.facts === null) return entry.problem !== null;
  if (entry.problem !== null) return false;
  const lasts = Object.values(entry.facts.symbols).map((symbol) => symbol.last);
  return Math.max(0, ...lasts) <= latest && latest < (entry.facts.firstFuture ?? Number.POSITIVE_INFINITY);
}
