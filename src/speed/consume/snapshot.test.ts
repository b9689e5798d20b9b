import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  expectedDays,
  expectedWindows,
  klineMessage,
  madeUpMinutes,
  outgoing,
  publishedCandles,
  publishedDays,
} from "../../../testkit/stream.ts";
import type { Workspace } from "../../core/workspace.ts";
import { DAY_MS, MINUTE_MS } from "../../time/epoch.ts";
import { openTopic } from "../../topic/openTopic.ts";
import { snapshot } from "./snapshot.ts";

const START = Date.UTC(2025, 5, 2);

let workspace: Workspace;
beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-snapshot-"));
  workspace = { root, clock: () => START + DAY_MS, resources: { threads: 1, memory: "256MB" } };
});
afterAll(() => rm(workspace.root, { recursive: true }));

describe("snapshot", () => {
  it("folds 1,008 messages of two symbols into two rows, the open minute included", async () => {
    const candles = ["BTCUSDT", "ETHUSDT"].flatMap((symbol, i) => madeUpMinutes(i, symbol, START, 504));
    const messages = candles.map((candle) => klineMessage(candle, true, candle.openTime + MINUTE_MS));
    const open = { ...messages[503], final: false };
    const topic = await openTopic(workspace);
    await topic.append(outgoing([...messages.slice(0, 503), open, ...messages.slice(504)]));
    const { days, counts } = await snapshot(workspace, topic);
    expect(counts.read).toBe(1_008);
    expect(days).toEqual(expectedDays(candles).map((day) => ({ ...day, complete: false })));
    expect(await publishedDays(workspace, "streaming_output_batch")).toEqual(days);
    expect((await snapshot(workspace, topic)).tables[0].published.skipped).toBe(true);
    await topic.close();
  });

  it("folds windows of the named lengths", async () => {
    const topic = await openTopic(workspace);
    const minutes = ["BTCUSDT", "ETHUSDT"].flatMap((symbol, i) => madeUpMinutes(i, symbol, START, 504));
    const { tables, days } = await snapshot(workspace, topic, {}, ["1h", "1w"]);
    await topic.close();
    expect(tables.map(({ length, published }) => [length, published.manifest.rows])).toEqual([
      ["1h", 18],
      ["1w", 2],
    ]);
    expect(days).toEqual([]);
    for (const length of ["1h", "1w"] as const) {
      expect(await publishedCandles(workspace, length, "streaming_output_batch")).toEqual(
        expectedWindows(minutes, length).map((row) => ({ ...row, complete: false })),
      );
    }
  });
});
