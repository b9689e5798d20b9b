import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runBatch, writeFiles } from "../../testkit/batch.ts";
import { expectedWindows, madeUpMinutes, putWindows } from "../../testkit/stream.ts";
import { dayRow, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import { candles } from "../batch/candles.ts";
import type { Workspace } from "../core/workspace.ts";
import { MINUTE_MS } from "../time/epoch.ts";
import { explain } from "./explain.ts";
import { explainCandle } from "./explainCandle.ts";
import { merge } from "./merge.ts";
import { query } from "./query.ts";
import { publishedIntervals, readCandles } from "./readCandles.ts";
import { status } from "./status.ts";

const HEADER = "timestamp,open,high,low,close,volume";
let workspace: Workspace;

const lines = (from: string, count: number, minutes: number, skip = (_i: number) => false) =>
  Array.from({ length: count }, (_, i) => i)
    .filter((i) => !skip(i))
    .map((i) => `${Date.parse(from) + i * minutes * MINUTE_MS},10,12,9,11,0.5`);

const SHA = /\(SHA-256 [0-9a-f]{64}\)|SHA-256 [0-9a-f]{64}/g;
const sentencesOf = ({ text }: { text: { en: string } }) => text.en.replace(SHA, "SHA").split("\n");

// Two days of minutes without an hour and a half, hours of the first day, and a day of the exchange behind them.
beforeAll(async () => {
  workspace = await scratchWorkspace("2025-06-11T12:00:00Z");
  const minutes = lines(
    "2025-06-03T00:00Z",
    2880,
    1,
    (i) => (i >= 300 && i < 360) || (i >= 1800 && i < 1830),
  );
  const paths = await writeFiles(workspace, [
    { name: "BTCUSDT-1m.csv", text: [HEADER, ...minutes].join("\n") },
    { name: "BTCUSDT-1h.csv", text: [HEADER, ...lines("2025-06-03T00:00Z", 24, 60)].join("\n") },
    { name: "ETHUSDT-1h.csv", text: [HEADER, ...lines("2025-06-03T00:00Z", 48, 60)].join("\n") },
  ]);
  await runBatch(workspace, paths);
  await putTable(workspace, "daily_backfill", [
    dayRow("2025-06-02", 11, { minutes: null, origin: "backfill" }),
  ]);
  await merge(workspace);
  for (const interval of ["4h", "1w"] as const) await candles(workspace, { interval });
});
afterAll(() => rm(workspace.root, { recursive: true }));

describe("explainCandle", () => {
  it("names the series, the files, and what is missing", async () => {
    const found = await explainCandle(workspace, {
      symbol: "btcusdt",
      time: "2025-06-04 05:30",
      interval: "4h",
    });
    expect(sentencesOf(found)).toEqual([
      "BTCUSDT, 4h from 2025-06-04 04:00 to 2025-06-04 08:00 (UTC): open 10, high 12, low 9, close 11, volume 105.",
      "It was folded from minutes of your own files: 210 of 240 minutes (origin batch).",
      "30 minutes are missing, from 06:00 to 06:30: nobody has said why (unexplained).",
      "Its minutes came from BTCUSDT-1m.csv (210 minutes, SHA).",
      expect.stringMatching(
        /^Made by ingest \(btc_minutes of .*\), clean \(btc_clean of .*\), candles \(candles_4h of .*\)\.$/,
      ),
    ]);
    expect(found.text.vi.split("\n").slice(1, 3)).toEqual([
      "Được gộp từ nến phút trong tệp của bạn: 210 trên 240 nến phút (nguồn gốc theo lô).",
      "Thiếu 30 phút, từ 06:00 đến 06:30: chưa ai nói vì sao (unexplained).",
    ]);
    expect(found).toMatchObject({
      ...{ symbol: "BTCUSDT", interval: "4h", from: "2025-06-04T04:00:00.000Z", source: "csv" },
      candle: { open_time: "2025-06-04T04:00:00Z", parts: 210, expected: 240, interval: "4h" },
      series: [{ table: "btc_clean", interval: "1m", candles: 210 }],
      days: [],
    });
    expect(JSON.stringify(found)).not.toContain(workspace.root);
  });

  it("of a gap that coarser candles close names both series, and no gap", async () => {
    const found = await explainCandle(workspace, {
      symbol: "BTCUSDT",
      time: "2025-06-03T04:00:00Z",
      interval: "4h",
    });
    expect(sentencesOf(found).slice(1, 4)).toEqual([
      "It was folded from minutes and candles of 1h of your own files: 240 of 240 minutes (origin batch).",
      "Its candles came from BTCUSDT-1m.csv (180 minutes, SHA); BTCUSDT-1h.csv (4 candles of 1h, SHA).",
      expect.stringContaining("Made by ingest (btc_minutes"),
    ]);
    expect(found.series.map(({ table, candles }) => [table, candles])).toEqual([
      ["btc_clean", 180],
      ["btc_1h_clean", 4],
    ]);
  });

  it("of a week names its served days, and that more may come", async () => {
    const found = await explainCandle(workspace, { symbol: "BTCUSDT", time: "2025-06-04", interval: "1w" });
    const text = found.text.en;
    expect(text).toContain("BTCUSDT, 1w from 2025-06-02 00:00 to 2025-06-09 00:00 (UTC)");
    expect(text).toContain(
      "It was folded from minutes and candles of 1h and daily candles of your own files: 4,290 of 10,080 minutes",
    );
    expect(text).toContain("More may come for this candle: it is not complete.");
    expect(text).toContain("30 minutes are missing, from 2025-06-04 06:00 to 2025-06-04 06:30");
    expect(text).toContain(
      "own candles have all of a day: 2025-06-02 (backfill); candlebook explain BTCUSDT 2025-06-02",
    );
    expect(found.versions.map(({ table }) => table)).toEqual([
      ...["btc_minutes", "btc_1h", "btc_clean", "btc_1h_clean", "daily_filled", "candles_1w"],
    ]);
  });

  it("names the live windows in a candle that has some", async () => {
    const live = await scratchWorkspace("2025-06-11T12:00:00Z");
    onTestFinished(() => rm(live.root, { recursive: true }));
    const start = Date.parse("2025-06-05T00:00Z");
    const rows = expectedWindows(madeUpMinutes(1, "SOLUSDT", start, 8 * 60), "1h");
    await putWindows(live, "1h", rows);
    await candles(live, { interval: "2h" });
    const found = await explainCandle(live, {
      symbol: "SOLUSDT",
      time: "2025-06-05T02:00",
      interval: "2h",
    });
    expect(sentencesOf(found).slice(1, 3)).toEqual([
      "It was folded from minutes of the stream: 120 of 120 minutes (origin speed).",
      "Closed windows of the stream where no own candles have all of a stretch: streaming_output_1h (2).",
    ]);
    expect(found.live).toEqual([{ table: "streaming_output_1h", interval: "1h", windows: 2 }]);
    expect(found.versions.map(({ table }) => table)).toEqual(["streaming_output_1h", "candles_2h"]);
  });

  it("of hours alone counts hours, as the day does", async () => {
    const found = await explainCandle(workspace, { symbol: "ETHUSDT", time: "2025-06-03", interval: "4h" });
    expect(sentencesOf(found)[1]).toBe(
      "It was folded from candles of 1h of your own files: 4 of 4 candles of 1h (origin batch).",
    );
    expect(sentencesOf(await explain(workspace, "ETHUSDT", "2025-06-03")).slice(1, 3)).toEqual([
      "It was made from candles of 1h of your own files: 1,440 of 1,440 minutes (origin batch).",
      "Its candles came from ETHUSDT-1h.csv (24 candles of 1h, SHA).",
    ]);
  });

  it("says what can't be explained", async () => {
    const fails = (more: object, code: string, next: string) => {
      const wanted = { symbol: "BTCUSDT", time: "2025-06-03", interval: "4h" as const, ...more };
      return expect(explainCandle(workspace, wanted)).rejects.toMatchObject({
        ...{ code, exit: 2, next: expect.stringContaining(next) },
      });
    };
    await fails({ time: "noon" }, "bad_time", "2021-09-29T04:00");
    await fails({ symbol: "../x" }, "bad_symbol", "BTCUSDT");
    await fails({ symbol: "DOGEUSDT" }, "unknown_symbol", "BTCUSDT");
    await fails({ time: "2019-01-01" }, "no_such_candle", "run");
    await fails({ interval: "1h" }, "no_such_table", "candlebook candles --interval 1h");
  });
});

describe("readers of folded candles", () => {
  it("readCandles gives the last of a symbol, by open time", async () => {
    expect(await publishedIntervals(workspace)).toEqual(["4h", "1w"]);
    expect(await publishedIntervals(workspace, "DOGEUSDT")).toEqual([]);
    const { candles: found, source } = await readCandles(workspace, {
      symbol: "ethusdt",
      interval: "4h",
      last: 2,
    });
    expect(source).toBe("csv");
    expect(found.map(({ open_time }) => open_time)).toEqual(["2025-06-04T16:00:00Z", "2025-06-04T20:00:00Z"]);
    expect(found[0]).toMatchObject({ symbol: "ETHUSDT", interval: "4h", volume: 2, trades: null, parts: 4 });
    const fails = (more: object, code: string) =>
      expect(readCandles(workspace, { symbol: "ETHUSDT", interval: "4h", ...more })).rejects.toMatchObject({
        code,
      });
    await fails({ interval: "1h" }, "no_such_table");
    await fails({ symbol: "DOGEUSDT" }, "unknown_symbol");
    await fails({ last: 0 }, "bad_span");
  });

  it("status lists the tables with their stretch and their share", async () => {
    const { series } = await status(workspace);
    expect(series.map(({ table, symbol, candles, share }) => [table, symbol, candles, share])).toEqual([
      ["btc_clean", "BTCUSDT", 2790, 2790 / 2880],
      ["btc_1h_clean", "BTCUSDT", 24, 1],
      ["eth_1h_clean", "ETHUSDT", 48, 1],
      ["candles_4h", "BTCUSDT", 12, 1],
      ["candles_4h", "ETHUSDT", 12, 1],
      ["candles_1w", "BTCUSDT", 1, 0],
      ["candles_1w", "ETHUSDT", 1, 0],
    ]);
    expect(series[0]).toMatchObject({ from: "2025-06-03T00:00:00.000Z", to: "2025-06-05T00:00:00.000Z" });
  });

  it("query has them as views", async () => {
    const sql =
      "SELECT symbol, count(*)::INTEGER AS n FROM candles_4h JOIN btc_1h_clean USING (symbol, open_time) GROUP BY symbol";
    expect((await query(workspace, sql)).rows).toEqual([{ symbol: "BTCUSDT", n: 6 }]);
  });
});
