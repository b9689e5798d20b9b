import { rm } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dayRow, dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { DailyCandle, Origin, ServedDay } from "../candle/candle.ts";
import { compareLayers, fillCalendar, settleDays, withAverages } from "../candle/timeline.ts";
import type { Workspace } from "../core/workspace.ts";
import { DAILY_TYPES, DAY_FIELDS } from "../lake/columns.ts";
import { readTable } from "../lake/read.ts";
import { type Lake, openLake } from "../lake/session.ts";
import { placeOf } from "../lake/tables.ts";
import { addDays, type Day } from "../time/day.ts";
import { LAYERS } from "./layers.ts";
import { merge } from "./merge.ts";
import { DAILY_COLUMNS, mergeSql } from "./mergeSql.ts";

let workspace: Workspace;
let lake: Lake;

beforeAll(async () => {
  workspace = await scratchWorkspace();
  lake = await openLake(workspace);
});
afterAll(async () => {
  lake.close();
  await rm(workspace.root, { recursive: true });
});

/** Rows of one layer: some days of two symbols, each once, with holes; some incomplete, some without volume. */
const layerOf = (...origins: Origin[]) =>
  fc
    .uniqueArray(
      fc.record({
        symbol: fc.constantFrom("BTCUSDT", "ETHUSDT"),
        offset: fc.integer({ min: 0, max: 50 }),
        price: fc.integer({ min: 1, max: 10 }),
        complete: fc.boolean(),
        minutes: fc.constantFrom(null, 719, 1440),
        volume: fc.constantFrom(null, 1, 2),
        origin: fc.constantFrom(...origins),
        quote_volume: fc.option(fc.integer({ min: 0, max: 1 })),
        trades: fc.option(fc.integer({ min: 0, max: 1 })),
        taker_base: fc.option(fc.integer({ min: 0, max: 1 })),
      }),
      { selector: (row) => `${row.symbol} ${row.offset}`, maxLength: 40 },
    )
    .map((rows) =>
      rows.map(({ offset, price, ...rest }) =>
        dayRow(addDays("2024-02-10" as Day, offset), price + 1, { open: price, high: price + 2, ...rest }),
      ),
    );

const layers = fc.record({
  daily_batch: layerOf("batch", "backfill"),
  daily_backfill: layerOf("backfill"),
  streaming_output: layerOf("speed"),
  streaming_output_batch: layerOf("speed"),
});

/** The rules of candle/, one after the other. */
function reference(rows: readonly DailyCandle[]): ServedDay[] {
  return [...new Set(rows.map((row) => row.symbol))].sort().flatMap((symbol) => {
    const best = new Map<string, DailyCandle>();
    for (const row of rows.filter((candidate) => candidate.symbol === symbol)) {
      const other = best.get(row.day);
      if (other === undefined || compareLayers(row, other) < 0) best.set(row.day, row);
    }
    return withAverages(fillCalendar(settleDays([...best.values()])));
  });
}

async function mergedRows(statement: string): Promise<ServedDay[]> {
  return lake.rows<ServedDay>(`SELECT ${DAY_FIELDS} FROM ${statement}`);
}

async function merged(rows: readonly DailyCandle[]): Promise<ServedDay[]> {
  const names = Object.keys(DAILY_TYPES) as (keyof DailyCandle)[];
  const types = Object.values(DAILY_TYPES);
  await lake.run(
    `CREATE OR REPLACE TEMP TABLE layer (${names.map((name, i) => `${name} ${types[i]}`).join(", ")})`,
  );
  await lake.append(
    "layer",
    types,
    rows.map((row) => names.map((name) => row[name])),
  );
  return mergedRows(`(${mergeSql(["layer"])})`);
}

const nearly = (value: number | null) => (value === null ? null : Number(value.toPrecision(12)));
const comparable = (days: ServedDay[]) =>
  days.map((day) => ({ ...day, ma7: nearly(day.ma7), ma30: nearly(day.ma30) }));

async function servedDays(of: Workspace): Promise<ServedDay[]> {
  return mergedRows((await readTable(of, "daily_filled"))?.sql ?? "");
}

describe("the merge's statement", () => {
  it("equals the rules of candle/ for any layers, overlaps and orders", async () => {
    await fc.assert(
      fc.asyncProperty(layers, async (made) => {
        const rows = Object.values(made).flat();
        expect(comparable(await merged(rows))).toEqual(comparable(reference(rows)));
        expect(await merged([...rows].reverse())).toEqual(await merged(rows));
      }),
      { numRuns: 60 },
    );
  });

  it("serves each day once, from first to last, the batch layer first among the complete", async () => {
    await fc.assert(
      fc.asyncProperty(layers, async (made) => {
        const rows = Object.values(made).flat();
        const days = await merged(rows);
        for (const symbol of new Set(rows.map((row) => row.symbol))) {
          const mine = days.filter((day) => day.symbol === symbol);
          expect(mine.map(({ day }) => day)).toEqual(mine.map((_, i) => addDays(mine[0].day, i)));
        }
        for (const day of days) {
          const known = rows.filter((row) => row.symbol === day.symbol && row.day === day.day);
          const whole = known.some((row) => row.complete);
          const rivals = known.filter((row) => row.complete === whole).map((row) => row.origin);
          const first = (["batch", "backfill", "speed"] as const).find((origin) => rivals.includes(origin));
          expect(day.origin).toBe(first ?? "filled");
          expect(day.complete || !whole).toBe(true);
          const isFirst = !days.some((other) => other.symbol === day.symbol && other.day < day.day);
          if (isFirst) expect(day.complete).toBe(whole);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("merge", () => {
  it("publishes what any subset of layers holds; the second time it does nothing", async () => {
    const sets = fc.tuple(layers, fc.subarray(LAYERS.map(({ table }) => table)));
    await fc.assert(
      fc.asyncProperty(sets, async ([made, tables]) => {
        const scratch = await scratchWorkspace();
        const rows = tables.flatMap((table) =>
          made[table as keyof typeof made].map((row) => ({
            ...row,
            complete: row.complete && table !== "streaming_output_batch",
          })),
        );
        for (const table of tables) await putTable(scratch, table, made[table as keyof typeof made]);
        if (rows.length === 0) {
          await expect(merge(scratch)).rejects.toMatchObject({ code: "nothing_to_merge", exit: 2 });
        } else {
          expect((await merge(scratch)).skipped).toBe(false);
          expect(comparable(await servedDays(scratch))).toEqual(comparable(reference(rows)));
          expect((await merge(scratch)).skipped).toBe(true);
        }
        await rm(scratch.root, { recursive: true });
      }),
      { numRuns: 12 },
    );
  });

  it("keeps the open day, marked, out of the models' input, and replaces what it publishes", async () => {
    const scratch = await scratchWorkspace();
    await putTable(scratch, "daily_batch", [
      ...dayRows("2024-01-01", 8),
      dayRow("2024-01-09", 5, { complete: false, minutes: 700 }),
    ]);
    const first = await merge(scratch);
    expect([first.served.manifest.rows, first.input.manifest.rows]).toEqual([9, 8]);
    expect((await servedDays(scratch)).at(-1)).toMatchObject({ day: "2024-01-09", complete: false });
    const columns = await lake.rows<{ column_name: string }>(
      `DESCRIBE SELECT * FROM ${(await readTable(scratch, "daily_filled"))?.sql}`,
    );
    expect(columns.map((column) => column.column_name).join(", ")).toBe(`${DAILY_COLUMNS}, ma7, ma30`);

    await putTable(scratch, "streaming_output", [dayRow("2024-01-09", 6, { origin: "speed" })]);
    const second = await merge(scratch);
    expect([second.served.manifest.rows, second.input.manifest.rows]).toEqual([9, 9]);
    expect((await servedDays(scratch)).at(-1)).toMatchObject({ origin: "speed", close: 6, complete: true });
    const backup = placeOf(scratch, "daily_filled").backup;
    const [{ close }] = await lake.rows<{ close: number }>(
      `SELECT arg_max(close, day) AS close FROM '${backup}/*.parquet'`,
    );
    expect(close).toBe(5);
    await rm(scratch.root, { recursive: true });
  });

  it("serves a day that tickers alone know as its last price, incomplete, with no volume", async () => {
    const scratch = await scratchWorkspace();
    const price = { open: 9, high: 9, low: 9, volume: null, minutes: 0, complete: false };
    await putTable(scratch, "streaming_output", [dayRow("2024-01-02", 9, { ...price, origin: "speed" })]);
    await putTable(scratch, "daily_backfill", [dayRow("2024-01-01", 8, { origin: "backfill" })]);
    const { input } = await merge(scratch);
    expect((await servedDays(scratch))[1]).toMatchObject({ ...price, close: 9, origin: "speed" });
    expect(input.manifest.rows).toBe(1);
    await rm(scratch.root, { recursive: true });
  });

  it("never takes the demo reader's word that a day is over", async () => {
    const scratch = await scratchWorkspace();
    await putTable(scratch, "streaming_output", [
      dayRow("2024-01-01", 8, { origin: "speed", minutes: 1439 }),
    ]);
    await putTable(
      scratch,
      "streaming_output_batch",
      [1, 2].map((day) => dayRow(`2024-01-0${day}`, 50, { origin: "speed" })),
    );
    await merge(scratch);
    expect(await servedDays(scratch)).toMatchObject([
      { close: 8, complete: true },
      { close: 50, complete: false },
    ]);
    await rm(scratch.root, { recursive: true });
  });

  it("refuses real and simulated layers together, and a layer of another form", async () => {
    const scratch = await scratchWorkspace();
    await putTable(scratch, "daily_batch", dayRows("2024-01-01", 2), { source: "csv" });
    await putTable(scratch, "daily_backfill", dayRows("2024-01-03", 2), { source: "binance" });
    expect((await merge(scratch)).served.manifest.source).toBe("csv");
    await putTable(scratch, "streaming_output", dayRows("2024-01-05", 2), { source: "simulated" });
    await expect(merge(scratch)).rejects.toMatchObject({ code: "mixed_sources", exit: 2 });
    const { complete, ...columns } = DAILY_TYPES;
    await putTable(scratch, "streaming_output", dayRows("2024-01-05", 2), {
      columns: { ...columns, minutes: "BIGINT" },
    });
    await expect(merge(scratch)).rejects.toMatchObject({
      code: "other_columns",
      message: expect.stringContaining("minutes is BIGINT (expected INTEGER), complete is missing"),
    });
    expect((await readTable(scratch, "daily_filled"))?.manifest.rows).toBe(4);
    await rm(scratch.root, { recursive: true });
  });
});
