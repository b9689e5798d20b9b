import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CleanResult, clean } from "../src/batch/clean.ts";
import { type DailyOptions, type DailyResult, daily } from "../src/batch/daily.ts";
import { type IngestOptions, type IngestResult, ingest } from "../src/batch/ingest.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";

export interface BatchResult {
  ingested: IngestResult;
  cleaned: CleanResult;
  folded: DailyResult;
}

/** Ingest, clean and daily, one after the other. */
export async function runBatch(
  workspace: Workspace,
  files: readonly (IngestOptions["files"][number] | string)[],
  options: DailyOptions & Omit<IngestOptions, "files"> = {},
): Promise<BatchResult> {
  const inputs = files.map((file) => (typeof file === "string" ? { path: file } : file));
  const ingested = await ingest(workspace, { ...options, files: inputs });
  const cleaned = await clean(workspace, { symbols: options.symbols });
  return { ingested, cleaned, folded: await daily(workspace, options) };
}

/**
 * A published table's rows, in their order; instants as milliseconds, days as text.
 * @param select what stands before FROM
 */
export async function tableRows<Row>(workspace: Workspace, table: string, select = "*"): Promise<Row[]> {
  const version = await readTable(workspace, table);
  if (version === null) throw new Error(`${table} is not published.`);
  return withLake(workspace, {}, (lake) => lake.rows<Row>(`SELECT ${select} FROM ${version.sql}`));
}

/** The columns of clean minutes as the plain rules have them. */
export { CANDLE_FIELDS as CANDLE_COLUMNS } from "../src/lake/columns.ts";

/** Writes files into a folder of the workspace that candlebook does not write to, and returns their paths. */
export async function writeFiles(
  workspace: Workspace,
  files: readonly { name: string; text: string | Uint8Array }[],
): Promise<string[]> {
  const folder = join(workspace.root, "own");
  await mkdir(folder, { recursive: true });
  const paths = files.map(({ name }) => join(folder, name));
  for (const [i, { text }] of files.entries()) await writeFile(paths[i], text);
  return paths;
}
