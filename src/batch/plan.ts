import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { sha256OfFile } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { DAY_MS, type EpochMs } from "../time/epoch.ts";
import { type InputFile, listBackfillFiles, listFiles, mergeFiles, type RawFile } from "./files.ts";
import { entriesFor, isUnchanged, type RawEntry, readRawManifest } from "./rawManifest.ts";

/** Which files are read, and which of them again. */
export interface ReadingPlan {
  source: Source;
  files: RawFile[];
  passedOver: string[];
  entries: RawEntry[];
  known: RawEntry[];
  stale: Set<string>;
  latest: EpochMs;
}

/** Which files a plan is of. */
export interface ReadingOptions {
  /** Empty: the files of the last time. Else the new list, which replaces the old. */
  files: readonly InputFile[];
  /** Read with them this time only: the next reading without them drops their rows. */
  also?: readonly InputFile[];
  /** Hashes every file instead of trusting its size and time. */
  verify?: boolean;
  /** Reads every file again. */
  rebuild?: boolean;
  /** `csv` (a person's files) where nothing else is said or was said before. */
  source?: Source;
}

/** @throws CandlebookError `no_files` */
export async function makePlan(workspace: Workspace, options: ReadingOptions): Promise<ReadingPlan> {
  const manifest = await readRawManifest(workspace);
  const known = manifest?.files ?? [];
  const inputs = options.files.length > 0 ? options.files : inputsOf(workspace, known);
  const backfill = await listBackfillFiles(workspace);
  const read = new Set(known.filter(({ facts }) => facts !== null).map(({ path }) => path));
  const listed = await listFiles(workspace, inputs, read);
  const more = await listFiles(workspace, options.also ?? [], read);
  const once = more.files.map((file) => ({ ...file, once: true }));
  // A file that is in the list anyway stays in it.
  const files = mergeFiles(once, listed.files, backfill);
  if (files.length === 0) {
    throw inputError(
      "no_files",
      "No raw file was named, now or before.",
      "Name some: candlebook ingest PATH…",
    );
  }
  const latest = (workspace.clock() + DAY_MS) as EpochMs;
  const entries = entriesFor(files, known);
  const stale = new Set<string>();
  for (const [i, file] of files.entries()) {
    const unchanged = !options.rebuild && isUnchanged(entries[i], file, latest);
    const sure = unchanged && (!options.verify || (await hasSameBytes(file, entries[i])));
    if (!sure) stale.add(file.path);
  }
  const source = options.source ?? manifest?.source ?? "csv";
  return {
    source,
    files,
    passedOver: [...listed.passedOver, ...more.passedOver],
    entries,
    known,
    stale,
    latest,
  };
}

/** The list of the last time, without copies that were read once, and without the backfill folders: those are listed again. */
function inputsOf(workspace: Workspace, known: readonly RawEntry[]): InputFile[] {
  return known
    .filter(({ origin, once }) => origin === "batch" && !once)
    .map(({ path, symbol, stated }) => ({
      path: inWorkspace(workspace, path),
      stated,
      ...(symbol === null ? {} : { symbol }),
    }));
}

async function hasSameBytes(file: RawFile, entry: RawEntry): Promise<boolean> {
  return entry.facts?.sha256 === (await sha256OfFile(file.absolute).catch(() => null));
}
