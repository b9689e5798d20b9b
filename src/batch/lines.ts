import { isAscii, isUtf8 } from "node:buffer";
import { inputError } from "../core/errors.ts";

/** The byte that ends a normalised line. */
export const LF = 10;
const CR = 13;
const UNDERSCORE = 0x5f;
const [ZERO, NINE] = [48, 57];
const EXPONENTS = [0x45, 0x65] as const;
/** Longer lines are cut, so that a 100 MB line costs no memory; no candle is half as long. */
const LONGEST = 64 * 1024;
const KEPT_OF_LONGER = 1024;
/** Bytes that mean something to the engine's reader: NUL, and the delimiter that we give it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those bytes are what is looked for
const INERT = /[\0\x1f]/g;
/** A field separator that no normalised line contains: the engine then reads whole lines. */
export const NO_DELIMITER = "\x1f";

/** Of every so many lines the place is kept. */
export const MARKED_LINES = 256;

/** Positions of lines in what was handed out, and which of them need a second look. */
export interface LinePlaces {
  /** The bytes before the lines 0, 256, 512 …, of those that were handed out since the last time. */
  starts: number[];
  /**
   * The lines, counted from 0, that a reader of columns may take for what they are not: it overlooks an empty last
   * column (so any that end with no digit) and underscores inside a number.
   */
  doubtful: number[];
  /** No line was mended. */
  plain: boolean;
  /** Whether an `e` or `E`, which may be a number's exponent, is in a line other than the text's first. */
  exponents: boolean;
}

/**
 * Bytes of any kind to lines that an engine can read: valid UTF-8, each ended by LF, none blank of its line end,
 * none longer than 64 KiB. CR, LF and CRLF, mixed too, each end one line, so that line numbers are those of an
 * editor. Invalid UTF-8, NUL and unit separators become U+FFFD; a longer line is cut and marked with `…`.
 */
export class LineNormalizer {
  /** Lines handed out so far, blank ones included. */
  lines = 0;
  /** Bytes handed out so far. */
  bytes = 0;
  #places: LinePlaces = { starts: [0], doubtful: [], plain: true, exponents: false };
  #held: Buffer[] = [];
  #heldBytes = 0;
  #lostBytes = 0;
  #afterCr = false;
  #started = false;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** The whole lines that are known now, in pieces that may lie in the memory of `bytes`. */
  push(bytes: Buffer): Buffer[] {
    const chunk = this.#started ? bytes : this.#withoutMark(bytes);
    const clean = this.#lostBytes === 0 && !this.#afterCr && this.#held.every(isClean);
    const plain = clean ? plainText(chunk) : null;
    return (plain && this.#takePlain(plain)) ?? [this.#takeAny(chunk)];
  }

  /** The last line, where the file doesn't end with a line end. */
  end(): Buffer {
    return this.#heldBytes > 0 ? this.#finishLine() : Buffer.alloc(0);
  }

  /** The places of the lines handed out since the last time. */
  takePlaces(): LinePlaces {
    const places = this.#places;
    this.#places = { starts: [], doubtful: [], plain: true, exponents: false };
    return places;
  }

  #withoutMark(chunk: Buffer): Buffer {
    this.#started = true;
    if ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff)) {
      throw inputError("not_utf8", `${this.#name} is UTF-16 text.`, "Save it as UTF-8 CSV.");
    }
    return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
  }

  #takePlain(chunk: Buffer): Buffer[] | null {
    const last = chunk.lastIndexOf(LF);
    if (last < 0) return null;
    const { count, longest, starts, doubtful } = measureLines(chunk, last, this.lines);
    if (longest + this.#heldBytes > LONGEST) return null;
    const from = this.lines === 0 ? chunk.indexOf(LF) : 0;
    this.#places.exponents ||=
      chunk.indexOf(EXPONENTS[0], from) >= 0 || chunk.indexOf(EXPONENTS[1], from) >= 0;
    const whole = [...this.#held, chunk.subarray(0, last + 1)];
    const before = this.bytes + this.#heldBytes;
    for (const start of starts) this.#places.starts.push(before + start);
    // Of a line that began in the chunk before, that part was not looked at.
    if (this.#heldBytes > 0 && doubtful[0] !== 0) doubtful.unshift(0);
    for (const line of doubtful) this.#places.doubtful.push(this.lines + line);
    this.#held = [];
    this.#heldBytes = 0;
    this.#hold(chunk.subarray(last + 1));
    this.lines += count;
    this.bytes = before + last + 1;
    return whole;
  }

  #takeAny(chunk: Buffer): Buffer {
    const done: Buffer[] = [];
    let from = 0;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i];
      if (byte !== LF && byte !== CR) {
        this.#afterCr = false;
      } else if (byte === LF && this.#afterCr) {
        this.#afterCr = false;
        from = i + 1;
      } else {
        this.#hold(chunk.subarray(from, i));
        done.push(this.#finishLine());
        from = i + 1;
        this.#afterCr = byte === CR;
      }
    }
    this.#hold(chunk.subarray(from));
    return Buffer.concat(done);
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const room = Math.max(0, LONGEST - this.#heldBytes);
    this.#lostBytes += Math.max(0, bytes.length - room);
    if (room > 0) this.#held.push(Buffer.from(bytes.subarray(0, room)));
    this.#heldBytes += Math.min(room, bytes.length);
  }

  #finishLine(): Buffer {
    const line = Buffer.concat(this.#held);
    const bytes = this.#heldBytes + this.#lostBytes;
    const cut = this.#lostBytes > 0;
    this.#held = [];
    this.#heldBytes = 0;
    this.#lostBytes = 0;
    this.lines += 1;
    const kept = cut ? line.subarray(0, KEPT_OF_LONGER) : line;
    const text = isUtf8(kept) ? kept.toString("utf8") : new TextDecoder().decode(kept);
    const mended = Buffer.from(`${text.replace(INERT, "\uFFFD")}${cut ? `… (${bytes} bytes)` : ""}\n`);
    this.bytes += mended.length;
    if (this.lines % MARKED_LINES === 0) this.#places.starts.push(this.bytes);
    this.#places.plain = false;
    return mended;
  }
}

/** The chunk where all of it is ASCII with one kind of line end (CRLF made LF), else null. */
function plainText(chunk: Buffer): Buffer | null {
  if (!isClean(chunk)) return null;
  return chunk.includes(CR) ? withoutCr(chunk) : chunk;
}

function isClean(bytes: Buffer): boolean {
  return isAscii(bytes) && !bytes.includes(0) && !bytes.includes(0x1f);
}

function withoutCr(chunk: Buffer): Buffer | null {
  const out = Buffer.allocUnsafe(chunk.length);
  let length = 0;
  for (let i = 0; i < chunk.length; i += 1) {
    const byte = chunk[i];
    if (byte === CR) {
      if (chunk[i + 1] !== LF) return null;
    } else {
      out[length] = byte;
      length += 1;
    }
  }
  return out.subarray(0, length);
}

/** The lines of a chunk up to its last line end: how many, how long, where the marked begin, which are doubtful. */
function measureLines(chunk: Buffer, last: number, linesBefore: number) {
  let count = 0;
  let longest = 0;
  let from = 0;
  let untilMark = MARKED_LINES - (linesBefore % MARKED_LINES);
  let underscore = chunk.indexOf(UNDERSCORE);
  const starts: number[] = [];
  const doubtful: number[] = [];
  // The search for the next line end takes half the time of a look at every byte.
  while (from <= last) {
    const end = chunk.indexOf(LF, from);
    if (end - from > longest) longest = end - from;
    const underscored = underscore >= 0 && underscore < end;
    if (underscored) underscore = chunk.indexOf(UNDERSCORE, end);
    const final = chunk[end - 1];
    if (underscored || final < ZERO || final > NINE) doubtful.push(count);
    count += 1;
    from = end + 1;
    untilMark -= 1;
    if (untilMark === 0) {
      starts.push(from);
      untilMark = MARKED_LINES;
    }
  }
  return { count, longest, starts, doubtful };
}
