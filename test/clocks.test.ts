import { rm } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { candles } from "../src/batch/candles.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { forecast } from "../src/forecasting/forecast.ts";
import { planPrune, pruneTable } from "../src/lake/history/prune.ts";
import { listVersions, versionAt } from "../src/lake/history/versions.ts";
import { restoreTable } from "../src/lake/restore.ts";
import { merge } from "../src/serving/merge.ts";
import { status } from "../src/serving/status.ts";
import type { Day } from "../src/time/day.ts";
import type { EpochMs } from "../src/time/epoch.ts";
import { archiveFiles } from "../src/venues/binance/archiveClient.ts";
import { runBatch, tableRows, writeFiles } from "../testkit/batch.ts";
import { madeUpMinutes } from "../testkit/stream.ts";
import { dayRows, putTable, scratchWorkspace } from "../testkit/tables.ts";

async function workspace(): Promise<Workspace> {
  const scratch = await scratchWorkspace();
  onTestFinished(() => rm(scratch.root, { recursive: true, force: true }));
  return scratch;
}

const at = (base: Workspace, now: string): Workspace => ({ ...base, clock: () => Date.parse(now) });

function minutesFrom(start: string, days: number): string {
  const rows = madeUpMinutes(4, "BTCUSDT", Date.parse(start) as EpochMs, days * 1_440);
  const lines = rows.map(({ openTime, open, high, low, close, volume }) =>
    [openTime, open, high, low, close, volume].join(","),
  );
  return `timestamp,open,high,low,close,volume\n${lines.join("\n")}\n`;
}

describe("a clock that jumps between runs", () => {
  it("changes no row: the same present gives the same tables, whatever was published before", async () => {
    const base = await workspace();
    const [file] = await writeFiles(base, [
      { name: "BTCUSDT.csv", text: minutesFrom("2025-06-02T00:00Z", 4) },
    ]);
    const shown = async (now: string) => {
      const present = at(base, now);
      const { ingested } = await runBatch(present, [file]);
      await merge(present);
      return {
        balance: ingested.balance,
        days: await tableRows(present, "daily_batch"),
        served: await tableRows(present, "daily_filled"),
      };
    };
    const first = await shown("2025-06-20T12:00Z");
    const back = await shown("2025-06-03T12:00Z");
    expect(back.balance.rejected).toBeGreaterThan(0);
    const forth = await shown("2031-01-01T00:00Z");
    expect(forth).toEqual(first);
    expect(await shown("2025-06-03T12:00Z")).toEqual(back);
    expect(await shown("2025-06-20T12:00Z")).toEqual(first);
  }, 60_000);

  it("keeps every version, forecast and diary entry, and prunes none that an instant still needs", async () => {
    const base = await workspace();
    const nows = ["2025-04-20T00:00Z", "2031-01-01T00:00Z", "2025-04-18T00:00Z", "2025-04-21T00:00Z"];
    for (const [i, now] of nows.entries()) {
      const present = at(base, now);
      await putTable(present, "daily_batch", dayRows("2025-01-01", 100 + i));
      await merge(present);
      await forecast(present, { models: ["naive"], horizon: 3 });
    }
    const diary = await tableRows<{ cutoff: string; published: string }>(
      base,
      "forecast_diary",
      "DISTINCT cutoff::VARCHAR AS cutoff, published",
    );
    expect(diary.sort((a, b) => (a.cutoff < b.cutoff ? -1 : 1)).map(({ published }) => published)).toEqual(
      nows.map((now) => new Date(now).toISOString()),
    );
    const versions = await listVersions(base, "daily_batch");
    expect(versions.map(({ rows }) => rows)).toEqual([100, 101, 102, 103]);
    // What was published last among those that are not later: the newest data that this present had.
    const rowsAt = async (instant: string) => (await versionAt(base, "daily_batch", instant)).rows;
    const before = await Promise.all(["2025-04-19", "2025-04-20T12:00Z", "2025-04-22"].map(rowsAt));
    expect(before).toEqual([102, 102, 103]);
    const [plan] = (await planPrune(base, Date.parse("2025-04-19T00:00Z") as EpochMs)).filter(
      ({ table }) => table === "daily_batch",
    );
    await pruneTable(base, plan);
    expect(await Promise.all(["2025-04-19", "2025-04-20T12:00Z", "2025-04-22"].map(rowsAt))).toEqual(before);
    for (const now of nows) {
      const { tables } = await status(at(base, now));
      expect(tables.filter(({ problem }) => problem !== null)).toEqual([]);
    }
  }, 60_000);

  it("keeps all versions under a clock that is fixed, whatever is restored", async () => {
    const base = await workspace();
    for (let i = 1; i <= 3; i += 1) await putTable(base, "daily_batch", dayRows("2025-01-01", i));
    const rows = async () => (await listVersions(base, "daily_batch")).map((version) => version.rows);
    expect(await rows()).toEqual([1, 2, 3]);
    await restoreTable(base, "daily_batch");
    expect(await rows()).toEqual([1, 2, 3, 2]);
    await restoreTable(base, "daily_batch");
    expect(await rows()).toEqual([1, 2, 3, 2, 3]);
    await putTable(base, "daily_batch", dayRows("2025-01-01", 4));
    expect(await rows()).toEqual([1, 2, 3, 2, 3, 4]);
  }, 60_000);
});

describe("leap days and ends of years", () => {
  it.each([
    ["2024-02-28T00:00Z", ["2024-02-28", "2024-02-29", "2024-03-01"], ["2024-02-01", "2024-03-01"]],
    ["2023-02-28T00:00Z", ["2023-02-28", "2023-03-01", "2023-03-02"], ["2023-02-01", "2023-03-01"]],
    ["2024-12-30T00:00Z", ["2024-12-30", "2024-12-31", "2025-01-01"], ["2024-12-01", "2025-01-01"]],
    ["2100-02-28T00:00Z", ["2100-02-28", "2100-03-01", "2100-03-02"], ["2100-02-01", "2100-03-01"]],
  ])(
    "are days and months as the calendar has them (%s)",
    async (start, days, months) => {
      const present = at(await workspace(), "2101-01-01T00:00Z");
      const [file] = await writeFiles(present, [{ name: "BTCUSDT.csv", text: minutesFrom(start, 3) }]);
      const { ingested } = await runBatch(present, [file]);
      expect(ingested.balance).toMatchObject({ kept: 4_320, rejected: 0 });
      const daily = await tableRows<{ day: string; minutes: number }>(
        present,
        "daily_batch",
        "day::VARCHAR AS day, minutes",
      );
      expect(daily).toEqual(days.map((day) => ({ day, minutes: 1_440 })));
      await candles(present, { interval: "1M" });
      const folded = await tableRows<{ start: string }>(
        present,
        "candles_1mo",
        "open_time::DATE::VARCHAR AS start",
      );
      expect(folded.map(({ start: month }) => month)).toEqual(months);
    },
    60_000,
  );

  it("are in the list of files to fetch once", () => {
    const files = archiveFiles("BTCUSDT", "1m", "2024-02-29" as Day, "2025-01-01" as Day);
    expect(files).toHaveLength(1 + 10 + 1);
    const spans = files.map(({ from, to }) => [from, to]);
    for (const [i, [from]] of spans.entries()) if (i > 0) expect(from).toBe(spans[i - 1][1]);
  });
});
