import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJson, sha256OfValue, writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { EpochMs } from "../time/epoch.ts";
import { type RawFile, refuseIfChanged } from "./files.ts";
import type { FileReading, FilesReader, Imported } from "./importFile.ts";
import type { RawEntry } from "./rawManifest.ts";
import { fileFactsForm, importPartForm } from "./report.ts";

const importForm = z.object({
  facts: fileFactsForm,
  parts: z.array(importPartForm),
});

const baseOf = (workspace: Workspace) => inWorkspace(workspace, "data", "parquet", ".imports");
const spillOf = (workspace: Workspace) => inWorkspace(workspace, "data", ".spill", "pieces");

/** One file's Parquet parts, read once and linked into every version of the tables that hold its rows. */
export function importFolder(workspace: Workspace, entry: RawEntry): string {
  const key = sha256OfValue([
    entry.path,
    entry.symbol,
    entry.reading,
    entry.origin,
    entry.bytes,
    entry.modified,
    entry.readerVersion,
  ]);
  return join(baseOf(workspace), `${entry.id}-${key.slice(0, 16)}`);
}

/** An import that is there with all its parts, none of them written to since, or null. */
export async function readImport(folder: string): Promise<Imported | null> {
  const list = join(folder, "import.json");
  const parsed = importForm.safeParse(await readJson(list).catch(() => null));
  if (!parsed.success) return null;
  const { mtimeMs: written } = await stat(list);
  const whole = await Promise.all(
    parsed.data.parts.map(async ({ path, bytes }) => {
      const found = await stat(join(folder, path)).catch(() => null);
      return found?.size === bytes && found.mtimeMs <= written;
    }),
  );
  return whole.every(Boolean) ? parsed.data : null;
}

/** How files are read. */
export interface ImportContext {
  workspace: Workspace;
  reader: FilesReader;
  /** The last open time that can be true. */
  latest: EpochMs;
}

/** A file to be read into its import folder. */
export interface WantedImport {
  file: RawFile;
  entry: RawEntry;
}

/** Reads files together, each into its import folder, whole or not at all; their outcomes in the same order. */
export async function makeImports(
  { workspace, reader, latest }: ImportContext,
  wanted: readonly WantedImport[],
): Promise<PromiseSettledResult<Imported>[]> {
  const readings = wanted.map(({ file, entry }) => ({
    ...{ file, id: entry.id, latest },
    folder: `${importFolder(workspace, entry)}.${randomUUID()}.draft`,
    spill: join(spillOf(workspace), randomUUID()),
  }));
  try {
    for (const { folder } of readings) await mkdir(folder, { recursive: true });
    const read = await reader(readings);
    const kept: PromiseSettledResult<Imported>[] = [];
    for (const [i, { entry }] of wanted.entries()) {
      const [outcome] = await Promise.allSettled([
        keepImport(importFolder(workspace, entry), readings[i], read[i]),
      ]);
      kept.push(outcome);
    }
    return kept;
  } finally {
    for (const { folder, spill } of readings) {
      await rm(folder, { recursive: true, force: true });
      await rm(spill, { recursive: true, force: true });
    }
  }
}

/** @throws what reading it threw; CandlebookError `file_changed` where it is not what was listed when it was read to its end */
async function keepImport(
  folder: string,
  { file, folder: draft }: FileReading,
  read: PromiseSettledResult<Imported>,
): Promise<Imported> {
  if (read.status === "rejected") throw read.reason;
  await refuseIfChanged(file);
  await writeFileWhole(join(draft, "import.json"), JSON.stringify(read.value));
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  return read.value;
}

/** Removes what a crash left, and the imports of files that are no longer in the list. */
export async function removeOldImports(workspace: Workspace, entries: readonly RawEntry[]): Promise<void> {
  await rm(spillOf(workspace), { recursive: true, force: true });
  const wanted = new Set(entries.map((entry) => importFolder(workspace, entry)));
  const base = baseOf(workspace);
  for (const name of await readdir(base).catch(() => [] as string[])) {
    const folder = join(base, name);
    if (!wanted.has(folder)) await rm(folder, { recursive: true, force: true });
  }
}
