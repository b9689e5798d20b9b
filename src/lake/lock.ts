import { AsyncLocalStorage } from "node:async_hooks";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { delay } from "../core/delay.ts";
import { failure } from "../core/errors.ts";
import { makeFolder } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { storageError } from "./storageError.ts";

export const SQLITE_BUSY = 5;

const RETRY_MS = 50;

const held = new AsyncLocalStorage<ReadonlySet<string>>();

/**
 * Runs `work` while no other process writes the same table. The lock is the operating system's (an exclusive
 * transaction of an empty SQLite file): it ends with the process that holds it, so that no stale lock remains. It is
 * reentrant within one chain of calls.
 * @throws CandlebookError `table_locked` if another process holds it for longer than `waitMs`; `not_writable`,
 *   `disk_full`
 */
export async function withTableLock<Result>(
  workspace: Workspace,
  table: string,
  work: () => Promise<Result>,
  waitMs = 10_000,
): Promise<Result> {
  const folder = inWorkspace(workspace, "data", ".locks");
  const file = join(folder, table);
  const mine = held.getStore() ?? new Set<string>();
  if (mine.has(file)) return work();
  const database = await openLock(folder, file, table);
  try {
    await acquire(database, table, `${file}.pid`, waitMs);
    return await held.run(new Set([...mine, file]), work);
  } finally {
    database.close();
  }
}

async function openLock(folder: string, file: string, table: string): Promise<DatabaseSync> {
  try {
    makeFolder(folder);
    // Check that the folder is writable: SQLite reports it only when the lock is taken.
    await appendFile(`${file}.lock`, "");
    return new DatabaseSync(`${file}.lock`);
  } catch (error) {
    throw storageError(error, table);
  }
}

async function acquire(
  database: DatabaseSync,
  table: string,
  pidFile: string,
  waitMs: number,
): Promise<void> {
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      return await writeFile(pidFile, String(process.pid));
    } catch (cause) {
      if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw storageError(cause, table);
      if (waited >= waitMs) {
        const pid = await readFile(pidFile, "utf8").catch(() => "unknown");
        throw failure(
          "table_locked",
          `Another candlebook process (${pid}) holds the lock "${table}" of this workspace.`,
          "Wait until it has finished, or stop it, then run again.",
          cause,
        );
      }
      await delay(RETRY_MS);
    }
  }
}
