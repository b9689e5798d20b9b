import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DailyCandle, NO_FIGURES, type Source } from "../src/candle/candle.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { DAILY_TYPES } from "../src/lake/columns.ts";
import { type Published, publishTable } from "../src/lake/publish.ts";
import { withLake } from "../src/lake/session.ts";
import { type Columns, writeParquet } from "../src/lake/write.ts";
import { addDays, type Day } from "../src/time/day.ts";

/** A folder for temporary files; in memory where the system has such a one: there no test waits for the disk. */
export const SCRATCH = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** An empty workspace in a temporary folder, whose present is fixed. */
export async function scratchWorkspace(now = "2026-01-01T00:00:00Z"): Promise<Workspace> {
  const root = await mkdtemp(join(SCRATCH, "candlebook-tables-"));
  return { root, clock: () => Date.parse(now), resources: { threads: 1, memory: "512MB" } };
}

export interface TableOptions {
  columns?: Columns;
  source?: Source;
  stage?: string;
  inputs?: { name: string; version: string }[];
  facts?: Record<string, unknown>;
  /** Further files of the version, by name. */
  files?: Record<string, string>;
}

/** Publishes rows as a table, a new version each time; by default a daily layer. */
export function putTable<Row extends object>(
  workspace: Workspace,
  table: string,
  rows: readonly Row[],
  {
    columns = DAILY_TYPES,
    source = "csv",
    stage = "daily",
    facts,
    inputs = [],
    files = {},
  }: TableOptions = {},
): Promise<Published> {
  const recipe = {
    table,
    stage,
    parameters: {},
    inputs: [...inputs, { name: "test", version: randomUUID() }],
    source,
  };
  return publishTable(workspace, recipe, async (folder) => {
    await withLake(workspace, {}, (lake) =>
      writeParquet(lake, join(folder, "part-0.parquet"), columns, [rows]),
    );
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return { rows: rows.length, facts };
  });
}

/** A whole day of a symbol; what is not said is made up from the close. */
export function dayRow(day: string, close: number, more: Partial<DailyCandle> = {}): DailyCandle {
  return {
    symbol: "BTCUSDT",
    day: day as Day,
    open: close - 1,
    high: close + 2,
    low: close - 2,
    close,
    volume: close / 8,
    ...NO_FIGURES,
    minutes: 1440,
    origin: "batch",
    complete: true,
    ...more,
  };
}

/** Whole days in a row, with closes 100, 101 … */
export function dayRows(first: string, count: number, more: Partial<DailyCandle> = {}): DailyCandle[] {
  return Array.from({ length: count }, (_, i) => dayRow(addDays(first as Day, i), 100 + i, more));
}
