import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { LF, LineNormalizer, type LinePlaces, MARKED_LINES } from "./lines.ts";

/** A stretch of a text as a file of its own, normalised, whole lines only. */
export interface Piece {
  path: string;
  /** Counted from 0. */
  index: number;
  /** The line number of its first line in the original, counted from 1. */
  firstLine: number;
  lines: number;
  /** Counted from the piece's beginning: its bytes, its lines. */
  places: LinePlaces;
}

/**
 * The size at which a text is cut: what one core parses in a third of a second. Pieces keep memory flat whatever the
 * file's size, and let all cores work on one file. Each costs 25 ms whatever its size, so smaller ones take more time;
 * larger ones take more memory and no less time.
 */
export const PIECE_BYTES = 20 * 1024 * 1024;

/**
 * Cuts a text into pieces in a folder. Each is handed out as soon as it is whole; its reader deletes it.
 * @param chunks the text's bytes unchanged: any encoding, any line ends; each is written before the next is taken
 */
export async function* cutPieces(
  name: string,
  chunks: AsyncIterable<Buffer>,
  folder: string,
  pieceBytes: number = PIECE_BYTES,
): AsyncGenerator<Piece> {
  const normalizer = new LineNormalizer(name);
  let draft: Draft | null = null;
  let index = 0;
  let bytesBefore = 0;
  const add = async (text: Buffer, linesBefore: number): Promise<void> => {
    if (text.length === 0) return;
    draft ??= await startDraft(join(folder, `piece-${index}.csv`), linesBefore, bytesBefore);
    // `write` alone may write a part and say nothing, on a disk that is nearly full.
    await draft.file.appendFile(text);
    draft.bytes += text.length;
  };
  const finish = async (): Promise<Piece> => {
    const { file, path, linesBefore, bytesBefore: first } = draft as Draft;
    await file.close();
    draft = null;
    index += 1;
    const { starts, doubtful, ...flags } = normalizer.takePlaces();
    return {
      path,
      index: index - 1,
      firstLine: linesBefore + 1,
      lines: normalizer.lines - linesBefore,
      places: {
        // Where a marked line is the piece's first, its mark went with the piece before.
        starts: [...(index > 1 && linesBefore % MARKED_LINES === 0 ? [first] : []), ...starts].map(
          (start) => start - first,
        ),
        doubtful: doubtful.map((line) => line - linesBefore),
        ...flags,
      },
    };
  };
  try {
    for await (const chunk of chunks) {
      const linesBefore = normalizer.lines;
      bytesBefore = normalizer.bytes;
      for (const text of normalizer.push(chunk)) await add(text, linesBefore);
      if (draft !== null && (draft as Draft).bytes >= pieceBytes) yield await finish();
    }
    const linesBefore = normalizer.lines;
    bytesBefore = normalizer.bytes;
    await add(normalizer.end(), linesBefore);
    if (draft !== null) yield await finish();
  } finally {
    await (draft as Draft | null)?.file.close();
  }
}

interface Draft {
  file: FileHandle;
  path: string;
  linesBefore: number;
  /** Of the text, before the piece. */
  bytesBefore: number;
  bytes: number;
}

async function startDraft(path: string, linesBefore: number, bytesBefore: number): Promise<Draft> {
  return { file: await open(path, "w"), path, linesBefore, bytesBefore, bytes: 0 };
}

/** Bytes of a text's first lines, by which its form is recognised: ten of the longest lines that are kept. */
const LINES_TO_TELL_FROM = 10 * 64 * 1024;

/** The first lines of a piece, without line ends; the last one may be cut. */
export async function firstLines(path: string): Promise<string[]> {
  const file = await open(path, "r");
  try {
    return (await bytesAt(file, 0, LINES_TO_TELL_FROM)).toString("utf8").split("\n");
  } finally {
    await file.close();
  }
}

/** Of a piece, as many places are looked at, and as many bytes in all; a small one is seen whole. */
const [PLACES_SEEN, BYTES_SEEN, WHOLE_BYTES] = [16, 72 * 1024, 192 * 1024];

/**
 * Stretches of whole lines, spread over a piece, with their numbers, and its last lines; of a small piece all lines from
 * its first mark on.
 */
export async function sampleOf(piece: Piece): Promise<{ line: number; text: string }[][]> {
  const { starts } = piece.places;
  const file = await open(piece.path, "r");
  try {
    const { size } = await file.stat();
    const whole = size <= WHOLE_BYTES;
    const count = whole ? starts.length : Math.min(PLACES_SEEN, starts.length);
    const stretches = Array.from({ length: count }, async (_, i) => {
      const mark = Math.floor((i * starts.length) / count);
      const length = Math.min(
        whole ? WHOLE_BYTES : BYTES_SEEN / count,
        (starts[mark + 1] ?? Number.POSITIVE_INFINITY) - starts[mark],
      );
      const bytes = await bytesAt(file, starts[mark], Math.floor(length));
      const first = piece.firstLine + leadOf(piece) + mark * MARKED_LINES;
      const lines = bytes.toString("utf8", 0, bytes.lastIndexOf(LF)).split("\n");
      return lines.map((text, i) => ({ line: first + i, text }));
    });
    const found = await Promise.all(stretches);
    if (whole) return found;
    const end = await bytesAt(file, size - BYTES_SEEN / PLACES_SEEN, BYTES_SEEN / PLACES_SEEN);
    const last = end.toString("utf8", end.indexOf(LF) + 1, end.lastIndexOf(LF)).split("\n");
    const from = piece.firstLine + piece.lines - last.length;
    return [...found, last.map((text, i) => ({ line: from + i, text }))];
  } finally {
    await file.close();
  }
}

/** The first mark of a piece is of the first line whose number in the whole text is a multiple. */
function leadOf({ firstLine }: Piece): number {
  return (MARKED_LINES - ((firstLine - 1) % MARKED_LINES)) % MARKED_LINES;
}

/** Some of a piece's lines, without line ends. @param wanted counted from 0, ascending */
export async function linesAt(piece: Piece, wanted: readonly number[]): Promise<string[]> {
  const { starts } = piece.places;
  const lead = leadOf(piece);
  const blocks = Map.groupBy(wanted, (line) => (line < lead ? -1 : Math.floor((line - lead) / MARKED_LINES)));
  const file = await open(piece.path, "r");
  try {
    const found: string[] = [];
    for (const [block, own] of blocks) {
      const from = block < 0 ? 0 : starts[block];
      const to = starts[block + 1] ?? (await file.stat()).size;
      const bytes = await bytesAt(file, from, to - from);
      let line = block < 0 ? 0 : lead + block * MARKED_LINES;
      let at = 0;
      for (const goal of own) {
        for (; line < goal; line += 1) at = bytes.indexOf(LF, at) + 1;
        found.push(bytes.toString("utf8", at, bytes.indexOf(LF, at)));
      }
    }
    return found;
  } finally {
    await file.close();
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
