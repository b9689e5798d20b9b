import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { type IngestOptions, ingest } from "../src/batch/ingest.ts";
import { CandlebookError } from "../src/core/errors.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { publishedSeries } from "../src/lake/catalog.ts";
import { CANDLE_COLUMNS, tableRows, writeFiles } from "../testkit/batch.ts";
import { fileCase } from "../testkit/candleGrammar/fileCase.ts";
import type { FileCase, TruthCandle } from "../testkit/candleGrammar/types.ts";
import { type Found, faultOf } from "../testkit/candleGrammar/verdict.ts";
import { SOAK_TIMEOUT_MS, tries } from "../testkit/soak.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

const FILES = tries(200, 10_000);
/** Of the failures, those with the fewest features; the others are counted only. */
const SHOWN = 10;

/** What `ingest` says of the files: the only place that knows its call. */
async function ingestFiles(
  workspace: Workspace,
  files: IngestOptions["files"],
): Promise<Omit<Found, "candles">> {
  try {
    const result = await ingest(workspace, { files });
    const problems = result.files.map((file) => (file as { problem?: { code: string } }).problem?.code);
    const codes = problems.filter((code) => code !== undefined);
    return { codes, rejected: result.balance.rejected };
  } catch (error) {
    const code = error instanceof CandlebookError ? error.code : `not a CandlebookError: ${error}`;
    return { codes: [code], rejected: 0 };
  }
}

async function readCase({ files }: FileCase): Promise<Found> {
  const workspace = await scratchWorkspace();
  try {
    const named = files.map(({ name, bytes }) => ({ name, text: bytes }));
    const paths = await writeFiles(workspace, named);
    const inputs = files.map(({ symbol, reading }, i) => ({ path: paths[i], symbol, stated: reading }));
    const said = await ingestFiles(workspace, inputs);
    const tables = (await publishedSeries(workspace)).map(({ table }) => table);
    const rows: TruthCandle[][] = [];
    for (const table of tables) rows.push(await tableRows<TruthCandle>(workspace, table, CANDLE_COLUMNS));
    return { ...said, candles: rows.flat() };
  } finally {
    await rm(workspace.root, { recursive: true });
  }
}

describe("candle files of the grammar", () => {
  it(`${FILES} are read as what they are, or refused with the right question`, {
    timeout: SOAK_TIMEOUT_MS,
  }, async () => {
    const faults: { features: number; text: string }[] = [];
    for (let seed = 1; seed <= FILES; seed += 1) {
      const made = fileCase(seed);
      const text = faultOf(made, await readCase(made));
      if (text !== null) faults.push({ features: made.features.length, text });
    }
    const simplest = faults.sort((a, b) => a.features - b.features).slice(0, SHOWN);
    const shown = simplest.map(({ text }) => text).join("\n\n");
    expect(`${faults.length} of ${FILES} wrong\n\n${shown}`).toBe(`0 of ${FILES} wrong\n\n`);
  });
});
