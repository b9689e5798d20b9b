import type { Effects } from "../core/effects.ts";
import { CandlebookError, throwIfAborted } from "../core/errors.ts";
import { runLimited } from "../core/limited.ts";
import type { Workspace } from "../core/workspace.ts";
import type { LakePool } from "../lake/pool.ts";
import { type RawFile, unreadable } from "./files.ts";
import { keptImport } from "./formerImport.ts";
import { type FilesReader, type Imported, importFile } from "./importFile.ts";
import { type ImportContext, importFolder, makeImports, readImport, type WantedImport } from "./imports.ts";
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
  { pool, reader }: { pool: LakePool; reader?: FilesReader },
  effects: Effects,
): Promise<ReadFiles> {
  const own: FilesReader = (readings) => Promise.allSettled(readings.map((one) => importFile(pool, one)));
  const context: ImportContext = { workspace, reader: reader ?? own, latest };
  const wanted = files.flatMap((file, i) =>
    stale.has(file.path) ? [{ i, file, entry: freshEntry(plan.entries[i], file) }] : [],
  );
  let entries = plan.entries;
  let done = files.length - wanted.length;
  await runLimited(batchesOf(wanted, reader === undefined ? 1 : FILES_TOGETHER), pool.size, async (batch) => {
    throwIfAborted(effects.signal);
    const outcomes = await readTogether(context, batch);
    for (const [n, { i, file, entry }] of batch.entries()) {
      const known = plan.entries[i];
      const read = await entryOf(outcomes[n], file, entry, () => keptImport(workspace, pool, known));
      entries = entries.with(i, read);
    }
    done += batch.length;
    effects.progress?.({ stage: "ingest", note: batch[0].file.name, done, total: files.length });
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

/** Files that another engine reads together: what it costs beside the rows is for all of them. */
const FILES_TOGETHER = 10_000;

function* batchesOf<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

function freshEntry(known: RawEntry, { bytes, modified }: RawFile): RawEntry {
  return { ...known, bytes, modified, readerVersion: READER_VERSION, problem: null };
}

/** Reads files of which some may be known to be unreadable. */
async function readTogether(
  context: ImportContext,
  wanted: readonly WantedImport[],
): Promise<PromiseSettledResult<Imported>[]> {
  const read = await makeImports(
    context,
    wanted.filter(({ file }) => file.problem === null),
  );
  return wanted.map(({ file: { problem } }) =>
    problem === null
      ? (read.shift() as PromiseSettledResult<Imported>)
      : { status: "rejected", reason: problem },
  );
}

/** What is wrong with the file itself is recorded in its entry, beside the facts of an earlier reading. */
async function entryOf(
  outcome: PromiseSettledResult<Imported>,
  file: RawFile,
  entry: RawEntry,
  keptEntry: () => Promise<RawEntry | null>,
): Promise<RawEntry> {
  if (outcome.status === "fulfilled") return { ...entry, facts: outcome.value.facts };
  const { code, message, next } = problemOf(file, outcome.reason);
  return { ...((await keptEntry()) ?? { ...entry, facts: null }), problem: { code, message, next } };
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
  const [outcome] = await makeImports(context, [{ file, entry }]);
  if (outcome.status === "rejected") throw outcome.reason;
  return { folder, parts: outcome.value.parts };
}
