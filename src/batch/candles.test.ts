import { rm } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { runBatch, tableRows, writeFiles } from "../../testkit/batch.ts";
import { dirtyFiles } from "../../testkit/dirty.ts";
import { expectedWindows, madeUpMinutes, putWindows } from "../../testkit/stream.ts";
import { dayRow, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { Amount, Candle, DailyCandle, FoldedCandle } from "../candle/candle.ts";
import { deduplicate } from "../candle/duplicates.ts";
import type { Workspace } from "../core/workspace.ts";
import { duckdbDialect } from "../lake/dialect.ts";
import { withLake } from "../lake/session.ts";
import type { EpochMs } from "../time/epoch.ts";
import { DAY_MS, HOUR_MS } from "../time/epoch.ts";
import {
  divides,
  floorToInterval,
  INTERVALS,
  type Interval,
  intervalMs,
  nextOpenTime,
} from "../time/interval.ts";
import { candles, candlesOfEach } from "./candles.ts";
import { chainOf, foldSql, partsSql } from "./candlesSql.ts";

const NOW = "2026-03-01T12:00:00Z";

async function emptyWorkspace(now = NOW): Promise<Workspace> {
  const workspace = await scratchWorkspace(now);
  onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
  return workspace;
}

type Row = Omit<FoldedCandle, "open_time" | "interval"> & { at: number };

const rowsOf = (workspace: Workspace, table: string) =>
  tableRows<Row>(
    workspace,
    table,
    "* EXCLUDE (open_time) REPLACE (trades::DOUBLE AS trades), epoch_ms(open_time)::DOUBLE AS at",
  );

/** The rule in plain words: minutes in order, one candle after the other. */
function plainFold(minutes: readonly Candle[], interval: Interval, now: number): Row[] {
  const sorted = [...minutes].sort((a, b) => a.openTime - b.openTime);
  const [first, last] = [sorted[0].openTime, (sorted.at(-1) as Candle).openTime + 60_000];
  return [...Map.groupBy(sorted, ({ openTime }) => floorToInterval(openTime, interval))].map(([at, own]) => {
    const next = nextOpenTime(at, interval);
    const sum = (amount: "volume" | Amount) => {
      const values = own.map((minute) => minute[amount]);
      if (values.includes(null)) return null;
      return Number((values as number[]).reduce((all, one) => all + BigInt(Math.round(one * 1e8)), 0n)) / 1e8;
    };
    const [volume, quote] = [sum("volume") as number, sum("quoteVolume")];
    return {
      symbol: own[0].symbol,
      at,
      open: own[0].open,
      high: Math.max(...own.map(({ high }) => high)),
      low: Math.min(...own.map(({ low }) => low)),
      close: (own.at(-1) as Candle).close,
      volume,
      quote_volume: quote,
      taker_base: sum("takerBase"),
      taker_quote: sum("takerQuote"),
      vwap: quote === null || volume === 0 ? null : quote / volume,
      trades: own.some(({ trades }) => trades === null)
        ? null
        : own.reduce((sum, { trades }) => sum + (trades as number), 0),
      parts: own.length,
      expected: (next - at) / 60_000,
      origin: "batch",
      complete: next <= now && at >= first && next <= last,
      made_from: "1m",
    };
  });
}

describe("candles", () => {
  it("of dirty minutes equal the plain rule in every interval", async () => {
    const workspace = await emptyWorkspace();
    const now = workspace.clock();
    const files = dirtyFiles(3, "BTCUSDT", (now + DAY_MS) as EpochMs);
    const stated = { interval: "1m", acceptRejects: true, allowConflicts: true } as const;
    const paths = await writeFiles(workspace, files);
    await runBatch(
      workspace,
      paths.map((path) => ({ path, stated })),
    );
    const minutes = deduplicate(files.flatMap((file) => file.candles)).candles;
    for (const interval of INTERVALS.filter((one) => divides("1m", one))) {
      const { table } = await candles(workspace, { interval });
      expect(await rowsOf(workspace, table.manifest.table)).toEqual(plainFold(minutes, interval, now));
    }
    expect(INTERVALS.filter((one) => divides("1m", one))).toHaveLength(15);
  });

  it("are the same by any route, in any order of rows", async () => {
    const workspace = await emptyWorkspace();
    const routes: Interval[][] = [
      ["1d"],
      ["1h", "1d"],
      ["5m", "15m", "4h", "1d"],
      ["3m", "30m", "1h", "12h", "1d"],
    ];
    await withLake(workspace, {}, async (lake) => {
      await lake.run(`CREATE TABLE minutes AS SELECT 'BTCUSDT' AS symbol, make_timestamptz((1735603200000 + i * 60000) * 1000) AS open_time,
        100 + hash(i) % 1000 / 7 AS open, 300 + hash(i, 1) % 1000 / 7 AS high, 1 + hash(i, 2) % 1000 / 70 AS low,
        100 + hash(i, 3) % 1000 / 7 AS close, (hash(i, 4) % 1000000007) / 1000.0 AS volume, (hash(i, 5) % 1000)::BIGINT AS trades,
        (hash(i, 8) % 1000000007) / 1000.0 AS quote_volume, CASE WHEN i > 3000 THEN hash(i, 9) % 1000 / 7 END AS taker_base,
        NULL::DOUBLE AS taker_quote,
        'batch' AS origin FROM range(5000) AS r(i) WHERE hash(i, 6) % 10 > 0 ORDER BY hash(i, 7)`);
      const results = [];
      for (const route of routes) {
        const sql = route.reduce(
          (parts, interval) => foldSql(`(${parts}) AS parts`, interval, duckdbDialect),
          partsSql("minutes", "1m", duckdbDialect),
        );
        results.push(
          await lake.rows(
            `SELECT * EXCLUDE (covered) REPLACE (volume::VARCHAR AS volume, quote_volume::VARCHAR AS quote_volume, taker_base::VARCHAR AS taker_base), covered::DOUBLE AS covered FROM (${sql}) ORDER BY ms`,
          ),
        );
      }
      expect(results[0]).toHaveLength(4);
      for (const rows of results) expect(rows).toEqual(results[0]);
    });
  });

  it("take served days where there are no minutes, and each row says from what", async () => {
    const workspace = await emptyWorkspace("2025-06-11T12:00:00Z");
    const start = Date.parse("2025-06-04T00:00Z");
    const minutes = Array.from(
      { length: 3 * 1440 - 60 },
      (_, i) => `${start + (i + 60) * 60_000},10,12,9,11,0.1`,
    );
    const [file] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: `timestamp,open,high,low,close,volume\n${minutes.join("\n")}\n` },
    ]);
    await runBatch(workspace, [file]);
    const own: Partial<DailyCandle> = { minutes: null, origin: "backfill" };
    await putTable(workspace, "daily_filled", [
      dayRow("2025-06-01", 100, own),
      dayRow("2025-06-02", 101, own),
      dayRow("2025-06-03", 102, own),
      // Of this day the minutes lack an hour: the exchange's candle has all of it.
      dayRow("2025-06-04", 103, own),
      dayRow("2025-06-05", 11, { minutes: 1440 }),
      dayRow("2025-06-06", 11, { minutes: 1440 }),
      dayRow("2025-06-07", 90, { origin: "filled", volume: 0, minutes: 0 }),
      dayRow("2025-06-08", 104, { origin: "speed" }),
      dayRow("2025-06-09", 105, { origin: "speed", complete: false }),
    ]);
    const { table } = await candles(workspace, { interval: "1w" });
    const rows = await rowsOf(workspace, table.manifest.table);
    const week = (at: string) => rows.find((row) => row.at === Date.parse(at));
    expect(week("2025-05-26T00:00Z")).toMatchObject({
      parts: 1,
      expected: 7,
      complete: false,
      made_from: "1d",
    });
    expect(week("2025-06-02T00:00Z")).toMatchObject({
      open: 100,
      high: 106,
      low: 9,
      close: 104,
      parts: 6 * 1440,
      expected: 7 * 1440,
      origin: "speed",
      complete: true,
      made_from: "1m+1d",
    });
    expect(rows).toHaveLength(2);
    expect((await candles(workspace, { interval: "1w" })).skipped).toBe(true);
  });

  describe("with live windows", () => {
    const START = Date.parse("2025-06-04T00:00Z");
    const minutes = madeUpMinutes(7, "BTCUSDT", START, 24 * 60).map((minute) => ({
      ...minute,
      ...{ quoteVolume: null, trades: null, takerBase: null, takerQuote: null },
    }));
    const isStored = ({ openTime }: Candle) => openTime < START + 9.5 * HOUR_MS;
    const csvOf = (some: readonly Candle[]) =>
      `timestamp,open,high,low,close,volume\n${some.map((one) => `${one.openTime},${one.open},${one.high},${one.low},${one.close},${one.volume}`).join("\n")}\n`;
    async function stored(some: readonly Candle[]): Promise<Workspace> {
      const workspace = await emptyWorkspace("2025-06-10T00:00:00Z");
      const paths = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: csvOf(some) }]);
      await runBatch(workspace, paths);
      return workspace;
    }

    it("use them where the batch layer has no candles, with the same bits, and say so", async () => {
      const whole = await stored(minutes);
      const mixed = await stored(minutes.filter(isStored));
      await putWindows(mixed, "1h", expectedWindows(minutes, "1h"));
      for (const workspace of [whole, mixed]) await candles(workspace, { interval: "4h" });
      const [all, both] = [await rowsOf(whole, "candles_4h"), await rowsOf(mixed, "candles_4h")];
      const plain = (rows: Row[]) => rows.map(({ origin: _, ...row }) => row);
      expect(plain(both)).toEqual(plain(all));
      expect(both.map(({ origin }) => origin)).toEqual([
        "batch",
        "batch",
        "speed",
        "speed",
        "speed",
        "speed",
      ]);
      await putWindows(mixed, "1h", expectedWindows(minutes.slice(0, -60), "1h"));
      expect((await candles(mixed, { interval: "4h" })).skipped).toBe(false);
      expect((await rowsOf(mixed, "candles_4h")).at(-1)).toMatchObject({ parts: 180, complete: false });
    });

    it("use none that the batch layer has, whatever its values, and none that is open", async () => {
      const workspace = await stored(minutes.filter(isStored));
      const other = expectedWindows(minutes, "1m").map((row) => ({
        ...row,
        high: 1e9,
        complete: (row.open_time as number) < START + 10 * HOUR_MS,
      }));
      await putWindows(workspace, "1m", other);
      await candles(workspace, { interval: "30m" });
      const found = (await rowsOf(workspace, "candles_30m")).map(({ high, origin }) => [
        high === 1e9,
        origin,
      ]);
      expect(found).toEqual([...new Array(19).fill([false, "batch"]), [true, "speed"]]);
    });

    it("are not complete where finer windows show that they begin later", async () => {
      const workspace = await emptyWorkspace("2025-06-20T00:00:00Z");
      await putWindows(workspace, "1h", expectedWindows(minutes, "1h"));
      await putWindows(workspace, "1w", expectedWindows(minutes, "1w"));
      await candles(workspace, { interval: "1w" });
      expect(await rowsOf(workspace, "candles_1w")).toMatchObject([
        { parts: 1_440, expected: 7 * 1_440, complete: false, made_from: "1m" },
      ]);
    });

    it("need no other candles", async () => {
      const workspace = await emptyWorkspace("2025-06-10T00:00:00Z");
      await putWindows(workspace, "2h", expectedWindows(minutes, "2h"));
      const { symbols } = await candles(workspace, { interval: "1d" });
      expect(symbols).toMatchObject([{ symbol: "BTCUSDT", candles: 1, complete: 1, madeFrom: ["1m"] }]);
    });
  });

  it("have an open end until the present has passed it", async () => {
    const workspace = await emptyWorkspace("2025-06-04T02:30:00Z");
    const start = Date.parse("2025-06-04T00:00Z");
    const lines = Array.from({ length: 150 }, (_, i) => `${start + i * 60_000},10,12,9,11,0.1`);
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: `timestamp,open,high,low,close,volume\n${lines.join("\n")}\n` },
    ]);
    await runBatch(workspace, paths);
    await candles(workspace, { interval: "1h" });
    const read = async () =>
      (await rowsOf(workspace, "candles_1h")).map(({ parts, complete }) => [parts, complete]);
    expect(await read()).toEqual([
      [60, true],
      [60, true],
      [30, false],
    ]);
  });

  it("need candles that divide the interval, and known symbols", async () => {
    const workspace = await emptyWorkspace();
    await expect(candles(workspace, { interval: "4h" })).rejects.toMatchObject({ code: "no_candles" });
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: "timestamp,open,high,low,close,volume\n1735689600000,1,2,1,2,3\n" },
    ]);
    await runBatch(workspace, paths);
    await expect(candles(workspace, { interval: "4h", symbols: ["ETHUSDT"] })).rejects.toMatchObject({
      code: "no_candles",
    });
    await expect(candles(workspace, { interval: "1s" })).rejects.toMatchObject({
      code: "no_candles",
      message: "There are no candles that can be folded to 1s; the finest are of 1m.",
    });
  });

  it("of a list are all made, whatever one of it needs; that one is named", async () => {
    const workspace = await emptyWorkspace();
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: "timestamp,open,high,low,close,volume\n1735689600000,1,2,1,2,3\n" },
    ]);
    await runBatch(workspace, paths);
    const wanted = (["1s", "4h", "1M"] as const).map((interval) => ({ interval }));
    await expect(candlesOfEach(workspace, wanted)).rejects.toMatchObject({
      code: "no_candles",
      exit: 2,
      message:
        "There are no candles that can be folded to 1s; the finest are of 1m. Published all the same: candles_4h, candles_1mo.",
    });
    for (const table of ["candles_4h", "candles_1mo"]) expect(await rowsOf(workspace, table)).toHaveLength(1);
    const [four] = await candlesOfEach(workspace, wanted.slice(1));
    expect(four.skipped).toBe(true);
  });
});

describe("chainOf", () => {
  it.each([
    ["1w", ["1d", "1m"], ["1m", "1d"]],
    ["12h", ["6h", "4h", "1m"], ["1m", "4h"]],
    ["1M", ["1w", "3d", "1d", "1M"], ["1d", "1M"]],
    ["1h", ["4h"], []],
  ] as [Interval, Interval[], Interval[]][])("%s from %j is %j", (target, available, chain) => {
    expect(chainOf(available, target)).toEqual(chain);
    for (const [i, one] of chain.entries()) {
      expect(intervalMs(one) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(
        intervalMs(chain[i - 1] ?? "1s") ?? 0,
      );
    }
  });

  it("prefers stored series to live ones", () => {
    expect(chainOf(["6h"], "12h", ["4h"])).toEqual(["6h"]);
    expect(chainOf(["6h"], "12h", ["1h", "4h", "6h"])).toEqual(["1h", "6h"]);
  });
});
