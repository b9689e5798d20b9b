import { rm } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { runBatch, tableRows, writeFiles } from "../../testkit/batch.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { packZip } from "../../testkit/zips.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import type { Day } from "../time/day.ts";
import { type Interval, nextOpenTime } from "../time/interval.ts";
import { candles } from "./candles.ts";
import { clean } from "./clean.ts";
import { ingest } from "./ingest.ts";

const HEADER = "open_time,open,high,low,close,volume";

async function emptyWorkspace(now = "2026-03-01T12:00:00Z"): Promise<Workspace> {
  const workspace = await scratchWorkspace(now);
  onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
  return workspace;
}

/** Open times of an interval from an instant on. */
function opens(interval: Interval, from: string, count: number): number[] {
  const times = [Date.parse(from)];
  while (times.length < count) times.push(nextOpenTime(times.at(-1) as number, interval));
  return times;
}

const file = (name: string, times: readonly number[], row = "10,12,9,11,0.5") => ({
  name,
  text: `${[HEADER, ...times.map((time) => `${time},${row}`)].join("\n")}\n`,
});

describe("files of other intervals", () => {
  it.each([
    ["1s", "2025-06-01T00:00:00Z", "btc_1s"],
    ["5m", "2025-06-01T00:00:00Z", "btc_5m"],
    ["1h", "2025-06-01T00:00:00Z", "btc_1h"],
    ["3d", "2025-05-30T00:00:00Z", "btc_3d"],
    ["1w", "2025-06-02T00:00:00Z", "btc_1w"],
    ["1M", "2024-02-01T00:00:00Z", "btc_1mo"],
  ] as const)("%s are read into their own tables", async (interval, from, table) => {
    const workspace = await emptyWorkspace();
    const times = opens(interval, from, 20);
    const off = times[7] + 500;
    const paths = await writeFiles(workspace, [
      file("BTCUSDT.csv", [...times, times[3], ...(interval === "1s" ? [] : [off])]),
    ]);
    const { files, balance } = await ingest(workspace, {
      files: [{ path: paths[0], stated: { interval } }],
    });
    expect(files[0]).toMatchObject({ interval, symbols: ["BTCUSDT"] });
    expect(balance).toMatchObject({ kept: 21, rejected: interval === "1s" ? 0 : 1 });
    await clean(workspace);
    const rows = await tableRows<{ at: number }>(
      workspace,
      `${table}_clean`,
      "epoch_ms(open_time)::DOUBLE AS at",
    );
    expect(rows.map(({ at }) => at)).toEqual(times);
    expect(await publishedTables(workspace)).toEqual([table, `${table}_clean`, "rejects"]);
  });

  it("are days, and days have no minutes where they are daily candles", async () => {
    const workspace = await emptyWorkspace();
    const paths = await writeFiles(workspace, [
      file("BTCUSDT-1d.csv", opens("1d", "2025-06-01T00:00Z", 10).toSpliced(4, 1)),
      file("ETHUSDT-1h.csv", opens("1h", "2025-06-01T00:00Z", 48).toSpliced(5, 2)),
    ]);
    const { folded } = await runBatch(workspace, paths);
    expect(folded.symbols).toEqual([
      { symbol: "BTCUSDT", days: 9, completeDays: 9, minutes: 9 * 1440, gaps: 1, missingMinutes: 1440 },
      { symbol: "ETHUSDT", days: 2, completeDays: 2, minutes: 46 * 60, gaps: 1, missingMinutes: 120 },
    ]);
    const rows = await tableRows<object>(workspace, "daily_batch", "symbol, minutes, volume, complete");
    expect(rows[0]).toEqual({ symbol: "BTCUSDT", minutes: null, volume: 0.5, complete: true });
    expect(rows[9]).toEqual({ symbol: "ETHUSDT", minutes: 22 * 60, volume: 11, complete: true });
  });

  it("have gaps to the present in whole candles of their own length", async () => {
    const workspace = await emptyWorkspace("2025-06-03T10:20:30Z");
    const paths = await writeFiles(workspace, [
      file("BTCUSDT-1m.csv", opens("1m", "2025-06-03T00:00Z", 60)),
      file("ETHUSDT-1h.csv", opens("1h", "2025-06-03T00:00Z", 3)),
      file("SOLUSDT-1d.csv", opens("1d", "2025-06-01T00:00Z", 2)),
      file("XRPUSDT-1s.csv", opens("1s", "2025-06-03T10:00:00Z", 10)),
    ]);
    const { folded } = await runBatch(workspace, paths, { to: "2025-06-03" as Day });
    const gaps = await tableRows<{ symbol: string; start: number; end: number }>(
      workspace,
      "gaps",
      "symbol, strftime(start, '%H:%M:%S') AS start, strftime(\"end\", '%H:%M:%S') AS \"end\"",
    );
    expect(gaps).toEqual([
      { symbol: "BTCUSDT", start: "01:00:00", end: "10:20:00" },
      { symbol: "ETHUSDT", start: "03:00:00", end: "10:00:00" },
      { symbol: "XRPUSDT", start: "10:00:10", end: "10:20:30" },
    ]);
    expect(folded.symbols.map(({ missingMinutes }) => missingMinutes)).toEqual([560, 420, 0, 20 + 1 / 3]);
  });

  it("fill what the minutes lack, and nothing else", async () => {
    const workspace = await emptyWorkspace();
    const minutes = opens("1m", "2025-06-02T12:00Z", 1440 + 720);
    const paths = await writeFiles(workspace, [
      file("BTCUSDT-1m.csv", minutes, "20,22,19,21,0.01"),
      file("BTCUSDT-1h.csv", opens("1h", "2025-06-02T00:00Z", 30)),
      file("BTCUSDT-1d.csv", opens("1d", "2025-06-01T00:00Z", 3), "30,32,29,31,7"),
    ]);
    const { ingested } = await runBatch(workspace, paths);
    expect(ingested.tables.map(({ manifest }) => manifest.table)).toEqual([
      "btc_minutes",
      "btc_1h",
      "btc_1d",
    ]);
    await candles(workspace, { interval: "1d" });
    const select = "open, high, low, close, volume, parts, expected, complete, made_from";
    expect(await tableRows(workspace, "candles_1d", select)).toEqual([
      {
        open: 30,
        high: 32,
        low: 29,
        close: 31,
        volume: 7,
        parts: 1,
        expected: 1,
        complete: true,
        made_from: "1d",
      },
      {
        ...{ open: 10, high: 22, low: 9, close: 21, volume: 6 + 7.2, parts: 1440, expected: 1440 },
        ...{ complete: true, made_from: "1m+1h" },
      },
      {
        ...{ open: 20, high: 22, low: 19, close: 21, volume: 14.4, parts: 1440, expected: 1440 },
        ...{ complete: true, made_from: "1m" },
      },
    ]);
    const days = await tableRows(
      workspace,
      "daily_batch",
      "open, high, low, close, volume, minutes, complete",
    );
    expect(days).toEqual([
      { open: 30, high: 32, low: 29, close: 31, volume: 7, minutes: null, complete: true },
      { open: 10, high: 22, low: 9, close: 21, volume: 13.2, minutes: 1440, complete: true },
      { open: 20, high: 22, low: 19, close: 21, volume: 14.4, minutes: 1440, complete: true },
    ]);
  });

  it("leave nothing of an interval that no file has any more", async () => {
    const workspace = await emptyWorkspace();
    const paths = await writeFiles(workspace, [
      file("BTCUSDT-1h.csv", opens("1h", "2025-06-01T00:00Z", 24)),
      file("BTCUSDT-1d.csv", opens("1d", "2025-06-01T00:00Z", 3)),
    ]);
    await runBatch(workspace, paths);
    await runBatch(workspace, paths.slice(1));
    const tables = (await publishedTables(workspace)).filter((table) => table.startsWith("btc"));
    expect(tables).toEqual(["btc_1d", "btc_1d_clean"]);
  });

  it.each(["5m", "1d", "1w", "1M"] as const)("of %s show it by their open times", async (interval) => {
    const workspace = await emptyWorkspace();
    const [path] = await writeFiles(workspace, [
      file("BTCUSDT.csv", opens(interval, "2024-07-01T00:00Z", 20)),
    ]);
    const { files } = await ingest(workspace, { files: [{ path }] });
    expect(files[0]).toMatchObject({ interval, rows: { valid: 20 } });
    expect(files[0].evidence).toContainEqual(
      expect.objectContaining({ question: "interval", answer: interval, grade: "shown" }),
    );
  });

  it("in one zip need one length", async () => {
    const workspace = await emptyWorkspace();
    const entries = [
      { name: "BTCUSDT-1h.csv", text: file("", opens("1h", "2025-06-01T00:00Z", 24)).text },
      { name: "BTCUSDT-1d.csv", text: file("", opens("1d", "2025-06-01T00:00Z", 24)).text },
    ];
    const [path] = await writeFiles(workspace, [{ name: "all.zip", text: packZip(entries) }]);
    await expect(ingest(workspace, { files: [{ path }] })).rejects.toMatchObject({ code: "mixed_intervals" });
  });

  it("of few rows have to state their length", async () => {
    const workspace = await emptyWorkspace();
    const [path] = await writeFiles(workspace, [file("BTCUSDT.csv", opens("1h", "2025-06-01T00:00Z", 4))]);
    await expect(ingest(workspace, { files: [{ path }] })).rejects.toMatchObject({
      code: "other_interval",
      next: expect.stringContaining("--interval 1h"),
    });
    const { files } = await ingest(workspace, { files: [{ path, stated: { interval: "1h" } }] });
    expect(files[0].interval).toBe("1h");
  });

  it("stamped with their close are shifted by their whole length", async () => {
    const workspace = await emptyWorkspace();
    const times = opens("1h", "2025-06-01T00:00Z", 24);
    const text = [
      "close_time,open,high,low,close,volume",
      ...times.map((time) => `${time + 3_599_999},10,12,9,11,1`),
    ].join("\n");
    const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text }]);
    await runBatch(workspace, [path]);
    const rows = await tableRows<{ at: number }>(
      workspace,
      "btc_1h_clean",
      "epoch_ms(open_time)::DOUBLE AS at",
    );
    expect(rows.map(({ at }) => at)).toEqual(times);
  });
});
