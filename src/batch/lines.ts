import { isAscii, isUtf8 } from "node:buffer";
import { inputError } from "../core/errors.ts";

const LF = 10;
const CR = 13;
/** Longer lines are cut, so that a 100 MB line costs no memory; no candle is half as long. */
const LONGEST = 64 * 1024;
const KEPT_OF_LONGER = 1024;
/** Bytes that mean something to the engine's reader: NUL, and the delimiter that we give it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those bytes are what is looked for
const INERT = /[\0\x1f]/g;
/** A field separator that no normalised line contains: the engine then reads whole lines. */
export const NO_DELIMITER = "\x1f";

/**
 * Bytes of any kind to lines that an engine can read: valid UTF-8, each ended by LF, none blank of its line end,
 * none longer than 64 KiB. CR, LF and CRLF, mixed too, each end one line, so that line numbers are those of an
 * editor. Invalid UTF-8, NUL and unit separators become U+FFFD; a longer line is cut and marked with `…`.
 */
export class LineNormalizer {
  /** Lines handed out so far, blank ones included. */
  lines = 0;
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
    const { count, longest } = measureLines(chunk, last);
    if (longest + this.#heldBytes > LONGEST) return null;
    const whole = [...this.#held, chunk.subarray(0, last + 1)];
    this.#held = [];
    this.#heldBytes = 0;
    this.#hold(chunk.subarray(last + 1));
    this.lines += count;
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
    return Buffer.from(`${text.replace(INERT, "\uFFFD")}${cut ? `… (${bytes} bytes)` : ""}\n`);
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

function measureLines(chunk: Buffer, last: number): { count: number; longest: number } {
  let count = 0;
  let longest = 0;
  let from = 0;
  for (let i = 0; i <= last; i += 1) {
    if (chunk[i] === LF) {
      count += 1;
      if (i - from > longest) longest = i - from;
      from = i + 1;
    }
  }
  return { count, longest };
}
