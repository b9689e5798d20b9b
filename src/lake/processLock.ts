import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { SQLITE_BUSY } from "./lock.ts";

const folderOf = (workspace: Workspace) => inWorkspace(workspace, "data", ".locks");
const fileOf = (workspace: Workspace, name: string) => join(folderOf(workspace), `${name}.lock`);

/**
 * Holds a lock under a name while this process works. It is the operating system's, so that it ends with the process,
 * whatever ended it. Locks of the same family that dead processes left behind are removed.
 * @param family what the name begins with
 * @returns releases the lock
 */
export async function holdProcessLock(
  workspace: Workspace,
  family: string,
  name: string,
): Promise<() => Promise<void>> {
  const folder = folderOf(workspace);
  makeFolder(folder);
  for (const file of await readdir(folder)) {
    const other = file.replace(/\.lock$/, "");
    if (file.startsWith(family) && file.endsWith(".lock") && !isProcessLockHeld(workspace, other)) {
      await rm(join(folder, file), { force: true });
    }
  }
  const database = new DatabaseSync(fileOf(workspace, name));
  // A journal on the disk would outlive a killed process.
  database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  return async () => {
    database.close();
    await rm(fileOf(workspace, name), { force: true });
  };
}

/** Whether a process holds the lock. */
export function isProcessLockHeld(workspace: Workspace, name: string): boolean {
  let database: DatabaseSync | null = null;
  try {
    // Read-only: a missing file is not created.
    database = new DatabaseSync(fileOf(workspace, name), { readOnly: true });
    database.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    return (error as { errcode?: number }).errcode === SQLITE_BUSY;
  } finally {
    database?.close();
  }
}
