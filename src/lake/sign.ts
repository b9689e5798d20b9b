import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { SQLITE_BUSY } from "./lock.ts";

const folderOf = (workspace: Workspace) => inWorkspace(workspace, "data", ".locks");
const fileOf = (workspace: Workspace, name: string) => join(folderOf(workspace), `${name}.lock`);

/**
 * Marks this process as running under a name. The mark is a lock of the operating system, so it ends with the process
 * in any case. Files of the same family that dead processes have left are removed.
 * @param family prefix of the name
 *
 * @returns a function that removes the mark
 */
export async function raiseSign(
  workspace: Workspace,
  family: string,
  name: string,
): Promise<() => Promise<void>> {
  const folder = folderOf(workspace);
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) {
    const other = file.replace(/\.lock$/, "");
    if (file.startsWith(family) && file.endsWith(".lock") && !signStands(workspace, other)) {
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

/** Whether the process of a mark is still running. */
export function signStands(workspace: Workspace, name: string): boolean {
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
