import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { getSystemErrorMap } from "node:util";
import type { Origin } from "../candle/candle.ts";
import { isSymbol, parseSymbol } from "../candle/symbol.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import { chunksOfFile } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { Statement } from "../recognition/statement.ts";
import { FolderStatements } from "./folderStatement.ts";
import { fewOf, holdsTable, passedOverByName } from "./passedOver.ts";

/** A file or folder of raw candles, as a person names it. */
export interface InputFile {
  /** Absolute, or relative to the present folder; a folder means all csv, csv.gz and zip files in it and in the folders below. */
  path: string;
  /** The trading pair, where neither a column nor the file's name states it. */
  symbol?: string;
  /** What else is stated of the file, beside what `candles.json` in its folder states. */
  stated?: Statement;
}

/** Whose minutes a file holds: the person's (or the archive's), or those fetched to close a gap. */
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
  /** Of this reading only; not of the list that is kept. */
  once?: boolean;
  bytes: number;
  modified: number;
  /** Why it can't even be opened; the other files are read all the same. */
  problem: CandlebookError | null;
}

const READABLE = /\.(csv|csv\.gz|zip|txt|tsv)$/i;
const FOLDER = /^(?!node_modules$)/;
const PLAIN = /\.(csv|txt|tsv)$/i;

/**
 * The minutes that were fetched over REST to close gaps: `data/raw/<SYMBOL>/backfill/*.csv`. They are read beside
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
        names.map((name) => {
          const absolute = join(folder, name);
          return describe(workspace, outputs, {
            absolute,
            given: pathIn(workspace, absolute),
            symbol,
            origin: "backfill",
          });
        }),
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

/** The files meant, and what lies beside them in their folders and is not read. */
export interface ListedFiles {
  files: RawFile[];
  /** `path: reason` each, the path relative to the workspace. */
  passedOver: string[];
}

/**
 * The files meant, folders opened up, each once, sorted by path: their order on the command line changes nothing.
 * Of a new file in a folder the first lines are read; a pipe or a device is never opened, so that it never blocks.
 * @param read paths of files that held candles before: one that is damaged now is refused, and its minutes stay
 */
export async function listFiles(
  workspace: Workspace,
  inputs: readonly InputFile[],
  read: ReadonlySet<string>,
): Promise<ListedFiles> {
  const outputs = await outputFolders(workspace);
  const folders = new FolderStatements();
  const found = await Promise.all(
    inputs.map(async (input) => {
      const { files, passedOver } = await expand(workspace, outputs, input, read);
      return {
        files: await Promise.all(files.map((file) => withStatements(file, input, folders))),
        passedOver,
      };
    }),
  );
  return {
    files: mergeFiles(found.flatMap(({ files }) => files)),
    passedOver: [...new Set(found.flatMap(({ passedOver }) => passedOver))].sort(),
  };
}

/** A file with what is stated of it: by the person, else in its folder. */
async function withStatements(
  file: RawFile,
  { symbol, stated = {} }: InputFile,
  folders: FolderStatements,
): Promise<RawFile> {
  const inFolder = await folders.of(file.absolute);
  const pair = symbol === undefined ? inFolder.symbol : parseSymbol(symbol);
  return { ...file, symbol: pair, stated, reading: { ...inFolder.stated, ...stated } };
}

async function expand(
  workspace: Workspace,
  outputs: readonly string[],
  input: InputFile,
  read: ReadonlySet<string>,
): Promise<ListedFiles> {
  const folder = resolve(input.path);
  const { symbol = null } = input;
  const describeOne = (absolute: string, given: string) =>
    describe(workspace, outputs, { absolute, given, symbol, origin: "batch" });
  const file = await describeOne(folder, input.path);
  if (file.problem?.code !== "is_a_folder") return { files: [file], passedOver: [] };
  const passedOver: string[] = [];
  const passOver = (path: string, reason: string) => passedOver.push(`${path}: ${reason}`);
  const named: string[] = [];
  for await (const { path, reason } of entriesBelow(folder, outputs)) {
    if (reason === null) named.push(path);
    else passOver(pathIn(workspace, join(folder, path)), reason);
  }
  const files: RawFile[] = [];
  for (const one of await Promise.all(
    named.map((name) => describeOne(join(folder, name), join(input.path, name))),
  )) {
    if (read.has(one.path) || (await mayHoldCandles(one))) files.push(one);
    else passOver(one.path, "no row of numbers");
  }
  if (files.length > 0) return { files, passedOver };
  const beside = passedOver.length === 0 ? "" : ` It holds ${fewOf(passedOver.sort())}.`;
  const { code, message, next } = file.problem;
  return { files: [{ ...file, problem: inputError(code, `${message}${beside}`, next) }], passedOver };
}

/** The files below a folder, relative to it, and the folders that are not entered; why one is passed over, or null. */
async function* entriesBelow(
  folder: string,
  outputs: readonly string[],
  inside = "",
): AsyncGenerator<{ path: string; reason: string | null }> {
  for (const found of await readdir(join(folder, inside), { withFileTypes: true })) {
    const path = join(inside, found.name);
    const isFolder = found.isDirectory();
    const written = isFolder && (await liesIn(outputs, join(folder, path)));
    const reason = written
      ? "candlebook writes it"
      : passedOverByName(found.name, isFolder ? FOLDER : READABLE);
    if (isFolder && reason === null) yield* entriesBelow(folder, outputs, path);
    else yield { path, reason };
  }
}

/** False for a text without a row of numbers; what is packed, or can't be read, is looked into later. */
async function mayHoldCandles(file: RawFile): Promise<boolean> {
  if (file.problem !== null || !PLAIN.test(file.name)) return true;
  return holdsTable(chunksOfFile(file.absolute)).catch(() => true);
}

function pathIn(workspace: Workspace, absolute: string): string {
  return relative(workspace.root, absolute).replaceAll("\\", "/");
}

async function describe(
  workspace: Workspace,
  outputs: readonly string[],
  place: Pick<RawFile, "absolute" | "given" | "symbol" | "origin">,
): Promise<RawFile> {
  const { absolute, given } = place;
  const path = pathIn(workspace, absolute);
  const blank = { ...place, path, name: basename(absolute), stated: {}, reading: {}, bytes: 0, modified: 0 };
  try {
    const facts = await stat(absolute);
    const problem = kindProblem(given, facts, await liesIn(outputs, absolute));
    return { ...blank, bytes: facts.size, modified: Math.trunc(facts.mtimeMs), problem };
  } catch (error) {
    return { ...blank, problem: unreadable(given, error) };
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
      `${name} is a folder without any csv, csv.gz or zip file, as are those below it.`,
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

/**
 * Holds that a file is still the one that was listed.
 * @throws CandlebookError `file_changed`
 */
export async function refuseIfChanged(file: RawFile): Promise<void> {
  const now = await stat(file.absolute).catch(() => null);
  if (now?.size === file.bytes && Math.trunc(now.mtimeMs) === file.modified) return;
  throw inputError(
    "file_changed",
    `${file.given} ${now === null ? "was removed" : "changed"} while it was read.`,
    "Wait until it is written, and run again.",
  );
}

/** The file system's refusal, or a decompressor's, as something to act on. */
export function unreadable(name: string, error: unknown): CandlebookError {
  if (error instanceof CandlebookError) return error;
  const { code = "", errno = 0, message = String(error) } = error as NodeJS.ErrnoException;
  if (code.startsWith("Z_")) {
    const found = `${name} is damaged or ends early (${message}).`;
    return inputError("broken_archive", found, "Download or make it again.", error);
  }
  const [kind, found, next] = fileProblem(name, code);
  // Not the message itself: it holds the whole path.
  const reason = getSystemErrorMap().get(errno)?.[1] ?? (code || message);
  return inputError(kind, found ?? `${name} can't be read: ${reason}.`, next, error);
}

function fileProblem(name: string, code: string): [code: string, message: string | null, next: string] {
  switch (code) {
    case "ENOENT":
      // Where a name is not UTF-8, the letters that replace its bytes name no file.
      return name.includes("\uFFFD")
        ? ["name_not_utf8", `The name ${name} is not UTF-8, or there is no such file.`, "Rename the file."]
        : ["no_such_file", `There is no file ${name}.`, "Check the path."];
    case "EACCES":
    case "EPERM":
      return ["unreadable_file", `Permission denied: ${name}.`, "Grant read permission."];
    case "ELOOP":
      return ["link_loop", `${name} is a symbolic link that leads back to itself.`, "Name the file itself."];
    default:
      return ["unreadable_file", null, "Check the file."];
  }
}
