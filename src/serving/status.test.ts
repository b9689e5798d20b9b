import { appendFile, mkdir, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayRow, dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import { holdProcessLock } from "../lake/processLock.ts";
import type { Columns } from "../lake/write.ts";
import { merge } from "./merge.ts";
import { lastRun } from "./runs.ts";
import { staleSymbols, status } from "./status.ts";
import { verify } from "./verify.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace("2024-01-12T06:00:00Z");
});
afterEach(() => rm(workspace.root, { recursive: true }));

describe("status", () => {
  it("is empty where nothing is", async () => {
    expect(await status(workspace)).toEqual({
      symbols: [],
      series: [],
      tables: [],
      bytes: 0,
      overlap: null,
      stream: null,
      forecasts: [],
      lastRun: null,
    });
  });

  it("tells days, holes, origins, sizes, overlap, the last run and the stream", async () => {
    await putTable(workspace, "daily_batch", [...dayRows("2024-01-01", 8), dayRow("2024-01-10", 9)]);
    await putTable(workspace, "streaming_output", [
      dayRow("2024-01-08", 107, { origin: "speed" }),
      dayRow("2024-01-11", 9, { origin: "speed", complete: false, minutes: 5 }),
    ]);
    await putTable(
      workspace,
      "gaps",
      [
        { symbol: "BTCUSDT", minutes: 1440, label: "unexplained" },
        { symbol: "BTCUSDT", minutes: 60, label: "exchange_outage" },
        { symbol: "BTCUSDT", minutes: 60, label: "exchange_outage" },
      ],
      { columns: { symbol: "VARCHAR", minutes: "INTEGER", label: "VARCHAR" } },
    );
    await merge(workspace);
    const line = { schema: 1, at: "2024-01-12T00:00:00Z", command: "run", rows: 11, seconds: 2.5, exit: 0 };
    await writeFile(
      join(workspace.root, "data", "runs.jsonl"),
      `{"old":1}\n${JSON.stringify(line)}\n{"at":"cut sho`,
    );
    const stream = {
      open: [],
      symbols: [{ symbol: "BTCUSDT", interval: "1m", latestEvent: 1, watermark: 0 }],
      lag: 3,
    };
    const found = await status(workspace, { stream: () => stream });
    expect(found.symbols).toEqual([
      {
        symbol: "BTCUSDT",
        firstDay: "2024-01-01",
        lastDay: "2024-01-11",
        lastComplete: "2024-01-10",
        days: 11,
        minutes: 9 * 1440 + 5,
        origins: { batch: 9, filled: 1, speed: 1 },
        holes: { count: 3, minutes: 1560, labels: { exchange_outage: 120, unexplained: 1440 } },
        source: "csv",
      },
    ]);
    expect(found.overlap?.sentence.en).toBe("1 day in both layers, 1 equal.");
    expect(found.lastRun).toMatchObject({ state: "ended", command: "run", rows: 11, exit: 0 });
    expect(found.stream).toEqual(stream);
    expect(found.tables.map(({ table }) => table)).toContain("reconciliation");
    expect(found.bytes).toBe(found.tables.reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it("tells a run that was cut short from one that works still, beside another one that ended", async () => {
    const { root } = workspace;
    await mkdir(join(root, "data"), { recursive: true });
    const start = (run: string) => ({
      run,
      event: "start",
      command: "run",
      pid: 1,
      log: `data/logs/${run}.log`,
    });
    const end = (run: string) => ({ ...start(run), event: "end", rows: 1, seconds: 2, exit: 0 });
    const write = (lines: readonly object[], tail = "") =>
      writeFile(
        join(root, "data", "runs.jsonl"),
        `${lines.map((line) => JSON.stringify({ schema: 1, at: "2024-01-12T00:00:00Z", ...line })).join("\n")}\n${tail}`,
      );
    const [first, second] = ["0000000a", "0000000b"];
    await write([start(first), end(first), start(second)], '{"schema":1,"ev');
    const release = await holdProcessLock(workspace, "run-", `run-${second}`);
    const unended = { command: "run", exit: null, seconds: null, log: `data/logs/${second}.log` };
    expect(await lastRun(workspace)).toMatchObject({ state: "running", ...unended });
    await release();
    expect(await lastRun(workspace)).toMatchObject({ state: "cut", ...unended });
    // The one that started last counts, whichever ends last.
    await write([start(first), start(second), end(second), end(first)]);
    expect(await lastRun(workspace)).toMatchObject({ state: "ended", log: `data/logs/${second}.log` });
  });

  it("is told without a look at the minutes, however many there are", async () => {
    await putTable(workspace, "daily_batch", dayRows("2024-01-01", 10));
    const minutes = await putTable(workspace, "btc_minutes", dayRows("2024-01-01", 10));
    await merge(workspace);
    const part = join(minutes.folder, "part-0.parquet");
    const { size } = await stat(part);
    await writeFile(part, "x".repeat(size));
    // Older than the manifest, as a part is: one that was written to later would be read.
    await utimes(part, 0, 0);
    const { symbols, tables } = await status(workspace);
    expect(symbols).toMatchObject([{ symbol: "BTCUSDT", days: 10 }]);
    expect(tables.find(({ table }) => table === "btc_minutes")).toMatchObject({ rows: 10, problem: null });
  });

  it("scores the last forecast on the days that came since", async () => {
    await putTable(workspace, "daily_batch", dayRows("2024-01-01", 10));
    await merge(workspace);
    const forecast = (model: string, skill: number | null, ds: string, yhat: number) => ({
      ...{ symbol: "BTCUSDT", model, cutoff: "2024-01-08", ds, yhat, skill },
    });
    const columns: Columns = {
      ...{ symbol: "VARCHAR", model: "VARCHAR", cutoff: "DATE" },
      ...{ ds: "DATE", yhat: "DOUBLE", skill: "DOUBLE" },
    };
    const rows = [
      forecast("naive", 0, "2024-01-09", 108 * 0.9),
      forecast("naive", 0, "2024-01-10", 109 * 0.9),
      forecast("theta", 0.02, "2024-01-09", 108 * 1.01),
      forecast("theta", 0.02, "2024-01-10", 109 * 0.97),
      forecast("theta", 0.02, "2024-02-07", 999),
    ];
    await putTable(workspace, "prophet_forecasts", rows, { columns });
    expect((await status(workspace)).forecasts).toEqual([
      {
        ...{ symbol: "BTCUSDT", cutoff: "2024-01-08", lastDay: "2024-02-07", model: "theta", skill: 0.02 },
        ...{ daysSince: 2, mapeSince: expect.closeTo(2, 9), mapeNaiveSince: expect.closeTo(10, 9) },
      },
    ]);
    await putTable(workspace, "prophet_forecasts", [forecast("naive", null, "2024-02-01", 1)], { columns });
    expect((await status(workspace)).forecasts).toMatchObject([
      { model: "naive", skill: null, daysSince: 0, mapeSince: null },
    ]);
  });

  it("names a damaged table and goes on", async () => {
    await putTable(workspace, "daily_batch", dayRows("2024-01-01", 3));
    const { served } = await merge(workspace);
    await truncate(join(served.folder, "part-0.parquet"), 4);
    const found = await status(workspace);
    expect(found.tables.filter(({ problem }) => problem !== null)).toMatchObject([
      { table: "daily_filled", problem: "damaged_table" },
    ]);
    expect(found.symbols).toEqual([]);
    await writeFile(`${served.folder}.json`, "{}");
    expect((await status(workspace)).tables.find(({ table }) => table === "daily_filled")?.problem).toBe(
      "damaged_table",
    );
  });
});

describe("staleSymbols", () => {
  const at = (hours: number) => Date.parse("2024-01-10T00:00:00Z") + hours * 3_600_000;
  const symbols = [{ symbol: "BTCUSDT", lastComplete: "2024-01-09" }] as never;
  it.each([
    [36, []],
    [36.01, [{ symbol: "BTCUSDT", lastComplete: "2024-01-09", hours: 36 }]],
    [-5, []],
  ])("%s hours after the last complete day", (hours, stale) => {
    expect(staleSymbols({ symbols }, at(hours), 36 * 3_600_000)).toEqual(stale);
  });
  it("counts a symbol without a complete day as stale", () => {
    const none = [{ symbol: "ETHUSDT", lastComplete: null }] as never;
    expect(staleSymbols({ symbols: none }, at(0), 1)).toEqual([
      { symbol: "ETHUSDT", lastComplete: null, hours: null },
    ]);
  });
});

describe("verify", () => {
  it("finds every touched byte, in tables and raw files", async () => {
    const { folder } = await putTable(workspace, "daily_batch", dayRows("2024-01-01", 3));
    const raw = join(workspace.root, "data", "raw");
    await mkdir(raw, { recursive: true });
    await writeFile(join(raw, "a.csv"), "abc");
    const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const entry = (path: string) => ({ id: 1, path, name: path, bytes: 3, facts: { sha256 } });
    const files = [entry("data/raw/a.csv"), entry("data/raw/gone.csv")];
    await writeFile(join(raw, "manifest.json"), JSON.stringify({ files: files.slice(0, 1) }));
    expect(await verify(workspace)).toEqual({ files: 2, problems: [] });
    await writeFile(join(raw, "manifest.json"), JSON.stringify({ files }));
    await writeFile(join(raw, "a.csv"), "abd");
    await appendFile(join(folder, "part-0.parquet"), "x");
    expect((await verify(workspace)).problems).toEqual([
      { where: "daily_batch", path: "part-0.parquet", problem: "other_size" },
      { where: "data/raw", path: "data/raw/a.csv", problem: "other_content" },
      { where: "data/raw", path: "data/raw/gone.csv", problem: "missing" },
    ]);
  });
});
