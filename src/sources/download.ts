import { randomUUID } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, throwIfAborted } from "../core/errors.ts";
import { makeFolder, sha256OfFile, syncToDisk } from "../core/files.ts";
import { runLimited } from "../core/limited.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { readClaim, simulatedSeedOf, underClaim } from "../lake/marketClaim.ts";
import { type Day, dayOf } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";
import { type Network, systemNetwork } from "../venues/http.ts";
import { venue } from "../venues/registry.ts";
import type { Archive, ArchiveFile } from "../venues/venue.ts";
import type { Interval } from "../venues/venueInterval.ts";
import { inspectZip, type ZipRows } from "./archiveZip.ts";
import { yesterday } from "./histories.ts";
import {
  type ArchivedFile,
  readLocalArchive,
  removeDrafts,
  writeLocalArchive,
  zipPath,
} from "./localArchive.ts";
import { forgetMissing, missingInWords, writeMissing } from "./missing.ts";
import { Throughput } from "./throughput.ts";

export interface DownloadOptions {
  /** The archive's address, from `addresses`. */
  archiveUrl: string;
  symbols: readonly string[];
  from: Day;
  /** Default: yesterday, UTC. */
  to?: Day;
  /** Default: minutes. */
  interval?: Interval;
  /** Number of parallel downloads; 4 by default. */
  parallel?: number;
  /** Plans only, fetches nothing. */
  dryRun?: boolean;
  network?: Network;
}

/** The state of one file of the archive. */
export interface FileOutcome {
  name: string;
  /**
   * `there`: verified before; `fetched`; `republished`: fetched again, with other content; `absent`: not published;
   * `refused`: the published file is invalid; `wanted`: in a dry run.
   */
  state: "there" | "fetched" | "republished" | "absent" | "refused" | "wanted";
  bytes: number;
  rows: ZipRows | null;
  /** The reason for a refusal, or a remark about its rows. */
  remark: string | null;
}

export interface DownloadResult {
  files: FileOutcome[];
  /** The zips to ingest, relative to the workspace. */
  paths: string[];
  /** Bytes fetched now. */
  bytes: number;
}

/**
 * Downloads the public archive's files of a range of days to `data/raw/<SYMBOL>/`: monthly zips for whole months,
 * daily ones for the rest and for months that are not published or invalid. A file is stored only if its SHA-256 is
 * the published one and its content matches its name; existing files are compared with the published checksum once a
 * day. After a crash at any point the next call continues.
 * @throws CandlebookError `archive_unreachable`, `blocked_region`, `redirected` (exit 3), with a list of the missing
 *   files in `data/missing_archive.csv`; `interrupted`
 */
export async function download(
  workspace: Workspace,
  options: DownloadOptions,
  effects: Effects = {},
): Promise<DownloadResult> {
  return withTableLock(workspace, "download", async () => {
    const { symbols, from, interval = "1m", parallel = 4, network = systemNetwork } = options;
    const to = options.to ?? yesterday(workspace);
    const dryRun = options.dryRun === true;
    const archived = await readLocalArchive(workspace);
    const today = dayOf(workspace.clock() as EpochMs);
    const wanted = symbols.flatMap((symbol) => venue.archive.files(symbol, interval, from, to));
    const throughput = new Throughput(wanted, network.now, (event) => effects.progress?.(event));
    const archive = venue.archive.open({
      base: options.archiveUrl,
      network,
      market: await allowedMarket(workspace, dryRun),
      signal: effects.signal,
      onWait: (ms, why) => throughput.note(`waiting ${Math.ceil(ms / 1000)} s: ${why}`),
    });
    let saving = Promise.resolve();
    const save = () => {
      const market = workspace.market ?? null;
      saving = saving.then(() => underClaim(workspace, market, () => writeLocalArchive(workspace, archived)));
      return saving;
    };
    const job: Job = { workspace, archive, archived, today, throughput, dryRun, save };
    if (!dryRun) for (const symbol of symbols) await removeDrafts(workspace, symbol);
    const outcomes = new Map<ArchiveFile, FileOutcome[]>();
    try {
      await runLimited(wanted, parallel, async (file) => {
        throwIfAborted(effects.signal);
        outcomes.set(file, await bring(job, file));
      });
    } catch (error) {
      throw dryRun ? error : await withMissing(workspace, error, throughput.open());
    }
    if (!dryRun) await forgetMissing(workspace, "archive");
    const files = wanted.flatMap((file) => outcomes.get(file) ?? []);
    const paths = files.flatMap(({ name }) => archived.get(name)?.path ?? []);
    return { files, paths, bytes: throughput.bytes };
  });
}

/** Nothing is kept of a dry run: in an empty workspace any market may answer it. */
async function allowedMarket(workspace: Workspace, dryRun: boolean): Promise<number | null | undefined> {
  if (dryRun && (await readClaim(workspace)) === null) return undefined;
  return simulatedSeedOf(workspace);
}

interface Job {
  workspace: Workspace;
  archive: Archive;
  archived: Map<string, ArchivedFile>;
  today: Day;
  throughput: Throughput;
  dryRun: boolean;
  /** Writes the list; one at a time, so that an older state never replaces a newer one. */
  save(): Promise<void>;
}

/** The archive's error with the missing files: in words, and as a list. */
async function withMissing(workspace: Workspace, error: unknown, open: readonly ArchiveFile[]) {
  if (!(error instanceof CandlebookError) || error.exit !== 3) return error;
  const list = await writeMissing(workspace, "archive", open);
  return error.reworded({
    message: `${error.message} Still missing: ${missingInWords(open)}; listed in ${list}.`,
  });
}

/** One file, or its daily files instead. */
async function bring(job: Job, file: ArchiveFile): Promise<FileOutcome[]> {
  const outcome = await bringOne(job, file);
  const { state } = outcome;
  const fetched = state === "fetched" || state === "republished";
  const instead = file.period === "monthly" && (state === "absent" || state === "refused");
  if (!instead) {
    job.throughput.close(file, fetched);
    if (file.period === "monthly" && !job.dryRun) await dropDays(job, file);
    return [outcome];
  }
  const days = venue.archive
    .dailyFiles(file)
    .filter(({ from }) => from < Date.parse(`${job.today}T00:00:00Z`));
  job.throughput.close(file, fetched, days);
  const outcomes: FileOutcome[] = [outcome];
  for (const day of days) outcomes.push(...(await bring(job, day)));
  return outcomes;
}

/**
 * Removes daily files that a month's file contains: they would count every row twice. Also those that are not in the
 * list, because a crash was between the file and the list.
 */
async function dropDays({ workspace, archived, save }: Job, month: ArchiveFile): Promise<void> {
  const days = venue.archive.dailyFiles(month);
  // The list first: it never names a file that is gone.
  if (days.map(({ name }) => archived.delete(name)).includes(true)) await save();
  for (const day of days) await rm(inWorkspace(workspace, zipPath(day)), { force: true });
}

async function bringOne(job: Job, file: ArchiveFile): Promise<FileOutcome> {
  const known = await knownEntry(job.workspace, job.archived, file);
  if (known !== null && (job.dryRun || known.checked === job.today)) return outcomeOf(file, "there", known);
  if (job.dryRun) {
    const bytes = await job.archive.size(file);
    const state = bytes === null ? "absent" : "wanted";
    return { name: file.name, state, bytes: bytes ?? 0, rows: null, remark: null };
  }
  let outcome = await bringPublished(job, file, known);
  // Checksum and content may have been published one after the other.
  if (outcome.state === "refused") outcome = await bringPublished(job, file, known);
  if (outcome.state !== "refused" || known === null) return outcome;
  // What was verified before stays; what is published now is not to be trusted.
  return { ...outcomeOf(file, "there", known), remark: outcome.remark };
}

async function bringPublished(job: Job, file: ArchiveFile, known: ArchivedFile | null): Promise<FileOutcome> {
  const checked = job.today;
  const published = await job.archive.checksum(file);
  if (known !== null && (published === null || known.sha256 === published)) {
    return keep(job, file, { ...known, checked }, "there");
  }
  if (published === null) return plain(file, "absent", "not published");
  const taken = await takeFile(job, file, published);
  if (taken === null) return plain(file, "absent", "a checksum without its file");
  if ("remark" in taken) return plain(file, "refused", taken.remark);
  if (known === null) return keep(job, file, { ...taken, before: [], checked }, "fetched");
  return keep(job, file, { ...taken, before: [...known.before, known.sha256], checked }, "republished");
}

/** The entry of a file that exists with its size; null: it has to be fetched. */
async function knownEntry(
  workspace: Workspace,
  archived: ReadonlyMap<string, ArchivedFile>,
  file: ArchiveFile,
): Promise<ArchivedFile | null> {
  const entry = archived.get(file.name);
  if (entry === undefined) return null;
  const there = await stat(inWorkspace(workspace, entry.path)).catch(() => null);
  return there?.size === entry.bytes ? entry : null;
}

async function keep(
  { archived, save }: Job,
  file: ArchiveFile,
  entry: ArchivedFile,
  state: FileOutcome["state"],
): Promise<FileOutcome> {
  archived.set(file.name, entry);
  await save();
  return outcomeOf(file, state, entry);
}

/** Fetches a draft and validates it; only a valid draft gets the file's name. */
async function takeFile(
  job: Job,
  file: ArchiveFile,
  published: string,
): Promise<Omit<ArchivedFile, "before" | "checked"> | { remark: string } | null> {
  const path = zipPath(file);
  const target = inWorkspace(job.workspace, path);
  const draft = `${target}.${randomUUID()}.draft`;
  makeFolder(dirname(target));
  try {
    const left = await stat(target).catch(() => null);
    if (left !== null && (await sha256OfFile(target)) === published) {
      // An earlier call was killed between writing the file and writing the list.
      return { path, bytes: left.size, sha256: published, rows: await inspectZip(target, file) };
    }
    const fetched = await fetchInto(job, file, draft);
    if (fetched === null) return null;
    if (fetched.sha256 !== published) return { remark: "its SHA-256 is not the published one" };
    const rows = await inspectZip(draft, file);
    await rename(draft, target);
    await syncToDisk(dirname(target));
    return { path, bytes: fetched.bytes, sha256: fetched.sha256, rows };
  } catch (error) {
    if (!(error instanceof CandlebookError && error.code === "strange_archive")) throw error;
    return { remark: error.message };
  } finally {
    await rm(draft, { force: true });
  }
}

async function fetchInto(job: Job, file: ArchiveFile, draft: string) {
  const handle = await open(draft, "wx");
  try {
    const fetched = await job.archive.fetch(file, async () => {
      await handle.truncate(0);
      let at = 0;
      return async (piece) => {
        await handle.write(piece, 0, piece.length, at);
        at += piece.length;
        job.throughput.add(piece.length, file.name);
      };
    });
    await handle.sync();
    return fetched;
  } finally {
    await handle.close();
  }
}

function plain(file: ArchiveFile, state: FileOutcome["state"], remark: string): FileOutcome {
  return { name: file.name, state, bytes: 0, rows: null, remark };
}

function outcomeOf(
  file: ArchiveFile,
  state: FileOutcome["state"],
  { bytes, rows }: ArchivedFile,
): FileOutcome {
  const { good, doubled, bad, expected } = rows;
  const odd = [
    ...(good < expected ? [`${expected - good} rows missing`] : []),
    ...(doubled > 0 ? [`${doubled} rows repeated`] : []),
    ...(bad > 0 ? [`${bad} rows off the grid or outside the period`] : []),
  ];
  return { name: file.name, state, bytes, rows, remark: odd.length === 0 ? null : odd.join(", ") };
}
