import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { ArchiveFile } from "../venues/venue.ts";

const entryForm = z.object({
  /** Relative to the workspace. */
  path: z.string(),
  bytes: z.number().int(),
  /** The published one, equal to that of the file. */
  sha256: z.string(),
  rows: z.object({
    good: z.number().int(),
    doubled: z.number().int(),
    bad: z.number().int(),
    expected: z.number().int(),
  }),
  /** The day on which the published checksum was last compared. */
  checked: z.string(),
  /** Earlier checksums: it was republished. */
  before: z.array(z.string()),
});

/** A verified file of the archive, as an entry of `data/raw/archive.json`. */
export type ArchivedFile = z.infer<typeof entryForm>;

const localArchiveForm = z.object({ schema: z.literal(1), files: z.record(z.string(), entryForm) });

const pathOf = (workspace: Workspace) => inWorkspace(workspace, "data", "raw", "archive.json");

/** The path of a file of the archive, relative to the workspace. */
export const zipPath = ({ symbol, name }: ArchiveFile) => `data/raw/${symbol}/${name}.zip`;

/** The verified files by name; an unreadable list counts as empty: everything is verified again. */
export async function readLocalArchive(workspace: Workspace): Promise<Map<string, ArchivedFile>> {
  const parsed = localArchiveForm.safeParse(await readJson(pathOf(workspace)).catch(() => null));
  return new Map(parsed.success ? Object.entries(parsed.data.files) : []);
}

export async function writeLocalArchive(
  workspace: Workspace,
  archived: ReadonlyMap<string, ArchivedFile>,
): Promise<void> {
  const files = Object.fromEntries([...archived].sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFileWhole(pathOf(workspace), `${JSON.stringify({ schema: 1, files }, null, 2)}\n`);
}

/** Removes drafts of a killed download: files are complete only under their own names. */
export async function removeDrafts(workspace: Workspace, symbol: string): Promise<void> {
  const folder = inWorkspace(workspace, "data", "raw", symbol);
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    if (name.endsWith(".draft")) await rm(join(folder, name), { force: true });
  }
}
