import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { CandlebookError, inputError } from "./errors.ts";

/** One entry of a zip archive. */
export interface ZipEntry {
  /** With its folders, control characters escaped: a label, never a path that is opened. A folder ends in `/`. */
  name: string;
  /** Bytes when unpacked, as the archive declares; `chunks` gives no more. */
  size: number;
  /** @throws CandlebookError `broken_archive` where length or checksum are not the declared ones; `unread_zip` */
  chunks(): AsyncIterable<Buffer>;
}

interface Located {
  entry: Entry;
  name: string;
  /** Where its bytes end in the file. */
  end: number;
}

const END_BYTES = 22;
const IN_ZIP64 = 0xffffffff;
const MOST_ENTRIES = 20_000;
const LONGEST_NAME = 4096;
const SIZES_FOLLOW = 8;
/** Encrypted, sizes follow, strongly encrypted, name in UTF-8: the flags that change what an entry is. */
const FLAGS_THAT_COUNT = 0x849;
const STORED = 0;
const DEFLATED = 8;
const CHUNK = 1 << 20;

/** A text of candles packs to a tenth; one that is said to pack better than this is a trap. */
const MOST_RATIO = 200;
const ALWAYS_ALLOWED = 16 * 2 ** 20;

/** A file for yauzl, which would ask for places beyond any file and not survive the refusal. */
class BoundedReader extends yauzl.RandomAccessReader {
  readonly #file: FileHandle;
  readonly #size: number;

  constructor(file: FileHandle, size: number) {
    super();
    this.#file = file;
    this.#size = size;
  }

  override read(...[buffer, offset, length, position, callback]: ReadWords): void {
    if (position + length > this.#size) callback(new Error("it names a place outside the file"));
    else {
      this.#file
        .read(buffer, offset, length, position)
        .then(({ bytesRead }) => callback(bytesRead < length ? new Error("it was cut") : null), callback);
    }
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return this.#file.createReadStream({ start, end: end - 1, autoClose: false, highWaterMark: CHUNK });
  }
}

type ReadWords = Parameters<yauzl.RandomAccessReader["read"]>;

/**
 * What a zip's directory lists. The directory is read by yauzl; here it is compared with the local headers, so that
 * one wrong byte in either is found.
 * @param name the archive's own, for messages
 * @throws CandlebookError `broken_archive`, `unpacks_too_large`
 */
export async function readZip(path: string, name: string): Promise<ZipEntry[]> {
  const file = await open(path, "r");
  try {
    const zip = await openZip(file);
    if (zip.entryCount > MOST_ENTRIES) throw broken(name, `${zip.entryCount} entries`);
    const found: Located[] = [];
    for await (const entry of zip.eachEntry()) found.push(await locate(zip, entry, name));
    await checkEnd(file, zip, found, name);
    checkApart(found, name);
    const packed = sum(found, "compressedSize");
    checkRatio(name, packed, sum(found, "uncompressedSize"));
    return found.map((one) => ({
      name: one.name,
      size: one.entry.uncompressedSize,
      chunks: () => unpack(path, name, one),
    }));
  } catch (error) {
    throw asBroken(name, error);
  } finally {
    await file.close();
  }
}

async function openZip(file: FileHandle): Promise<ZipFile> {
  const { size } = await file.stat();
  const options = { autoClose: false, decodeStrings: false };
  return yauzl.fromRandomAccessReaderPromise(new BoundedReader(file, size), size, options);
}

/** What yauzl or the decompressor found; an error of the file system stays what it is. */
function asBroken(name: string, error: unknown): unknown {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const ofFile = errno !== undefined && !code?.startsWith("Z_");
  return error instanceof CandlebookError || ofFile ? error : broken(name, message, error);
}

/**
 * Refuses what unpacks to far more than a text of candles can.
 * @throws CandlebookError `unpacks_too_large`
 */
export function checkRatio(name: string, packed: number, unpacked: number): void {
  if (unpacked <= MOST_RATIO * packed + ALWAYS_ALLOWED) return;
  throw inputError(
    "unpacks_too_large",
    `${name} unpacks to ${unpacked} bytes or more from ${packed}: no text of candles packs so well.`,
    "Check where the file is from; if it is right, unpack it and name the files.",
  );
}

function broken(name: string, what: string, cause?: unknown): CandlebookError {
  const next = "Download or make it again, as one zip file.";
  return inputError("broken_archive", `${name} is damaged or ends early (${what}).`, next, cause);
}

function sum(found: readonly Located[], field: "compressedSize" | "uncompressedSize"): number {
  return found.reduce((total, { entry }) => total + entry[field], 0);
}

/** An entry's place; its local header must say what the directory says, unless it leaves sizes to a later place. */
async function locate(zip: ZipFile, entry: Entry, name: string): Promise<Located> {
  const { fileNameRaw, generalPurposeBitFlag: flags, extraFields } = entry;
  if (fileNameRaw.length > LONGEST_NAME) throw broken(name, `a name of ${fileNameRaw.length} bytes`);
  const local = await zip.readLocalFileHeaderPromise(entry);
  const label = escaped(yauzl.getFileNameLowLevel(flags, fileNameRaw, extraFields, false));
  const later = (flags & SIZES_FOLLOW) !== 0;
  const sizes = [
    [local.crc32, entry.crc32],
    [local.compressedSize, entry.compressedSize],
    [local.uncompressedSize, entry.uncompressedSize],
  ];
  const left = sizes.every(([own]) => own === 0);
  const same =
    local.fileName.equals(fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    ((local.generalPurposeBitFlag ^ flags) & FLAGS_THAT_COUNT) === 0 &&
    sizes.every(([own, listed]) => own === listed || own === IN_ZIP64 || later || left);
  if (!same) throw broken(name, `${label}: its header is not what the directory says`);
  return { entry, name: label, end: local.fileDataStart + entry.compressedSize };
}

/** The end record must count the entries and bytes that were read, or some were left out. */
async function checkEnd(
  file: FileHandle,
  zip: ZipFile,
  found: readonly Located[],
  name: string,
): Promise<void> {
  const end = Buffer.alloc(END_BYTES);
  await file.read(end, 0, END_BYTES, zip.fileSize - zip.comment.length - END_BYTES);
  const declared = end.readUInt32LE(12);
  const read = found.reduce(
    (total, { entry }) =>
      total + 46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength,
    0,
  );
  if (end.readUInt16LE(8) !== end.readUInt16LE(10) || (declared !== IN_ZIP64 && declared !== read)) {
    throw broken(name, "directory of another length");
  }
}

/** Entries that share bytes, or a name, are no archive that a tool for archives makes. */
function checkApart(found: readonly Located[], name: string): void {
  const names = new Set<string>();
  let end = 0;
  const from = ({ entry }: Located) => entry.relativeOffsetOfLocalHeader;
  for (const one of found.toSorted((a, b) => from(a) - from(b))) {
    if (from(one) < end) throw broken(name, `${one.name}: it overlaps another entry`);
    if (names.has(one.name)) throw broken(name, `${one.name}: two entries have this name`);
    names.add(one.name);
    end = one.end;
  }
}

async function* unpack(path: string, name: string, { entry, name: own }: Located) {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const label = `${name}/${own}`;
  if (entry.isEncrypted()) throw unread(`${label} is encrypted.`, "Unpack it with its password");
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw unread(
      `${label} is packed by method ${compressionMethod}.`,
      "Unpack it with the tool that made it",
    );
  }
  const file = await open(path, "r");
  let crc = 0;
  let size = 0;
  let packed: Readable | null = null;
  try {
    packed = await (await openZip(file)).openReadStreamPromise(entry, { decodeFileData: false });
    const isPlain = compressionMethod === STORED || compressedSize === 0;
    for await (const chunk of isPlain ? packed : inflated(packed)) {
      size += chunk.length;
      if (size > uncompressedSize) throw broken(name, `${own}: longer than declared`);
      crc = crc32(chunk, crc);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw asBroken(name, error);
  } finally {
    packed?.destroy();
    await file.close();
  }
  if (size !== uncompressedSize || crc !== entry.crc32) throw broken(name, `${own}: checksum wrong`);
}

/** In larger chunks than yauzl's own stream, which takes twice the time. */
function inflated(packed: Readable): Readable {
  const inflate = createInflateRaw({ chunkSize: CHUNK });
  packed.on("error", (error) => inflate.destroy(error));
  return packed.pipe(inflate);
}

function unread(message: string, next: string): CandlebookError {
  return inputError("unread_zip", message, `${next}, and name the files.`);
}

function escaped(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (sign) => `\\u{${(sign.codePointAt(0) as number).toString(16)}}`,
  );
}
