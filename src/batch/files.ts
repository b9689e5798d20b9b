import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import type { Origin } from "../candle/candle.ts";
import { isSymbol } from "../candle/symbol.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { Statement } from "../recognition/statement.ts";
import { FolderStatements } from "./folderStatement.ts";

/** A file or folder of raw candles, as a person names it. */
export interface InputFile {
  /** Absolute, or relative to the present folder; a folder stands for all csv, csv.gz and zip files in it. */
  path: string;
  /** The trading pair, where neither a column nor the file's name states it. */
  symbol?: string;
  /** What else is stated of the file, beside what `candles.json` in its folder states. */
  stated?: Statement;
}

/** Whose minutes a file holds: the person's (or the archive's), or those fetched to close a hole. */
export const MINUTE_ORIGINS = ["batch", "backfill"] as const satisfies readonly Origin[];

export type MinuteOrigin = (typeof MINUTE_ORIGINS)[number];

/** One file to read, with what the file system says of it. */
export interface RawFile {
  /** Relative to the workspace, with `/`: manifests hold no absolute path. */
  path: string;
  absolute: string;
  /** As the person named it, for messages; never written into a manifest. */
  given: string;
  name: string;
  symbol: string | null;
  /** What the person states, and that together with what `candles.json` states. */
  stated: Statement;
  reading: Statement;
  origin: MinuteOrigin;
  bytes: number;
  modified: number;
  /** Why it can't even be opened; the other files are read all the same. */
  problem: CandlebookError | null;
}

const READABLE = /\.(csv|csv\.gz|zip|txt|tsv)$/i;

/**
 * The minutes that were fetched over REST to close holes: `data/raw/<SYMBOL>/backfill/*.csv`. They are read beside
 * whatever list of files the workspace has.
 * @returns sorted by path
 */
export async function listBackfillFiles(workspace: Workspace): Promise<RawFile[]> {
  const raw = inWorkspace(workspace, "data", "raw");
  const folders = await readdir(raw).catch(() => []);
  const outputs = await outputFolders(workspace);
  const found = await Promise.all(
    folders.map(async (name) => {
      // Some file systems return names in another form than they were given.
      const symbol = name.normalize("NFC");
      if (!isSymbol(symbol)) return [];
      const folder = join(raw, name, "backfill");
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".csv"));
      return Promise.all(
        names.map((name) => describe(workspace, outputs, join(folder, name), symbol, "backfill")),
      );
    }),
  );
  return mergeFiles(...found);
}

/** Lists as one, each file once; where two have a file, the later list says what it is. Sorted by path. */
export function mergeFiles(...lists: readonly RawFile[][]): RawFile[] {
  return [...new Map(lists.flat().map((file) => [file.path, file])).values()].sort(byPath);
}

function byPath(a: RawFile, b: RawFile): number {
  return a.path < b.path ? -1 : 1;
}

/**
 * The files meant, folders opened up, each once, sorted by path: their order on the command line changes nothing.
 * Nothing is opened here, so that a pipe or a device never blocks.
 */
export async function listFiles(workspace: Workspace, inputs: readonly InputFile[]): Promise<RawFile[]> {
  const outputs = await outputFolders(workspace);
  const folders = new FolderStatements();
  const found = await Promise.all(
    inputs.map(async (input) => {
      const files = await expand(workspace, outputs, input);
      return Promise.all(files.map((file) => withStatements(file, input, folders)));
    }),
  );
  return mergeFiles(found.flat());
}

/** A file with its path as given, and what is stated of it: on the command line, else in its folder. */
async function withStatements(
  file: RawFile,
  { path, symbol, stated = {} }: InputFile,
  folders: FolderStatements,
): Promise<RawFile> {
  const given = resolve(path) === file.absolute ? path : join(path, file.name);
  const inFolder = await folders.of(file.absolute);
  return { ...file, given, symbol: symbol ?? inFolder.symbol, stated, reading: { ...inFolder.stated, ...stated } };
}

async function expand(
  workspace: Workspace,
  outputs: readonly string[],
  input: InputFile,
): Promise<RawFile[]> {
  const absolute = resolve(input.path);
  const describeOne = (path: string) => describe(workspace, outputs, path, input.symbol ?? null);
  const file = await describeOne(absolute);
  if (file.problem?.code !== "is_a_folder") return [file];
  const names = (await readdir(absolute)).filter((name) => READABLE.test(name) && !name.startsWith("."));
  if (names.length === 0) return [file];
  return Promise.all(names.map((name) => describeOne(join(absolute, name))));
}

async function describe(
  workspace: Workspace,
  outputs: readonly string[],
  absolute: string,
  symbol: string | null,
  origin: MinuteOrigin = "batch",
): Promise<RawFile> {
  const path = relative(workspace.root, absolute).replaceAll("\\", "/");
  const name = basename(absolute);
  const blank = { path, absolute, given: path, name, symbol, origin, stated: {}, reading: {}, bytes: 0, modified: 0 };
  try {
    const facts = await stat(absolute);
    const problem = kindProblem(name, facts, await liesIn(outputs, absolute));
    return { ...blank, bytes: facts.size, modified: Math.trunc(facts.mtimeMs), problem };
  } catch (error) {
    return { ...blank, problem: unreadable(name, error) };
  }
}

/** The folders that candlebook writes, as they are named and what they link to. */
async function outputFolders(workspace: Workspace): Promise<string[]> {
  const outputs = ["data/parquet", "data_analysis", "report"].map((part) => inWorkspace(workspace, part));
  const real = await Promise.all(outputs.map((folder) => realpath(folder).catch(() => folder)));
  return [...outputs, ...real];
}

/** Whether a path, or what it links to, lies in one of the folders. */
async function liesIn(folders: readonly string[], absolute: string): Promise<boolean> {
  return [absolute, await realpath(absolute)].some((path) =>
    folders.some((folder) => !relative(folder, path).startsWith("..")),
  );
}

function kindProblem(
  name: string,
  facts: { isDirectory(): boolean; isFile(): boolean },
  isOwnOutput: boolean,
): CandlebookError | null {
  if (facts.isDirectory()) {
    return inputError(
      "is_a_folder",
      `${name} is a folder without any csv, csv.gz or zip file.`,
      "Name the folder that holds them, or the files.",
    );
  }
  if (!facts.isFile()) {
    return inputError("not_a_file", `${name} is no regular file.`, "Save the data as a file and name that.");
  }
  if (isOwnOutput) {
    return inputError(
      "input_is_output",
      `${name} lies in a folder that candlebook writes.`,
      "Move it out of data/parquet, data_analysis and report.",
    );
  }
  return null;
}

/** The file system's refusal, or a decompressor's, as something to act on. */
export function unreadable(name: string, error: unknown): CandlebookError {
  if (error instanceof CandlebookError) return error;
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  if (code === "ENOENT")
    return inputError("no_such_file", `There is no file ${name}.`, "Check the path.", error);
  if (code === "EACCES" || code === "EPERM") {
    return inputError("unreadable_file", `${name} may not be read.`, "Give yourself the right to.", error);
  }
  if (code.startsWith("Z_")) {
    return inputError(
      "broken_archive",
      `${name} is damaged or ends early (${message}).`,
      "Download or make it again.",
      error,
    );
  }
  return inputError("unreadable_file", `${name} can't be read: ${message}.`, "Check the file.", error);
}
