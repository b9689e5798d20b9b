import { failure } from "../core/errors.ts";

/** Errors of the disk as a CandlebookError; any other error unchanged. */
export function storageError(error: unknown, table: string): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as NodeJS.ErrnoException).code;
  const next = "The table is unchanged. Free disk space or grant write permission, then run again.";
  if (code === "ENOSPC" || code === "EDQUOT" || /no space left|disk quota|disk is full/i.test(text)) {
    return failure("disk_full", `The disk is full: ${table} could not be written.`, next, error);
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return failure("not_writable", `The folder of ${table} can't be written to.`, next, error);
  }
  return error;
}
