import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { chunksOfFile, sha256OfFile } from "../core/files.ts";
import { zipEntries } from "../core/zip.ts";

/** One text inside a raw file: the file itself, or an entry of a zip. */
export interface RawText {
  /** As shown beside line numbers. */
  name: string;
  /** Names that may tell the trading pair, the most telling first. */
  names: string[];
  /** To be used one after the other: the next may lie where the one before lay. */
  chunks(): AsyncIterable<Buffer>;
}

/** A raw file's texts; what it is, its first bytes tell, not its name. */
export interface OpenedFile {
  container: "plain" | "gzip" | "zip";
  texts: RawText[];
  /** Of the file's bytes as they lie there; valid once all texts were read. */
  sha256(): Promise<string>;
}

const CHUNK = 1 << 20;

/** @param name the file's own name, for messages and rejects */
export async function openRaw(path: string, name: string): Promise<OpenedFile> {
  const start = await firstBytes(path);
  if (start.readUInt32LE(0) === 0x04034b50) {
    const entries = await zipEntries(path, name);
    const texts = entries.map((entry) => ({
      name: entries.length === 1 ? name : `${name}/${entry.name}`,
      names: entries.length === 1 ? [name, entry.name] : [entry.name, name],
      chunks: entry.chunks,
    }));
    return { container: "zip", texts, sha256: () => sha256OfFile(path) };
  }
  const hash = createHash("sha256");
  const hashed = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const zipped = start.readUInt16LE(0) === 0x8b1f;
  const chunks = () =>
    zipped ? unzipped(hashed(createReadStream(path, { highWaterMark: CHUNK }))) : hashed(chunksOfFile(path));
  return {
    container: zipped ? "gzip" : "plain",
    texts: [{ name, names: [name], chunks }],
    sha256: async () => hash.digest("hex"),
  };
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

async function* unzipped(source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const input = Readable.from(source, { objectMode: false, highWaterMark: CHUNK });
  input.on("error", (error) => gunzip.destroy(error));
  yield* input.pipe(gunzip) as AsyncIterable<Buffer>;
}
