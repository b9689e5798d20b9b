import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareLayers, fillCalendar, withAverages } from "../candle/calendar.ts";
import type { DailyCandle, Origin, ServedDay } from "../candle/candle.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishTable } from "../lake/publish.ts";
import { readTable } from "../lake/read.ts";
import { type Lake, openLake } from "../lake/session.ts";
import { writeParquet } from "../lake/write.ts";
import { addDays, type Day } from "../time/day.ts";
import { merge } from "./merge.ts";
import { DAILY_COLUMNS, mergeSql } from "./mergeSql.ts";

const TYPES = {
  symbol: "VARCHAR",
  day: "DATE",
  open: "DOUBLE",
  high: "DOUBLE",
  low: "DOUBLE",
  close: "DOUBLE",
  volume: "DOUBLE",
  minutes: "INTEGER",
  origin: "VARCHAR",
  complete: "BOOLEAN",
} as const;

let root: string;
let workspace: Workspace;
let lake: Lake;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "candlebook-merge-"));
  workspace = { root, clock: () => Date.UTC(2026, 0, 1), resources: { threads: 2, memory: "512MB" } };
  lake = await openLake(workspace);
});
afterAll(async () => {
  lake.close();
  await rm(root, { recursive: true });
});

const layerOf = (origin: Origin) =>
  fc
    .uniqueArray(
      fc.record({
        symbol: fc.constantFrom("BTCUSDT", "ETHUSDT"),
        offset: fc.integer({ min: 0, max: 50 }),
        price: fc.integer({ min: 1, max: 10_000 }),
        complete: fc.boolean(),
      }),
      { selector: (row) => `${row.symbol} ${row.offset}`, maxLength: 40 },
    )
    .map((rows) =>
      rows.map(
        ({ symbol, offset, price, complete }): DailyCandle => ({
          symbol,
          day: addDays("2024-02-10" as Day, offset),
          open: price,
          high: price + 2,
          low: price / 2,
          close: price + 1,
          volume: price / 8,
          minutes: origin === "backfill" ? null : 1440,
          origin,
          complete,
        }),
      ),
    );

function reference(rows: readonly DailyCandle[]): ServedDay[] {
  return [...new Set(rows.map((row) => row.symbol))].sort().flatMap((symbol) => {
    const best = new Map<string, DailyCandle>();
    for (const row of rows.filter((candidate) => candidate.symbol === symbol)) {
      const other = best.get(row.day);
      if (other === undefined || compareLayers(row, other) < 0) best.set(row.day, row);
    }
    return withAverages(fillCalendar([...best.values()]));
  });
}

async function merged(rows: readonly DailyCandle[]): Promise<ServedDay[]> {
  await lake.run(
    `CREATE OR REPLACE TEMP TABLE layer (${Object.entries(TYPES)
      .map(([n, t]) => `${n} ${t}`)
      .join(", ")})`,
  );
  const names = Object.keys(TYPES) as (keyof DailyCandle)[];
  await lake.append(
    "layer",
    Object.values(TYPES),
    rows.map((row) => names.map((name) => row[name])),
  );
  return lake.rows<ServedDay>(
    `SELECT symbol, day::VARCHAR AS day, * EXCLUDE (symbol, day) FROM (${mergeSql(["layer"])}) ORDER BY symbol, day`,
  );
}

const nearly = (value: number | null) => (value === null ? null : Number(value.toPrecision(12)));
const comparable = (days: ServedDay[]) =>
  days.map((day) => ({ ...day, ma7: nearly(day.ma7), ma30: nearly(day.ma30) }));

describe("merge", () => {
  it("equals the rules of candle/ for any layers, overlaps and orders", async () => {
    await fc.assert(
      fc.asyncProperty(layerOf("batch"), layerOf("backfill"), layerOf("speed"), async (a, b, c) => {
        const expected = reference([...a, ...b, ...c]);
        expect(comparable(await merged([...c, ...a, ...b]))).toEqual(comparable(expected));
        expect(await merged([...b, ...c, ...a].reverse())).toEqual(await merged([...a, ...b, ...c]));
      }),
      { numRuns: 40 },
    );
  });

  it("publishes once, keeps partial days from the models and does nothing the second time", async () => {
    const rows = [1, 2, 4].map((offset) => ({
      symbol: "BTCUSDT",
      day: addDays("2024-01-01" as Day, offset),
      open: 1,
      high: 2,
      low: 1,
      close: offset,
      volume: 1,
      minutes: 1440,
      origin: "batch" as const,
      complete: offset !== 4,
    }));
    const recipe = {
      table: "daily_batch",
      stage: "daily",
      parameters: {},
      inputs: [],
      source: "csv" as const,
    };
    await publishTable(workspace, recipe, async (folder) => {
      await writeParquet(lake, join(folder, "part-0.parquet"), TYPES, rows);
      return { rows: rows.length };
    });
    const first = await merge(workspace);
    expect(first.skipped).toBe(false);
    expect(first.served.manifest.rows).toBe(4);
    expect(first.input.manifest.rows).toBe(3);
    expect((await merge(workspace)).skipped).toBe(true);
    const served = await readTable(workspace, "daily_filled");
    const columns = await lake.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${served?.sql}`);
    expect(columns.map((column) => column.column_name).join(", ")).toBe(`${DAILY_COLUMNS}, ma7, ma30`);
  });

  it("says what to do where there is nothing", async () => {
    const empty = { ...workspace, root: join(root, "empty") };
    await expect(merge(empty)).rejects.toMatchObject({ code: "nothing_to_merge", exit: 2 });
  });
});
