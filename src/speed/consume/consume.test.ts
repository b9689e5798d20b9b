import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  disorder,
  embeddedTopic,
  expectedDays,
  klineMessage,
  madeUpMinutes,
  outgoing,
  publishedDays,
  publishedSources,
  streamOf,
  tableRows,
} from "../../../testkit/stream.ts";
import type { Candle } from "../../candle/candle.ts";
import { outsideError } from "../../core/errors.ts";
import type { MarketClaim, Workspace } from "../../core/workspace.ts";
import { readTable } from "../../lake/read.ts";
import type { Day } from "../../time/day.ts";
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";
import type { Topic } from "../../topic/topic.ts";
import type { Exchange } from "../exchange.ts";
import { type ConsumeOptions, consume } from "./consume.ts";
import { openWindows } from "./openWindows.ts";

const START = Date.UTC(2025, 5, 2);
const DAYS = (count: number) => count * 1_440;

let folder: string;
let count = 0;
let workspace: Workspace;
let now = START + 30 * DAY_MS;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-consume-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  now = START + 30 * DAY_MS;
  count += 1;
  workspace = {
    root: join(folder, String(count)),
    clock: () => now,
    resources: { threads: 1, memory: "256MB" },
  };
});

const topicOf = (partitions = 1, retainMs?: number): Topic =>
  embeddedTopic(workspace, { partitions, retainMs });

async function withTopic<Result>(work: (topic: Topic) => Promise<Result>, partitions = 1): Promise<Result> {
  const topic = topicOf(partitions);
  return work(topic).finally(() => topic.close());
}

const consumeOnce = (topic: Topic, options: ConsumeOptions = {}) =>
  consume(workspace, topic, { once: true, ...options });

/** Minutes of several symbols and days; the last day is still open. */
const market = (seed: number, days: number): Candle[] =>
  ["BTCUSDT", "ETHUSDT", "SOLUSDT"].flatMap((symbol, i) =>
    madeUpMinutes(seed * 10 + i, symbol, START, DAYS(days) + 90),
  );

const closedOf = (candles: readonly Candle[], days: number) =>
  expectedDays(candles.filter(({ openTime }) => openTime < START + days * DAY_MS));

describe("consume", () => {
  it.each([
    [1, true],
    [3, true],
    [3, false],
    [16, false],
  ])("gives the batch layer's rows, bit for bit (%i partitions, keys: %s)", async (partitions, keyed) => {
    const candles = market(7, 2);
    const messages = disorder(streamOf(candles), 3, 50 * MINUTE_MS);
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages, keyed));
      const result = await consumeOnce(topic, { batch: { messages: 700, ms: 10_000 } });
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 2));
      expect(result.closed).toHaveLength(6);
      expect(result.counts).toMatchObject({ read: messages.length, late: 0, poison: 0 });
      expect(result.lag).toBe(0);
      expect(result.open.map(({ symbol, minutes, complete }) => [symbol, minutes, complete])).toEqual([
        ["BTCUSDT", 90, false],
        ["ETHUSDT", 90, false],
        ["SOLUSDT", 90, false],
      ]);
      expect(openWindows(workspace)).toMatchObject({ open: result.open, symbols: result.symbols, lag: 0 });
    }, partitions);
  });

  it("keeps which records each day came from, over restarts, beside the published rows", async () => {
    const candles = madeUpMinutes(5, "BTCUSDT", START, DAYS(1) + 90);
    const messages = outgoing(
      candles.map((candle) => klineMessage(candle, true, candle.openTime + MINUTE_MS)),
    );
    await withTopic(async (topic) => {
      await topic.append(messages.slice(0, 700));
      await consumeOnce(topic);
      await topic.append([...messages.slice(700), messages[700]]);
      await consumeOnce(topic, { emitOpen: true });
      const day = (name: string, first: number, last: number) => ({
        ...{ symbol: "BTCUSDT", day: name, fetched: 0, partitions: [[0, first, last, last - first + 1]] },
      });
      expect(await publishedSources(workspace)).toEqual({
        topic: topic.id,
        open: [day("2025-06-03", 1440, 1529)],
        closed: [day("2025-06-02", 0, 1439)],
      });
    });
  });

  it("goes on where it stopped, publishes each day once, and does nothing where nothing is new", async () => {
    const candles = madeUpMinutes(5, "BTCUSDT", START, DAYS(3) + 90);
    const messages = streamOf(candles);
    await withTopic(async (topic) => {
      const half = Math.floor(messages.length / 2);
      await topic.append(outgoing(messages.slice(0, half)));
      const first = await consumeOnce(topic);
      await topic.append(outgoing(messages.slice(half)));
      const second = await consumeOnce(topic);
      expect([...first.closed, ...second.closed]).toEqual(closedOf(candles, 3));
      const version = (await readTable(workspace, "streaming_output"))?.manifest.id;
      const third = await consumeOnce(topic);
      expect(third.counts.read).toBe(0);
      expect((await readTable(workspace, "streaming_output"))?.manifest.id).toBe(version);
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 3));
    });
  });

  it("keeps a final minute whatever comes after it, and never counts an open one", async () => {
    const [minute, next] = madeUpMinutes(1, "BTCUSDT", START, 2);
    const stale = { ...minute, close: minute.open, volume: 0.5, trades: 1 };
    const messages = [
      klineMessage(minute, true, minute.openTime + MINUTE_MS),
      klineMessage(stale, false, minute.openTime + MINUTE_MS + 5),
      klineMessage(next, false, next.openTime + 1_000),
      klineMessage({ ...next, openTime: (START + DAY_MS) as EpochMs }, false, START + DAY_MS + 2 * HOUR_MS),
    ];
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages));
      await consumeOnce(topic);
      expect(await publishedDays(workspace)).toEqual(expectedDays([minute]));
    });
  });

  it("counts late events and keeps them aside, outside the closed day", async () => {
    const candles = madeUpMinutes(2, "BTCUSDT", START, DAYS(1) + 90);
    const late = klineMessage({ ...candles[3], high: 1e6 }, true, candles[3].openTime + MINUTE_MS);
    await withTopic(async (topic) => {
      await topic.append(outgoing([...streamOf(candles), late]));
      await consumeOnce(topic);
      await topic.append(outgoing([late]));
      const { counts } = await consumeOnce(topic);
      expect(counts.late).toBe(1);
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 1));
      const kept = await tableRows<{ symbol: string; window_day: Date; high: number }>(
        workspace,
        "late_events",
      );
      expect(kept.map(({ symbol, high }) => [symbol, high])).toEqual([
        ["BTCUSDT", 1e6],
        ["BTCUSDT", 1e6],
      ]);
    });
  });

  it("keeps poison aside, unknown types and a far future too, and goes on", async () => {
    const candles = madeUpMinutes(3, "BTCUSDT", START, DAYS(1) + 90);
    const future = klineMessage(candles[0], true, now + 10 * DAY_MS);
    const strange = ["{", '{"type":"kline"}', '{"type":"trade"}', JSON.stringify(future)];
    await withTopic(async (topic) => {
      const values = outgoing(streamOf(candles)).flatMap((message, i) =>
        i < strange.length ? [{ key: null, value: strange[i] }, message] : [message],
      );
      await topic.append(values);
      const { counts } = await consumeOnce(topic);
      expect(counts).toMatchObject({ poison: 3, unknown: 1, late: 0 });
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 1));
      const kept = await tableRows<{ reason: string; raw: string }>(workspace, "poison_messages");
      expect(kept.map(({ reason }) => reason)).toEqual(["not_json", "wrong_form", "far_future"]);
      expect(kept[0].raw).toBe("{");
    });
  });

  it("lets made-up prices into a simulated workspace only", async () => {
    const candles = madeUpMinutes(3, "BTCUSDT", START, 10);
    const messages = streamOf(candles).map((message) => ({ ...message, market: "simulated" as const }));
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages));
      const { counts, open } = await consumeOnce(topic);
      expect(counts.poison).toBe(messages.length);
      expect(open).toEqual([]);
      const market: MarketClaim = { schema: 1, market: "simulated", seed: 1, now };
      workspace = { ...workspace, root: `${workspace.root}-simulated`, market };
      expect((await consumeOnce(topic)).open).toHaveLength(1);
    });
  });

  it("knows a day by its tickers alone, never complete", async () => {
    const tickers = [10, 20, 15].map((price, i) => ({
      type: "ticker" as const,
      symbol: "BTCUSDT",
      price: `${price}.50`,
      eventTime: START + [5, 3, 4][i] * HOUR_MS,
    }));
    const later = { ...tickers[0], eventTime: START + DAY_MS + 2 * HOUR_MS };
    await withTopic(async (topic) => {
      await topic.append(outgoing([...tickers, later]));
      await consumeOnce(topic);
      expect(await publishedDays(workspace)).toMatchObject([
        { open: 10.5, high: 10.5, low: 10.5, close: 10.5, volume: null, complete: false },
      ]);
    });
  });

  it("publishes the open day where it is asked to, and takes it back when it closes", async () => {
    const candles = madeUpMinutes(4, "BTCUSDT", START, DAYS(1) + 90);
    const messages = streamOf(candles);
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages.slice(0, 500)));
      await consumeOnce(topic, { emitOpen: true });
      expect(await publishedDays(workspace)).toMatchObject([{ day: "2025-06-02", complete: false }]);
      await topic.append(outgoing(messages.slice(500)));
      await consumeOnce(topic);
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 1));
    });
  });

  it("closes what has arrived where it is told until when", async () => {
    const candles = madeUpMinutes(6, "BTCUSDT", START, DAYS(2));
    await withTopic(async (topic) => {
      await topic.append(outgoing(streamOf(candles)));
      await consumeOnce(topic, { until: "2025-06-02" as Day });
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 1));
      await consumeOnce(topic, { until: "2025-06-03" as Day });
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 2));
    });
  });
});

describe("a symbol that falls silent", () => {
  const silent = madeUpMinutes(8, "ETHUSDT", START, 600);
  const going = madeUpMinutes(9, "BTCUSDT", START, DAYS(1) + 200);

  /** Both as they come, appended when they happen. */
  async function liveStream(topic: Topic): Promise<void> {
    const messages = streamOf([...silent, ...going]);
    for (let at = 0; at < messages.length; at += 100) {
      const some = messages.slice(at, at + 100);
      now = some[some.length - 1].eventTime;
      await topic.append(outgoing(some));
    }
  }

  it("closes when the exchange has gone on for the lateness, its missing minutes fetched", async () => {
    const whole = madeUpMinutes(8, "ETHUSDT", START, DAYS(1));
    const asked: [string, number, number][] = [];
    const exchange: Exchange = {
      time: async () => now as EpochMs,
      candles: async ({ symbol }, { from, to }) => {
        asked.push([symbol, (from - START) / MINUTE_MS, (to - START) / MINUTE_MS]);
        return whole.filter(({ openTime }) => symbol === "ETHUSDT" && openTime >= from && openTime < to);
      },
    };
    await withTopic(async (topic) => {
      await liveStream(topic);
      const { refilled } = await consumeOnce(topic, { exchange });
      expect(asked).toEqual([["ETHUSDT", 600, 1_440]]);
      expect(refilled).toBe(840);
      expect((await publishedSources(workspace)).closed).toContainEqual(
        expect.objectContaining({ symbol: "ETHUSDT", fetched: 840 }),
      );
      expect(await publishedDays(workspace)).toEqual(closedOf([...going, ...whole], 1));
    }, 3);
  });

  it("closes with its holes where nobody can be asked, and says so", async () => {
    const exchange: Exchange = {
      time: async () => now as EpochMs,
      candles: async () => {
        throw outsideError("unreachable", "Nobody answers.", "Wait.");
      },
    };
    await withTopic(async (topic) => {
      await liveStream(topic);
      const { unasked } = await consumeOnce(topic, { exchange });
      expect(unasked).toBe(1);
      expect(await publishedDays(workspace)).toEqual(closedOf([...going, ...silent], 1));
    });
  });

  it("is not one that a replay writes after the others", async () => {
    const other = madeUpMinutes(8, "ETHUSDT", START, DAYS(1) + 90);
    await withTopic(async (topic) => {
      await topic.append(outgoing(streamOf(going)));
      await topic.append(outgoing(streamOf(other)));
      const { counts } = await consumeOnce(topic, { batch: { messages: 200, ms: 10_000 } });
      expect(counts.late).toBe(0);
      expect(await publishedDays(workspace)).toEqual(closedOf([...going, ...other], 1));
    }, 3);
  });
});

describe("lost messages", () => {
  const candles = madeUpMinutes(11, "BTCUSDT", START, DAYS(2) + 90);
  const messages = streamOf(candles);
  const half = Math.floor(messages.length / 3);
  const exchange: Exchange = {
    time: async () => (START + 2 * DAY_MS + 100 * MINUTE_MS) as EpochMs,
    candles: async (_, { from, to }) => candles.filter(({ openTime }) => openTime >= from && openTime < to),
  };

  /** A third is consumed; then the topic forgets all but the last third. */
  async function lose(): Promise<Topic> {
    const topic = topicOf(1, HOUR_MS);
    await topic.append(outgoing(messages.slice(0, half)));
    await consumeOnce(topic);
    now += 10 * MINUTE_MS;
    await topic.append(outgoing(messages.slice(half, 2 * half)));
    now += 2 * HOUR_MS;
    await topic.append(outgoing(messages.slice(2 * half)));
    return topic;
  }

  it("stop it, with the range and what to do", async () => {
    const topic = await lose();
    await expect(consumeOnce(topic)).rejects.toMatchObject({
      code: "offsets_lost",
      exit: 2,
      message: expect.stringContaining(`offsets ${half} to ${2 * half - 1}`),
      next: expect.stringContaining("--from-earliest"),
    });
    expect(await publishedDays(workspace)).toEqual([]);
    await topic.close();
  });

  it("are fetched over REST: the days come out whole", async () => {
    const topic = await lose();
    const result = await consumeOnce(topic, { exchange });
    expect(result.lost).toEqual([{ partition: 0, from: half, to: 2 * half, why: "expired" }]);
    expect(result.refilled).toBeGreaterThan(500);
    expect(await publishedDays(workspace)).toEqual(closedOf(candles, 2));
    await topic.close();
  });

  it("are left out where that was asked for, and told", async () => {
    const topic = await lose();
    const result = await consumeOnce(topic, { fromEarliest: true });
    expect(result.lost).toHaveLength(1);
    expect((await publishedDays(workspace)).map(({ minutes }) => minutes)).not.toEqual([1_440, 1_440]);
    await topic.close();
  });

  it("are noticed where the topic was made anew, shorter or longer than before", async () => {
    for (const length of [10, 2 * half]) {
      const first = topicOf();
      await first.append(outgoing(messages.slice(0, half)));
      await consumeOnce(first, { fromEarliest: true });
      await first.close();
      await rm(join(workspace.root, "data", "topic.db"));
      await rm(join(workspace.root, "data", "topic.db-wal"), { force: true });
      await rm(join(workspace.root, "data", "topic.db-shm"), { force: true });
      now += 1;
      const second = topicOf();
      await second.append(outgoing(messages.slice(0, length)));
      await expect(consumeOnce(second)).rejects.toMatchObject({ code: "offsets_lost" });
      const { lost } = await consumeOnce(second, { exchange });
      expect(lost).toMatchObject([{ why: "recreated", to: 0 }]);
      await second.close();
    }
  });
});

describe("the checkpoint", () => {
  it("lost, leaves the published days and begins anew", async () => {
    const candles = madeUpMinutes(12, "BTCUSDT", START, DAYS(2) + 90);
    const messages = streamOf(candles);
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages));
      await consumeOnce(topic);
      for (const end of ["", "-wal", "-shm"]) {
        await rm(join(workspace.root, "data", `checkpoint.db${end}`), { force: true });
      }
      const second = await consumeOnce(topic);
      expect(second.counts.late).toBe(0);
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 2));
    });
  });

  it("of another topic is not taken for this one's", async () => {
    const other: Topic = { ...topicOf(), id: "kafka:other" };
    await withTopic((topic) => consumeOnce(topic));
    await expect(consumeOnce(other)).rejects.toMatchObject({ code: "other_topic", exit: 2 });
    await other.close();
  });
});
