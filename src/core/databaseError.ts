import { CandlebookError, failure } from "./errors.ts";

/** An SQLite file of the workspace. */
export interface DatabaseFile {
  /** Relative to the workspace. */
  file: string;
  /** The error's code where the file is damaged, and what to do then. */
  damaged: { code: string; next: string };
}

/** https://www.sqlite.org/rescode.html, without the extension in the upper bits. */
const DAMAGED: ReadonlySet<number> = new Set([1, 10, 11, 26]);
const FULL = 13;
const NOT_WRITABLE: ReadonlySet<number> = new Set([3, 8, 14]);

/**
 * What a failed use of an SQLite file means; any other error unchanged. The content of a damaged file may also be
 * values of another type, on which our code fails.
 */
export function databaseError(cause: unknown, { file, damaged }: DatabaseFile): unknown {
  if (cause instanceof CandlebookError) return cause;
  const code = ((cause as { errcode?: number }).errcode ?? -1) & 0xff;
  const unreadable =
    cause instanceof TypeError || cause instanceof RangeError || cause instanceof SyntaxError;
  if (unreadable || DAMAGED.has(code)) {
    return failure(
      damaged.code,
      `${file} is damaged: it can't be read as a database of ours.`,
      damaged.next,
      cause,
    );
  }
  const next =
    "Free disk space or grant write permission, then run again; nothing that was accepted is lost.";
  if (code === FULL) return failure("disk_full", `The disk is full: ${file} can't be written.`, next, cause);
  if (NOT_WRITABLE.has(code)) return failure("not_writable", `${file} can't be written to.`, next, cause);
  return cause;
}

/** Runs a step on an SQLite file. @throws CandlebookError as `databaseError` */
export function onDatabase<Result>(file: DatabaseFile, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw databaseError(error, file);
  }
}

/** The same for rows that are read step by step. */
export function* rowsOfDatabase<Row>(file: DatabaseFile, rows: Iterable<Row>): Generator<Row, void> {
  try {
    yield* rows;
  } catch (error) {
    throw databaseError(error, file);
  }
}
