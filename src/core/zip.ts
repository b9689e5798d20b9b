import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { crc32, createInflateRaw } from "node:zlib";
import { inputError } from "./errors.ts";

/** One CSV of a zip archive. Its name is a label only, never a path that is opened. */
export interface ZipEntry {
  /** Without the folders that the archive names. */
  name: string;
  /** @throws CandlebookError `broken_archive` where length or checksum disagree with the directory */
  chunks(): AsyncIterable<Buffer>;
}

/** What a zip's directory says of one entry. */
export interface DirectoryEntry {
  /** As it stands, folders and all. */
  name: string;
  method: number;
  crc: number;
  packed: number;
  /** Bytes when unpacked. */
  size: number;
  offset: number;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * The CSV files in a zip, by its central directory (PKWARE APPNOTE 4.3: end record, directory, local headers).
 * @throws CandlebookError `broken_archive`, or `no_csv_in_zip`
 */
export async function zipEntries(path: string, name: string): Promise<ZipEntry[]> {
  const entries = (await readDirectory(path, name)).filter((entry) => /\.(csv|txt|tsv)$/i.test(entry.name));
  if (entries.length === 0) {
    throw inputError("no_csv_in_zip", `${name} holds no CSV file.`, "Name an archive of CSV files.");
  }
  return entries.map((entry) => ({
    name: entry.name.replaceAll("\\", "/").split("/").at(-1) as string,
    chunks: () => readEntry(path, name, entry),
  }));
}

function broken(name: string, what: string): Error {
  return inputError(
    "broken_archive",
    `${name} is damaged or ends early (${what}).`,
    "Download or make it again.",
  );
}

/** @throws CandlebookError `broken_archive` */
export async function readDirectory(path: string, name: string): Promise<DirectoryEntry[]> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, END_BYTES + LONGEST_COMMENT));
    await file.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
    if (end < 0 || end + END_BYTES > tail.length || tail.readUInt32LE(end) !== END_SIGNATURE) {
      throw broken(name, "no directory");
    }
    const directory = Buffer.alloc(tail.readUInt32LE(end + 12));
    const offset = tail.readUInt32LE(end + 16);
    if (offset + directory.length > size) throw broken(name, "directory out of range");
    await file.read(directory, 0, directory.length, offset);
    return parseDirectory(directory, name);
  } finally {
    await file.close();
  }
}

function parseDirectory(directory: Buffer, name: string): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < directory.length; ) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw broken(name, "bad directory");
    }
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString("utf8", at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function* readEntry(path: string, name: string, entry: DirectoryEntry): AsyncGenerator<Buffer> {
  if (entry.method !== 0 && entry.method !== 8) throw broken(name, `method ${entry.method} unknown`);
  if (entry.size === 0) return;
  const start = await dataStart(path, name, entry);
  const packed = createReadStream(path, { start, end: start + entry.packed - 1, highWaterMark: 1 << 20 });
  let crc = 0;
  let size = 0;
  const inflate = createInflateRaw({ chunkSize: 1 << 20 });
  packed.on("error", (error) => inflate.destroy(error));
  for await (const chunk of entry.method === 0 ? packed : packed.pipe(inflate)) {
    size += (chunk as Buffer).length;
    if (size > entry.size) throw broken(name, "longer than it says");
    crc = crc32(chunk as Buffer, crc);
    yield chunk as Buffer;
  }
  if (size !== entry.size || crc !== entry.crc) throw broken(name, "checksum wrong");
}

async function dataStart(path: string, name: string, entry: DirectoryEntry): Promise<number> {
  const file = await open(path, "r");
  try {
    const header = Buffer.alloc(30);
    await file.read(header, 0, 30, entry.offset);
    if (header.readUInt32LE(0) !== 0x04034b50) throw broken(name, "bad entry header");
    return entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
}
