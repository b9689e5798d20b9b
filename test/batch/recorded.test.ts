import { readFile, rm } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256OfValue } from "../../src/core/files.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { type BatchResult, runBatch, tableRows, writeFiles } from "../../testkit/batch.ts";
import { candlebook } from "../../testkit/candlebook.ts";
import { noRecordedData, recorded } from "../../testkit/data.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

if (noRecordedData) console.log(`skipped: ${noRecordedData}`);

interface DailyRow {
  symbol: string;
  day: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  minutes: number;
  complete: boolean;
}

/** The exchange's own daily candles. */
async function exchangeDays(symbol: string): Promise<Map<string, number[]>> {
  const [, ...lines] = (await readFile(recorded("daily", `${symbol}_1d.csv`), "utf8")).trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [time, ...numbers] = line.split(",").slice(0, 6).map(Number);
      return [new Date(time).toISOString().slice(0, 10), numbers];
    }),
  );
}

const batchDays = (workspace: Workspace) =>
  tableRows<DailyRow>(workspace, "daily_batch", "* REPLACE (day::VARCHAR AS day)");

/** How many complete days there are; each must equal the exchange's. */
async function equalsTheExchange(workspace: Workspace): Promise<number> {
  const days = (await batchDays(workspace)).filter(({ complete }) => complete);
  for (const symbol of new Set(days.map((day) => day.symbol))) {
    const theirs = await exchangeDays(symbol);
    for (const row of days.filter((day) => day.symbol === symbol)) {
      const [open, high, low, close, volume] = theirs.get(row.day) as number[];
      expect(row).toMatchObject({ open, high, low, close });
      expect(Math.abs(row.volume / volume - 1)).toBeLessThan(1e-9);
    }
  }
  return days.length;
}

describe.skipIf(noRecordedData)("recorded minutes", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await scratchWorkspace("2026-09-01T00:00:00Z");
  });
  afterAll(() => rm(workspace.root, { recursive: true }));

  const run = (folder: string): Promise<BatchResult> => runBatch(workspace, [recorded("minute", folder)]);

  it("of 90 days in seconds give days that equal the exchange's", async () => {
    const { cleaned } = await run("2025-05-20_90d");
    expect(cleaned.balance).toEqual({ in: 261_416, kept: 261_416, duplicates: 0, conflicts: 0, rejected: 0 });
    expect(await equalsTheExchange(workspace)).toBe(180);
  });

  it("that change their unit inside the file give 29 whole days", async () => {
    const { ingested } = await run("2024-12-30_30d_ms_to_us");
    expect(ingested.files.map(({ units }) => units)).toEqual([
      ["ms", "us"],
      ["ms", "us"],
    ]);
    expect(await equalsTheExchange(workspace)).toBe(58);
  });

  it("show the outage of 2021-09-29 to the minute, and the day is complete without it", async () => {
    await run("2021-09-17_30d_outage");
    const gaps = await tableRows(
      workspace,
      "gaps",
      `symbol, start::VARCHAR AS start, "end"::VARCHAR AS "end", minutes`,
    );
    const outage = { start: "2021-09-29 07:00:00+00", end: "2021-09-29 09:00:00+00", minutes: 120 };
    expect(gaps).toEqual(["BTCUSDT", "ETHUSDT"].map((symbol) => ({ symbol, ...outage })));
    const day = (await batchDays(workspace)).filter((row) => row.day === "2021-09-29");
    expect(day.map(({ minutes, complete }) => ({ minutes, complete }))).toEqual([
      { minutes: 1320, complete: true },
      { minutes: 1320, complete: true },
    ]);
    expect(await equalsTheExchange(workspace)).toBe(58);
  });

  it("tell 143 that stand twice from 143 that are missing", async () => {
    const { cleaned, folded } = await run("2019-10-15_30d_duplicates");
    expect(cleaned.balance).toMatchObject({ in: 43_201, kept: 43_058, duplicates: 143, conflicts: 0 });
    expect(folded.symbols[0]).toMatchObject({ gaps: 2, missingMinutes: 143 });
  });

  it("with 12 columns and ISO times are read", async () => {
    const { ingested } = await run("2025-10-29_3d_12_columns");
    expect(ingested.files.map(({ units, rows }) => [units, rows.valid])).toEqual([
      [["iso"], 4320],
      [["iso"], 4320],
    ]);
    expect(await equalsTheExchange(workspace)).toBe(4);
  });

  it("of 2012 with float seconds need to be told their symbol", async () => {
    const path = recorded("minute", "bitstamp_2012_9999_rows.csv");
    await expect(runBatch(workspace, [path])).rejects.toMatchObject({
      code: "no_symbol",
      exit: 2,
      next: expect.stringContaining("path: BTCUSDT="),
    });
    const { cleaned } = await runBatch(workspace, [{ path, symbol: "BTCUSD" }]);
    expect(cleaned.balance).toMatchObject({ in: 9999, kept: 9999 });
  });

  it("in any order, cut anywhere, with any number of threads, in any time zone give the same tables", async () => {
    const [header, ...lines] = gunzipSync(
      await readFile(recorded("minute", "2024-12-30_30d_ms_to_us", "BTCUSDT_1min.csv.gz")),
    )
      .toString()
      .trim()
      .split("\n");
    const random = seededRandom(7);
    const shuffled = lines.map((line) => ({ line, key: random() })).sort((a, b) => a.key - b.key);
    const cut = Math.floor(random() * lines.length);
    const parts = [shuffled.slice(0, cut), shuffled.slice(cut), shuffled.slice(100, 200)].map((some, i) => ({
      name: `BTCUSDT_${i}.csv`,
      text: [header, ...some.map(({ line }) => line)].join("\n"),
    }));
    const hashes = [];
    for (const [threads, files] of [
      [1, [{ name: "BTCUSDT.csv", text: [header, ...lines, ...lines.slice(100, 200)].join("\n") }]],
      [2, parts],
      [1, parts.toReversed().map((part, i) => ({ ...part, name: `z${i}_BTCUSDT.csv` }))],
    ] as const) {
      const own = {
        ...(await scratchWorkspace("2026-09-01T00:00:00Z")),
        resources: { threads, memory: "512MB" },
      };
      await runBatch(own, await writeFiles(own, files));
      hashes.push(await hashOf(own));
      await rm(own.root, { recursive: true });
    }
    for (const TZ of ["UTC", "Asia/Ho_Chi_Minh", "America/St_Johns"]) {
      const own = await scratchWorkspace();
      const paths = await writeFiles(own, parts);
      const words = ["--workspace", own.root, "--now", "2026-09-01T00:00:00Z", "--quiet"];
      for (const command of [["ingest", ...paths], ["clean"], ["daily"]]) {
        expect(await candlebook([...command, ...words], { TZ })).toMatchObject({ exit: 0 });
      }
      hashes.push(await hashOf(own));
      await rm(own.root, { recursive: true });
    }
    expect(new Set(hashes)).toEqual(new Set([hashes[0]]));
  });
});

/** The rows of the tables in their order, bit for bit. */
async function hashOf(workspace: Workspace): Promise<string> {
  const tables = ["btc_clean", "daily_batch", "gaps", "per_day"].map(async (table) => {
    const rows = await tableRows<object>(workspace, table);
    return sha256OfValue(
      rows.map((row) =>
        Object.values(row).map((value) =>
          value instanceof Date ? value.getTime() : typeof value === "bigint" ? Number(value) : value,
        ),
      ),
    );
  });
  return (await Promise.all(tables)).join(" ");
}
