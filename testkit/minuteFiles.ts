import { createHash } from "node:crypto";
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { ingest } from "../src/batch/ingest.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { forMarket, REAL_MARKET } from "../src/lake/marketClaim.ts";
import { type Day, startOfDay } from "../src/time/day.ts";
import { MINUTE_MS } from "../src/time/epoch.ts";

/** A file of whole days of BTCUSDT. */
export interface MinuteFile {
  from: string;
  days: number;
}

/** Writes the files and ingests them: they replace those that were ingested before. */
export async function ingestMinutes(workspace: Workspace, files: readonly MinuteFile[]): Promise<void> {
  const real = await forMarket(workspace, REAL_MARKET);
  const inputs = await Promise.all(
    files.map(async ({ from, days }) => {
      const path = join(workspace.root, `BTCUSDT_${from}_${days}.csv`);
      const start = startOfDay(from as Day);
      const lines = Array.from({ length: days * 1440 }, (_, i) => {
        const price = 100 + Math.sin(i / 500) + i / 10_000;
        return `${start + i * MINUTE_MS},${price},${price + 1},${price - 1},${price + 0.5},${1 + (i % 7)}`;
      });
      await writeFile(path, `open_time,open,high,low,close,volume\n${lines.join("\n")}\n`);
      return { path };
    }),
  );
  await ingest(real, { files: inputs, source: "csv" });
}

/** Every file below a folder with its hash, every link with its target. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => !entry.isDirectory())
    .map(async (entry): Promise<[string, string]> => {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isSymbolicLink() ? await readlink(path) : await readFile(path);
      return [relative(folder, path), createHash("sha256").update(content).digest("hex")];
    });
  return Object.fromEntries(await Promise.all(found));
}
