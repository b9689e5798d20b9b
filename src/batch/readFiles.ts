import type { Effects } from "../core/effects.ts";
import { CandlebookError, throwIfAborted } from "../core/errors.ts";
import { runLimited } from "../core/limited.ts";
import type { Workspace } from "../core/workspace.ts";
import type { LakePool } from "../lake/pool.ts";
import { type RawFile, unreadable } from "./files.ts";
import { type FileReader, importFile } from "./importFile.ts";
import { type ImportContext, importFolder, makeImport, readImport } from "./imports.ts";
import { filesOfOtherMarkets, type OneMarketQuestion } from "./oneMarket.ts";
import type { ReadingPlan } from "./plan.ts";
import { type RawEntry, READER_VERSION } from "./rawManifest.ts";
import type { ImportPart } from "./report.ts";

/** The files of a plan as they were read, and where each one's parts are. */
export interface ReadFiles {
  entries: RawEntry[];
  importOf(entry: RawEntry): Promise<{ folder: string; parts: ImportPart[] }>;
}

/**
 * Reads the files of a plan that are to be read again, in parallel. What is wrong with a file is recorded in its entry.
 * @throws the error itself where it is not the file's: the disk, an interruption, a bug
 */
export async function readFiles(
  workspace: Workspace,
  { files, latest, stale, ...plan }: ReadingPlan,
  { pool, reader = (reading) => importFile(pool, reading) }: { pool: LakePool; reader?: FileReader },
  effects: Effects,
): Promise<ReadFiles> {
  const context: ImportContext = { workspace, reader, latest };
  let entries = plan.entries;
  let done = 0;
  await runLimited(files.keys(), pool.size, async (i) => {
    const file = files[i];
    throwIfAborted(effects.signal);
    if (stale.has(file.path)) {
      const entry = await readFile(context, file, entries[i]);
      entries = entries.with(i, entry);
    }
    done += 1;
    effects.progress?.({ stage: "ingest", note: file.name, done, total: files.length });
  });
  const importOf = (entry: RawEntry) => availableImport(context, files, entry);
  entries = await withoutOtherMarkets(pool, { entries, files, fresh: stale, partsOf: importOf });
  return { entries, importOf };
}

/** The entries, those without their facts whose files are of another market than the others of their symbol. */
async function withoutOtherMarkets(pool: LakePool, question: OneMarketQuestion): Promise<RawEntry[]> {
  const refused = await filesOfOtherMarkets(pool, question);
  return question.entries.map((entry) => {
    const problem = refused.get(entry.path);
    if (problem === undefined) return entry;
    const { code, message, next } = problem;
    return { ...entry, facts: null, problem: { code, message, next } };
  });
}

/** Reads one file; what is wrong with the file itself is recorded in its entry, beside the facts of an earlier reading. */
async function readFile(context: ImportContext, file: RawFile, known: RawEntry): Promise<RawEntry> {
  const { bytes, modified } = file;
  const entry: RawEntry = { ...known, bytes, modified, readerVersion: READER_VERSION, problem: null };
  try {
    if (file.problem !== null) throw file.problem;
    const { facts } = await makeImport(context, file, entry);
    return { ...entry, facts };
  } catch (error) {
    const { code, message, next } = problemOf(file, error);
    const kept = known.facts !== null && (await readImport(importFolder(context.workspace, known))) !== null;
    return { ...(kept ? known : { ...entry, facts: null }), problem: { code, message, next } };
  }
}

/** @throws the error itself where it is no matter of the file's: the disk, an interruption, a bug */
function problemOf(file: RawFile, error: unknown): CandlebookError {
  if (error instanceof CandlebookError && error.exit === 2) return error;
  const { code = "", path } = error as NodeJS.ErrnoException;
  if (code.startsWith("Z_") || path === file.absolute) return unreadable(file.given, error);
  throw error;
}

async function availableImport(
  context: ImportContext,
  files: readonly RawFile[],
  entry: RawEntry,
): Promise<{ folder: string; parts: ImportPart[] }> {
  const folder = importFolder(context.workspace, entry);
  const there = await readImport(folder);
  if (there !== null) return { folder, parts: there.parts };
  const file = files.find(({ path }) => path === entry.path) as RawFile;
  return { folder, parts: (await makeImport(context, file, entry)).parts };
}
