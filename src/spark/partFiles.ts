import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { inWorkspace, type Workspace } from "../core/workspace.ts";

/** The folder where Spark writes first: on the workspace's own disk, so that moving the files is a rename. */
export async function stagingFolder(workspace: Workspace): Promise<string> {
  const base = inWorkspace(workspace, "data", ".spill");
  await mkdir(base, { recursive: true });
  return join(base, `spark-${randomUUID()}`);
}

/**
 * Spark's Parquet parts in a folder, in the order of their rows, absolute, without its markers and checksums.
 */
export async function partsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .filter((name) => name.startsWith("part-") && name.endsWith(".parquet"))
    .sort()
    .map((name) => join(folder, name));
}

/** Renames Spark's parts of a folder to `part-0.parquet`, `part-1.parquet` …, and removes the rest. */
export async function takeParts(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const [i, part] of (await partsIn(from)).entries()) await rename(part, join(to, `part-${i}.parquet`));
  await rm(from, { recursive: true, force: true });
}
