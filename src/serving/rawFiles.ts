import { z } from "zod";
import { readJson } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";

// What readers need of data/raw/manifest.json; the stage that writes it keeps more.
const manifestForm = z.object({
  files: z.array(
    z.object({
      id: z.number().int(),
      path: z.string(),
      name: z.string(),
      bytes: z.number(),
      facts: z
        .object({
          sha256: z.string(),
          rows: z.object({ in: z.number() }).optional(),
          symbols: z.record(z.string(), z.unknown()).optional(),
        })
        .nullable(),
    }),
  ),
});

/** A raw file as a person can find and check it. */
export interface RawFileFacts {
  /** What `file_id` in the minutes means. */
  id: number;
  /** Relative to the workspace. */
  path: string;
  name: string;
  bytes: number;
  /** Hexadecimal; null where the file was never read whole. */
  sha256: string | null;
  /** Rows in it; null where it was never read whole. */
  rows: number | null;
  /** Symbols that it has valid rows of. */
  symbols: string[];
}

/** The raw files that the workspace is made from; none where there is no list of them. */
export async function rawFiles(workspace: Workspace): Promise<RawFileFacts[]> {
  const value = await readJson(inWorkspace(workspace, "data", "raw", "manifest.json"));
  const manifest = manifestForm.safeParse(value);
  if (!manifest.success) return [];
  return manifest.data.files.map(({ facts, ...file }) => ({
    ...file,
    sha256: facts?.sha256 ?? null,
    rows: facts?.rows?.in ?? null,
    symbols: Object.keys(facts?.symbols ?? {}),
  }));
}
