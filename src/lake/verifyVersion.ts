import { stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256OfFile } from "../core/files.ts";
import type { Version } from "./manifest.ts";

/** A part that differs from its manifest. */
export interface PartProblem {
  /** Relative to the table's folder. */
  path: string;
  problem: "missing" | "other_size" | "other_content";
}

/** Reads every part of a version and compares size and SHA-256 with the manifest. */
export async function verifyVersion({ folder, manifest }: Version): Promise<PartProblem[]> {
  const problems: PartProblem[] = [];
  for (const part of manifest.parts) {
    const file = join(folder, part.path);
    const size = await stat(file).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) problems.push({ path: part.path, problem: "missing" });
    else if (size !== part.bytes) problems.push({ path: part.path, problem: "other_size" });
    else if ((await sha256OfFile(file)) !== part.sha256)
      problems.push({ path: part.path, problem: "other_content" });
  }
  return problems;
}
