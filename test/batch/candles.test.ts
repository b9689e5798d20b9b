import { readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candles } from "../../src/batch/candles.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { epochToMs } from "../../src/time/epoch.ts";
import { runBatch, tableRows } from "../../testkit/batch.ts";
import { noRecordedData, recorded } from "../../testkit/data.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

if (noRecordedData) console.log(`skipped: ${noRecordedData}`);

interface Row {
  symbol: string;
  at: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** The exchange's own candles by symbol and open time: open, high, low, close, volume. */
async function exchangeCandles(files: readonly string[]): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for (const file of files) {
    const symbol = /([A-Z]+)[-_]1[hd]/.exec(file)?.[1];
    for (const line of (await readFile(file, "utf8")).trim().split("\n")) {
      const [time, ...numbers] = line.split(",").slice(0, 6).map(Number);
      if (!Number.isNaN(time)) found.set(`${symbol} ${epochToMs(time)}`, numbers);
    }
  }
  return found;
}

describe.skipIf(noRecordedData)("candles of recorded minutes", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await scratchWorkspace("2026-09-01T00:00:00Z");
    const folders = ["2024-12-30_30d_ms_to_us", "2025-05-20_90d", "2021-09-17_30d_outage"];
    await runBatch(
      workspace,
      folders.map((folder) => recorded("minute", folder)),
    );
  });
  afterAll(() => rm(workspace.root, { recursive: true }));

  const months = ["2024-12", "2025-01", "2025-05"];
  const symbols = ["BTCUSDT", "ETHUSDT"];
  it.each([
    [
      "1h",
      months.flatMap((month) => symbols.map((symbol) => recorded("archive_1h", `${symbol}-1h-${month}.csv`))),
      // 30 days less the hours at both ends, and 12 days.
      2 * (719 + 288),
    ],
    ["1d", symbols.map((symbol) => recorded("daily", `${symbol}_1d.csv`)), 2 * (29 + 90 + 29)],
  ] as const)("%s equal the exchange's own", async (interval, files, expected) => {
    const theirs = await exchangeCandles(files);
    const { table } = await candles(workspace, { interval });
    const rows = await tableRows<Row>(
      workspace,
      table.manifest.table,
      "symbol, epoch_ms(open_time)::DOUBLE AS at, open, high, low, close, volume",
    );
    const complete = await tableRows<{ complete: boolean }>(workspace, table.manifest.table, "complete");
    let compared = 0;
    for (const [i, row] of rows.entries()) {
      const own = theirs.get(`${row.symbol} ${row.at}`);
      if (own === undefined || !complete[i].complete) continue;
      const [open, high, low, close, volume] = own;
      expect(row).toMatchObject({ open, high, low, close });
      expect(Math.abs(row.volume - volume)).toBeLessThanOrEqual(1e-9 * volume);
      compared += 1;
    }
    expect(compared).toBe(expected);
  });
});
