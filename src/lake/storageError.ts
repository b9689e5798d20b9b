import { failure } from "../core/errors.ts";

/** The disk's refusals as something to act on; any other error as it is. */
export function storageError(error: unknown, table: string): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as NodeJS.ErrnoException).code;
  const next = "The table is as it was. Free some room or mend the folder's rights, then run again.";
  if (code === "ENOSPC" || /no space left|disk quota/i.test(text)) {
    return failure("disk_full", `The disk is full: ${table} could not be written.`, next, error);
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return failure("not_writable", `The folder of ${table} can't be written to.`, next, error);
  }
  return error;
}
