import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { LineNormalizer } from "./lines.ts";

/** A stretch of a text as a file of its own, normalised, whole lines only. */
export interface Piece {
  path: string;
  /** Counted from 0. */
  index: number;
  /** The line number of its first line in the original, counted from 1. */
  firstLine: number;
  lines: number;
}

/**
 * The size at which a text is cut: what one core parses in a fifth of a second. Pieces keep memory flat whatever the
 * file's size, and let all cores work on one file; larger ones take more memory and no less time.
 */
export const PIECE_BYTES = 12 * 1024 * 1024;

/**
 * Cuts a text into pieces in a folder. Each is handed out as soon as it is whole; whoever takes it deletes it.
 * @param chunks the text's bytes as they stand: any encoding, any line ends; each is written before the next is taken
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
  const add = async (text: Buffer, linesBefore: number): Promise<void> => {
    if (text.length === 0) return;
    draft ??= await startDraft(join(folder, `piece-${index}.csv`), linesBefore);
    // `write` alone may write a part and say nothing, on a disk that is nearly full.
    await draft.file.appendFile(text);
    draft.bytes += text.length;
  };
  const finish = async (): Promise<Piece> => {
    const { file, path, linesBefore } = draft as Draft;
    await file.close();
    draft = null;
    index += 1;
    return { path, index: index - 1, firstLine: linesBefore + 1, lines: normalizer.lines - linesBefore };
  };
  try {
    for await (const chunk of chunks) {
      const linesBefore = normalizer.lines;
      for (const text of normalizer.push(chunk)) await add(text, linesBefore);
      if (draft !== null && (draft as Draft).bytes >= pieceBytes) yield await finish();
    }
    const linesBefore = normalizer.lines;
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
  bytes: number;
}

async function startDraft(path: string, linesBefore: number): Promise<Draft> {
  return { file: await open(path, "w"), path, linesBefore, bytes: 0 };
}

/** Bytes of a text's first lines, by which its form is told: ten of the longest lines that are kept. */
const LINES_TO_TELL_FROM = 10 * 64 * 1024;

/** The first lines of a piece, without line ends; the last one may be cut. */
export async function firstLines(path: string): Promise<string[]> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LINES_TO_TELL_FROM), 0, LINES_TO_TELL_FROM, 0);
    return buffer.toString("utf8", 0, bytesRead).split("\n");
  } finally {
    await file.close();
  }
}
