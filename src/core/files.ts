import { createHash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { failure } from "./errors.ts";

const CHUNK = 1 << 20;

/**
 * A file's bytes, a mebibyte at a time, always in the same memory: a chunk is to be used before the next is asked for.
 * New memory for each, as a stream takes it, costs a twentieth of what reading a file of candles does.
 */
export async function* chunksOfFile(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, "r");
  try {
    const memory = Buffer.allocUnsafeSlow(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, CHUNK, null);
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file's bytes, hexadecimal; the memory used does not depend on its size. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunksOfFile(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** SHA-256 of a value's JSON, hexadecimal; keys are sorted, so equal values have equal hashes. */
export function sha256OfValue(value: unknown): string {
  return sha256OfText(JSON.stringify(sorted(value)));
}

export const sha256OfText = (text: string) => createHash("sha256").update(text).digest("hex");

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/**
 * Writes a file so that a reader sees the old content or the new, whatever happens: written beside it, synced,
 * renamed over it.
 * @param mode access rights, in force before the first byte is written
 */
export async function writeFileWhole(
  path: string,
  content: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  makeFolder(dirname(path));
  const draft = `${path}.${randomUUID()}.draft`;
  try {
    const file = await open(draft, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncToDisk(dirname(path));
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
}

/** A JSON file's value, or null where there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failure(
      "damaged_file",
      `The bookkeeping file ${basename(path)} is damaged: it is not JSON.`,
      "Delete it and run again: it is rebuilt from the inputs.",
      cause,
    );
  }
}

/** A line of JSON; undefined where it is none. */
export function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Appends a value as a line of JSON to a file, created where it is absent; it is on the disk when this returns. It
 * starts a new line even if a crash left an incomplete one.
 */
export async function appendLine(path: string, value: object): Promise<void> {
  makeFolder(dirname(path));
  const file = await open(path, "a+");
  try {
    const { size } = await file.stat();
    const last = size === 0 ? "\n" : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    await file.appendFile(`${last === "\n" ? "" : "\n"}${JSON.stringify(value)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncToDisk(dirname(path));
}

/**
 * Removes the files of a folder except the newest, by their mtime and then by name.
 * @param ending of the files' names; others stay
 */
export async function keepNewest(folder: string, ending: string, count: number): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ending));
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  const old = dated.sort((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1)).slice(count);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}

/**
 * Makes a folder with those above it; their names are on the disk when it returns. Every folder that may be the first
 * one in a workspace is made by it: a file synced in a folder without a synced name is lost with that folder.
 */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined || process.platform === "win32") return;
  for (let made = path; ; made = dirname(made)) {
    const above = openSync(dirname(made), "r");
    try {
      fsyncSync(above);
    } finally {
      closeSync(above);
    }
    if (made === first) return;
  }
}

/** Flushes the names in folders to the disk: of these and of all above them, up to `root`, each once. */
export async function syncFolders(folders: Iterable<string>, root: string): Promise<void> {
  const all = new Set<string>();
  for (const folder of folders) {
    for (let at = folder; at.startsWith(root) && !all.has(at); at = dirname(at)) {
      all.add(at);
      if (at === root) break;
    }
  }
  for (const folder of all) await syncToDisk(folder);
}

/** Flushes a file or a folder to the disk. Folders can't be opened for that on Windows; there it is skipped. */
export async function syncToDisk(path: string): Promise<void> {
  try {
    const file = await open(path, "r");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes(code)) throw error;
  }
}
