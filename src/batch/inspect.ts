import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Candle } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { CANDLE_FIELDS } from "../lake/columns.ts";
import { type LakePool, withLakePool } from "../lake/pool.ts";
import { literal } from "../lake/session.ts";
import type { Evidence } from "../recognition/evidence.ts";
import { recognize } from "../recognition/recognize.ts";
import { type FileReport, reportOf } from "./fileReport.ts";
import type { InputFile, RawFile } from "./files.ts";
import { knownOf } from "./importFile.ts";
import { makePlan } from "./plan.ts";
import { readFiles } from "./readFiles.ts";
import { firstLinesOf, openRaw } from "./texts.ts";

/** What `ingest` would make of a file. */
export interface Inspection extends FileReport {
  /** As the person named it. */
  path: string;
  /** The first three by open time; `openTime` in milliseconds since 1970. */
  candles: Candle[];
}

export interface InspectResult {
  files: Inspection[];
  passedOver: string[];
}

const CANDLES_SHOWN = 3;

/**
 * Reads files as `ingest` would read them into an empty workspace, publishes nothing, and reports by what evidence.
 * @param workspace gives the present and the resources; nothing in it is read or written
 * @throws CandlebookError `no_files`
 */
export async function inspect(
  workspace: Workspace,
  files: readonly InputFile[],
  effects: Effects = {},
): Promise<InspectResult> {
  const scratch = { ...workspace, root: await mkdtemp(join(tmpdir(), "candlebook-inspect-")) };
  try {
    const plan = await makePlan(scratch, { files });
    return await withLakePool(scratch, effects, async (pool) => {
      const { entries, importOf } = await readFiles(scratch, plan, { pool }, effects);
      const inspections = entries.map(async (entry): Promise<Inspection> => {
        const file = plan.files.find(({ path }) => path === entry.path) as RawFile;
        const report = { ...reportOf(entry), path: file.given };
        if (entry.facts === null) return { ...report, evidence: await evidenceOf(file), candles: [] };
        return { ...report, candles: await firstCandles(pool, await importOf(entry)) };
      });
      return { files: await Promise.all(inspections), passedOver: plan.passedOver };
    });
  } finally {
    await rm(scratch.root, { recursive: true, force: true });
  }
}

/** What is known of a file that was refused, up to the question that is open. */
async function evidenceOf(file: RawFile): Promise<Evidence[]> {
  const evidence: Evidence[] = [];
  try {
    const [text] = (await openRaw(file.absolute, file.name)).texts;
    recognize(knownOf(file, text), await firstLinesOf(text), evidence);
  } catch {
    // The refusal itself is in the report.
  }
  return evidence;
}

async function firstCandles(
  pool: LakePool,
  { folder, parts }: Awaited<ReturnType<Awaited<ReturnType<typeof readFiles>>["importOf"]>>,
): Promise<Candle[]> {
  const paths = parts
    .filter(({ path }) => !path.startsWith("rejects/"))
    .map(({ path }) => literal(join(folder, path)));
  if (paths.length === 0) return [];
  return pool.use((lake) =>
    lake.rows<Candle>(
      `SELECT ${CANDLE_FIELDS}
       FROM read_parquet([${paths.join(", ")}]) ORDER BY open_time, symbol LIMIT ${CANDLES_SHOWN}`,
    ),
  );
}
