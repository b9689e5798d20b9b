import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { inputError } from "../core/errors.ts";
import { chunksOfFile, sha256OfFile } from "../core/files.ts";
import { checkRatio, readZip, type ZipEntry } from "../core/zip.ts";
import { LineNormalizer } from "./lines.ts";
import { fewOf, holdsTable, passedOverByName } from "./passedOver.ts";

/** One text inside a raw file: the file itself, or an entry of a zip. */
export interface RawText {
  /** As shown beside line numbers. */
  name: string;
  /** Names that may have the trading pair, the most reliable first. */
  names: string[];
  /** Folders of an archive around it, the innermost first. */
  folders: string[];
  /** To be used one after the other: the next may lie where the one before lay. */
  chunks(): AsyncIterable<Buffer>;
}

/** A raw file's texts; its first bytes decide what it is, not its name. */
export interface OpenedFile {
  container: "plain" | "gzip" | "zip";
  texts: RawText[];
  /** Entries of a zip that are no texts of candles, `name: reason` each. */
  passedOver: string[];
  /** Of the file's bytes as they lie there; valid once all texts were read. */
  sha256(): Promise<string>;
}

const CHUNK = 1 << 20;
/** A first entry; the end record of an empty archive; the mark of one in several volumes. */
const ZIP_STARTS = [0x04034b50, 0x06054b50, 0x08074b50];
const PACKINGS = [
  ["bzip2", "BZh"],
  ["xz", "\xfd7zX"],
  ["Zstandard", "\x28\xb5\x2f\xfd"],
  ["7-Zip", "7z\xbc\xaf"],
  ["RAR", "Rar!"],
] as const;
const TEXT_IN_ZIP = /\.(csv|txt|tsv)$/i;

/**
 * Opens a raw file and lists its texts; they are read by `chunks` alone.
 * @param name the file's own name, for messages and rejects
 * @throws CandlebookError `broken_archive`, `unread_zip`, `unpacks_too_large`, `no_candles_in_zip`, `unknown_form`
 */
export async function openRaw(path: string, name: string): Promise<OpenedFile> {
  const start = await firstBytes(path);
  const packing = PACKINGS.find(([, mark]) => start.toString("latin1").startsWith(mark))?.[0];
  if (packing !== undefined) {
    throw inputError(
      "unknown_form",
      `${name} is packed by ${packing}, which is not read.`,
      "Unpack it, or pack it as .zip or .gz.",
    );
  }
  if (ZIP_STARTS.includes(start.readUInt32LE(0))) return openZip(path, name);
  const hash = createHash("sha256");
  const hashed = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const zipped = start.readUInt16LE(0) === 0x8b1f;
  const chunks = () =>
    zipped
      ? gunzipped(name, hashed(createReadStream(path, { highWaterMark: CHUNK })))
      : hashed(chunksOfFile(path));
  return {
    container: zipped ? "gzip" : "plain",
    texts: [{ name, names: [name], folders: [], chunks }],
    passedOver: [],
    sha256: async () => hash.digest("hex"),
  };
}

/** A zip's texts: what is passed over by its name, and of several texts each that holds no row of numbers. */
async function openZip(path: string, name: string): Promise<OpenedFile> {
  const entries = await readZip(path, name);
  const names = entries.map((entry) => entry.name).toSorted();
  const full = new Set(names.filter((one, i) => one.endsWith("/") && names[i + 1]?.startsWith(one)));
  const passedOver: string[] = [];
  const named: ZipEntry[] = [];
  for (const entry of entries.filter((one) => !full.has(one.name))) {
    const reason = passedOverByName(entry.name, TEXT_IN_ZIP);
    if (reason === null) named.push(entry);
    else passedOver.push(`${entry.name}: ${reason}`);
  }
  const kept: ZipEntry[] = [];
  for (const entry of named) {
    // A csv alone in its zip is refused with its own question.
    const alone = named.length === 1 && /\.csv$/i.test(entry.name);
    if (alone || (await holdsTable(entry.chunks()))) kept.push(entry);
    else passedOver.push(`${entry.name}: no row of numbers`);
  }
  if (kept.length === 0) {
    const found = entries.length === 0 ? "it is empty" : fewOf(passedOver);
    throw inputError(
      "no_candles_in_zip",
      `${name} holds no text of candles: ${found}.`,
      "Name an archive of CSV files.",
    );
  }
  const texts = kept.map((entry) => {
    const [own, ...folders] = entry.name.split("/").toReversed();
    const alone = kept.length === 1;
    return {
      name: alone ? name : `${name}/${entry.name}`,
      names: alone ? [name, own] : [own, name],
      folders,
      chunks: entry.chunks,
    };
  });
  return { container: "zip", texts, passedOver, sha256: () => sha256OfFile(path) };
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const bytes = Buffer.alloc(4);
    await file.read(bytes, 0, 4, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

async function* gunzipped(name: string, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const input = Readable.from(source, { objectMode: false, highWaterMark: CHUNK });
  input.on("error", (error) => gunzip.destroy(error));
  let size = 0;
  try {
    for await (const chunk of input.pipe(gunzip) as AsyncIterable<Buffer>) {
      size += chunk.length;
      checkRatio(name, gunzip.bytesWritten, size);
      yield chunk;
    }
  } finally {
    input.destroy();
  }
}

/** A text as the embedded engine would be given it, in parts of whole lines; the last part may be empty. */
async function* partsOf(text: RawText): AsyncGenerator<string> {
  const normalizer = new LineNormalizer(text.name);
  for await (const chunk of text.chunks()) yield Buffer.concat(normalizer.push(chunk)).toString("utf8");
  yield normalizer.end().toString("utf8");
}

/** A text's lines as the embedded engine would be given them, without line ends, and their numbers, from 1. */
export async function* linesOf(text: RawText): AsyncGenerator<{ line: number; text: string }> {
  let line = 0;
  for await (const part of partsOf(text)) {
    for (const one of part.split("\n").slice(0, -1)) {
      line += 1;
      yield { line, text: one };
    }
  }
}

/** More than the form is known by. */
const HEAD_BYTES = 1 << 20;

/** A text's first lines as the embedded engine would be given them, without line ends. */
export async function firstLinesOf(text: RawText): Promise<string[]> {
  let head = "";
  for await (const part of partsOf(text)) {
    head += part;
    if (head.length >= HEAD_BYTES) break;
  }
  return head.split("\n");
}
