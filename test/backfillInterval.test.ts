import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ingest } from "../src/batch/ingest.ts";
import { foldCandles } from "../src/candle/foldDay.ts";
import { type EpochMs, HOUR_MS } from "../src/time/epoch.ts";
import { at, exchangeAt, fill, market, rowsOf, takeIn } from "../testkit/backfill.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

describe("backfill of an interval", () => {
  it("closes gaps of another interval with its own candles, and asks for none of them again", async () => {
    const now = "2025-06-10T12:00";
    const workspace = await scratchWorkspace(`${now}Z`);
    onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
    const hours = (from: string, to: string) => {
      const lines = [];
      for (let time = at(from); time < at(to); time = (time + HOUR_MS) as EpochMs) {
        const { open, high, low, close, volume } = foldCandles([
          ...market.minutes("BTCUSDT", time, (time + HOUR_MS) as EpochMs),
        ]);
        lines.push(`${time},${open},${high},${low},${close},${volume}`);
      }
      return lines;
    };
    const lines = [
      ...hours("2025-06-01T00:00", "2025-06-02T03:00"),
      ...hours("2025-06-02T09:00", "2025-06-03T10:00"),
      ...hours("2025-06-06T05:00", "2025-06-09T00:00"),
    ];
    const path = join(workspace.root, "BTCUSDT-1h.csv");
    await writeFile(path, `timestamp,open,high,low,close,volume\n${lines.join("\n")}\n`);
    await ingest(workspace, { files: [{ path }] });
    await takeIn(workspace);
    const exchange = await exchangeAt(now);
    await expect(fill(workspace, exchange, { interval: "5m" })).rejects.toMatchObject({
      code: "no_clean_candles",
      exit: 2,
    });
    const first = await fill(workspace, exchange, { interval: "1h" });
    const missing = 6 + 67 + 24;
    expect(first.plan).toMatchObject({ minutes: missing * 60, days: 0 });
    expect(first.plan.requests.every(({ interval }) => interval === "1h")).toBe(true);
    expect(first).toMatchObject({ minutes: missing * 60, days: 0 });
    await takeIn(workspace);
    const found = await rowsOf<{ at: number; close: number; origin: string }>(
      workspace,
      "epoch_ms(open_time)::DOUBLE AS at, close, origin",
      "btc_1h_clean",
    );
    expect(found.map((row) => row.at)).toEqual(
      Array.from({ length: 9 * 24 }, (_, hour) => at("2025-06-01T00:00") + hour * HOUR_MS),
    );
    const fetched = found.filter(({ origin }) => origin === "backfill");
    expect(fetched).toHaveLength(missing);
    for (const { at: time, close } of fetched) {
      const end = (time + HOUR_MS) as EpochMs;
      expect(close).toBe(foldCandles([...market.minutes("BTCUSDT", time as EpochMs, end)]).close);
    }
    const again = await fill(workspace, exchange, { interval: "1h" });
    expect(again).toMatchObject({ plan: { requests: [] }, requests: 0 });
  });
});
