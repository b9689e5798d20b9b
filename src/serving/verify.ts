import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Effects } from "../core/effects.ts";
import { throwIfAborted } from "../core/errors.ts";
import { sha256OfFile } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readVersion } from "../lake/manifest.ts";
import { verifyVersion } from "../lake/verifyVersion.ts";
import { rawFiles } from "./rawFiles.ts";

export interface VerifyResult {
  /** Files whose bytes were all read. */
  files: number;
  problems: { where: string; path: string; problem: string }[];
}

/** Reads every byte of the published tables and of the raw files, and compares their SHA-256 with the manifests. */
export async function verify(workspace: Workspace, effects: Effects = {}): Promise<VerifyResult> {
  const result: VerifyResult = { files: 0, problems: [] };
  const tables = await publishedTables(workspace);
  for (const [done, where] of tables.entries()) {
    throwIfAborted(effects.signal);
    effects.progress?.({ stage: "verify", note: where, done, total: tables.length });
    const version = await readVersion(workspace, where).catch(() => null);
    if (version === null) {
      result.problems.push({ where, path: "", problem: "manifest" });
      continue;
    }
    result.files += version.manifest.parts.length;
    for (const problem of await verifyVersion(version)) result.problems.push({ where, ...problem });
  }
  for (const { path, name, sha256, bytes } of await rawFiles(workspace)) {
    throwIfAborted(effects.signal);
    effects.progress?.({ stage: "verify", note: name });
    if (sha256 === null) continue;
    const file = resolve(workspace.root, path);
    const found = await stat(file).catch(() => null);
    result.files += 1;
    const problem =
      found === null ? "missing" : found.size !== bytes ? "other_size" : await contentProblem(file, sha256);
    if (problem !== null) result.problems.push({ where: "data/raw", path: name, problem });
  }
  return result;
}

async function contentProblem(file: string, sha256: string): Promise<string | null> {
  return (await sha256OfFile(file)) === sha256 ? null : "other_content";
}
