import { stat } from "node:fs/promises";
import { CandlebookError, outsideError } from "../core/errors.ts";
import { readZip } from "../core/zip.ts";
import { epochToMs } from "../time/epoch.ts";
import { type ArchiveFile, LONGEST_LINE } from "../venues/venue.ts";
import { INTERVALS } from "../venues/venueInterval.ts";

/** The counted rows of an archive zip. */
export interface ZipRows {
  /** Different open times on the grid and within the file's period. */
  good: number;
  /** Rows with a repeated open time. */
  doubled: number;
  /** Rows off the grid, outside the period, or without a time. */
  bad: number;
  /** Number of candles in the period. */
  expected: number;
}

const HEADER_BYTES = 4096;
const LINE_END = 10;
const COMMA = 44;
const ZERO = 48;

/**
 * Validates a zip with a correct checksum: one complete entry with the file's own name and a plausible size; then
 * counts its rows.
 * @throws CandlebookError `strange_archive` (exit 3)
 */
export async function inspectZip(path: string, file: ArchiveFile): Promise<ZipRows> {
  try {
    return await countRows(path, file);
  } catch (error) {
    if (error instanceof CandlebookError && error.exit === 2) throw strange(file, error.message, error);
    throw error;
  }
}

async function countRows(path: string, file: ArchiveFile): Promise<ZipRows> {
  const length = INTERVALS[file.interval];
  const expected = (file.to - file.from) / length;
  const entries = await readZip(path, `${file.name}.zip`);
  const [entry] = entries;
  if (entries.length !== 1 || entry.name !== `${file.name}.csv`) {
    throw strange(file, `it has ${entries.length} entries, the first is "${entry?.name.slice(0, 60)}"`);
  }
  if (
    entry.size > expected * LONGEST_LINE + HEADER_BYTES ||
    (await stat(path)).size > entry.size + HEADER_BYTES
  ) {
    throw strange(file, `it unpacks to ${entry.size} bytes`);
  }
  const seen = new Uint8Array(expected);
  const rows = { good: 0, doubled: 0, bad: 0, expected };
  let first = true;
  const count = (time: number, empty: boolean) => {
    const header = first && Number.isNaN(time);
    first = false;
    if (empty || header) return;
    const ms = epochToMs(time);
    const place = ms === null ? -1 : (ms - file.from) / length;
    if (!Number.isInteger(place) || place < 0 || place >= expected) rows.bad += 1;
    else if (seen[place] === 1) rows.doubled += 1;
    else {
      seen[place] = 1;
      rows.good += 1;
    }
  };
  const times = new LineTimes(count);
  for await (const chunk of entry.chunks()) times.read(chunk);
  times.end();
  if (rows.good === 0) throw strange(file, "it has no row of its period");
  return rows;
}

/** Calls back with the whole number at the start of each line; NaN if there is none. */
class LineTimes {
  readonly #count: (time: number, empty: boolean) => void;
  #time = 0;
  /** Bytes of the line's first column so far. */
  #width = 0;
  #inTime = true;

  constructor(count: (time: number, empty: boolean) => void) {
    this.#count = count;
  }

  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#inTime ? this.#readTime(chunk, at) : this.#skipLine(chunk, at);
  }

  end(): void {
    if (this.#width > 0) this.#endLine();
  }

  /** @returns where to read on */
  #readTime(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === LINE_END) {
        this.#endLine();
        return at + 1;
      }
      if (byte === COMMA) {
        this.#inTime = false;
        return at + 1;
      }
      const digit = byte - ZERO;
      this.#time = digit >= 0 && digit <= 9 ? this.#time * 10 + digit : Number.NaN;
      this.#width += 1;
    }
    return chunk.length;
  }

  #skipLine(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(LINE_END, from);
    if (end < 0) return chunk.length;
    this.#endLine();
    return end + 1;
  }

  #endLine(): void {
    this.#count(this.#inTime ? Number.NaN : this.#time, this.#width === 0);
    this.#time = 0;
    this.#width = 0;
    this.#inTime = true;
  }
}

function strange(file: ArchiveFile, what: string, cause?: unknown): CandlebookError {
  return outsideError(
    "strange_archive",
    `${file.name}.zip is not a valid file of the archive: ${what}. It was not stored.`,
    "Try again later; meanwhile the days are requested from other sources.",
    cause,
  );
}
