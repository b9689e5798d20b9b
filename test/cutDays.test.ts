import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ingest } from "../src/batch/ingest.ts";
import { NO_AMOUNTS } from "../src/candle/candle.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { merge } from "../src/serving/merge.ts";
import { recordedBook } from "../src/simulator/recordedBook.ts";
import { DAY_MS } from "../src/time/epoch.ts";
import { candleToKline } from "../src/venues/binance/kline.ts";
import { at, exchangeAt, fill, market, rowsOf, takeIn, workspaceWith } from "../testkit/backfill.ts";
import { dayRow, putTable } from "../testkit/tables.ts";

describe("a day that a file ends in the middle of", () => {
  /** The served days of June, as the models get them: origin and minutes, `-` where one is not complete. */
  async function served(workspace: Workspace): Promise<string[]> {
    await takeIn(workspace);
    await merge(workspace);
    const days = await rowsOf<{ day: string; text: string }>(
      workspace,
      "day::VARCHAR AS day, concat_ws(' ', origin, coalesce(minutes::VARCHAR, '?'), if(complete, NULL, '-')) AS text",
      "daily_filled",
    );
    const input = await rowsOf<{ ds: string }>(workspace, "ds::VARCHAR AS ds", "prophet_input");
    const inside = days
      .map(({ day }) => day)
      .filter((day) => day >= input[0].ds && day <= (input.at(-1)?.ds ?? ""));
    expect(input.map(({ ds }) => ds)).toEqual(inside);
    return days.map(({ day, text }) => `${day.slice(8)} ${text}`);
  }

  async function inFiles(now: string, stretches: [from: string, to: string][]): Promise<Workspace> {
    const workspace = await workspaceWith(now, { BTCUSDT: [stretches[0]] });
    const text = await readFile(join(workspace.root, "mine", "BTCUSDT.csv"), "utf8");
    for (const [i, [from, to]] of stretches.entries()) {
      const rows = [...market.minutes("BTCUSDT", at(from), at(to))].map(
        ({ openTime, open, high, low, close, volume }) => [openTime, open, high, low, close, volume].join(),
      );
      const lines = [text.slice(0, text.indexOf("\n")), ...rows];
      await writeFile(
        join(workspace.root, "mine", i === 0 ? "BTCUSDT.csv" : `BTCUSDT_${i}.csv`),
        lines.join("\n"),
      );
    }
    await ingest(workspace, { files: [{ path: join(workspace.root, "mine") }] });
    await takeIn(workspace);
    return workspace;
  }

  const NOW = "2025-06-07T12:00";
  const FILES: [string, string][] = [
    ["2025-06-01T00:00", "2025-06-03T12:00"],
    ["2025-06-05T06:00", "2025-06-07T00:00"],
  ];
  const exchangeOfDays = (...days: string[]) =>
    exchangeAt(NOW, {
      book: recordedBook([
        {
          symbol: "BTCUSDT",
          interval: "1d",
          klines: days.map((day) => {
            const prices = { open: 10, high: 14, low: 8, close: 9 };
            return candleToKline(
              {
                symbol: "BTCUSDT",
                openTime: at(`${day}T00:00`),
                ...prices,
                volume: 3,
                trades: 5,
                ...NO_AMOUNTS,
              },
              DAY_MS,
            );
          }),
        },
      ]),
    });

  it("gets its minutes from the exchange", async () => {
    const workspace = await inFiles(NOW, FILES);
    const { plan } = await fill(workspace, await exchangeAt(NOW));
    expect(plan).toMatchObject({ minutes: 12 * 60 + 6 * 60, days: 1 });
    expect(await served(workspace)).toEqual([
      "01 batch 1440",
      "02 batch 1440",
      "03 backfill 1440",
      "04 backfill ?",
      "05 backfill 1440",
      "06 batch 1440",
    ]);
  });

  it("gets the exchange's daily candle where it has no minutes, and is asked for once", async () => {
    const workspace = await inFiles(NOW, FILES);
    const exchange = await exchangeOfDays("2025-06-03", "2025-06-04", "2025-06-05", "2025-06-07");
    expect(await fill(workspace, exchange)).toMatchObject({ minutes: 0, days: 3 });
    expect(await served(workspace)).toEqual([
      "01 batch 1440",
      "02 batch 1440",
      "03 backfill ?",
      "04 backfill ?",
      "05 backfill ?",
      "06 batch 1440",
    ]);
    const before = exchange.simulator.requests.length;
    await fill(workspace, exchange);
    expect(exchange.simulator.requests).toHaveLength(before);
  });

  it("is served with what it has where nobody has more, and no day of the models' input is missing", async () => {
    const offline = [
      "01 batch 1440",
      "02 batch 1440",
      "03 batch 720",
      "04 filled 0",
      "05 batch 1080",
      "06 batch 1440",
    ];
    const workspace = await inFiles(NOW, FILES);
    expect(await served(workspace)).toEqual(offline);
    await fill(workspace, await exchangeOfDays("2025-06-07"));
    expect(await served(workspace)).toEqual(offline);
  });

  it("is so too where the days after it are the exchange's, or the stream's", async () => {
    const workspace = await inFiles(NOW, FILES.slice(0, 1));
    await fill(workspace, await exchangeOfDays("2025-06-05", "2025-06-06"));
    const days = ["01 batch 1440", "02 batch 1440", "03 batch 720", "04 filled 0"];
    expect(await served(workspace)).toEqual([...days, "05 backfill ?", "06 backfill ?"]);
    const other = await inFiles(NOW, FILES.slice(0, 1));
    const speed = ["2025-06-05", "2025-06-06"].map((day) => dayRow(day, 9, { origin: "speed" }));
    await putTable(other, "streaming_output", speed);
    expect(await served(other)).toEqual([...days, "05 speed 1440", "06 speed 1440"]);
  });

  it("stays open where it is the last one, or begins in the middle and is the first", async () => {
    const workspace = await inFiles(NOW, [
      ["2025-06-01T10:00", "2025-06-02T20:00"],
      ["2025-06-03T00:00", "2025-06-04T12:00"],
    ]);
    expect(await served(workspace)).toEqual([
      "01 batch 840 -",
      "02 batch 1200",
      "03 batch 1440",
      "04 batch 720 -",
    ]);
  });
});
