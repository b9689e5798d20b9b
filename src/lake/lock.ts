import { AsyncLocalStorage } from "node:async_hooks";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { failure } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";

const held = new AsyncLocalStorage<ReadonlySet<string>>();

/**
 * Does some work while no other process writes the same table. The lock is the operating system's (an
 * exclusive transaction of an empty SQLite file): it ends with the process that holds it, so that none is ever
 * left over. Taken twice by the same chain of calls, it is held once.
 * @throws CandlebookError `table_locked` where another process holds it for longer than `waitMs`
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
  await mkdir(folder, { recursive: true });
  const database = new DatabaseSync(`${file}.lock`);
  try {
    await acquire(database, table, `${file}.pid`, waitMs);
    await writeFile(`${file}.pid`, String(process.pid));
    return await held.run(new Set([...mine, file]), work);
  } finally {
    database.close();
  }
}

async function acquire(
  database: DatabaseSync,
  table: string,
  pidFile: string,
  waitMs: number,
): Promise<void> {
  const pause = 50;
  for (let waited = 0; ; waited += pause) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      return;
    } catch (cause) {
      if (waited >= waitMs) {
        const pid = await readFile(pidFile, "utf8").catch(() => "unknown");
        throw failure(
          "table_locked",
          `Another candlebook process (${pid}) is writing the table ${table}.`,
          "Wait until it has finished, or stop it, then run again.",
          cause,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
