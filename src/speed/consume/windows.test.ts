import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  disorder,
  embeddedTopic,
  expectedDays,
  expectedWindows,
  klineMessage,
  madeUpMinutes,
  outgoing,
  publishedCandles,
  publishedDays,
  streamOf,
} from "../../../testkit/stream.ts";
import type { Candle } from "../../candle/candle.ts";
import { foldCandles } from "../../candle/foldDay.ts";
import type { Workspace } from "../../core/workspace.ts";
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";
import {
  ceilToInterval,
  divides,
  type FixedInterval,
  floorToInterval,
  INTERVALS,
  type Interval,
  intervalMs,
} from "../../time/interval.ts";
import type { Topic } from "../../topic/topic.ts";
import { type ConsumeOptions, consume } from "./consume.ts";
import { addCandle, candleOf, missingSpans, openWindow } from "./window.ts";

/** A Monday, and the first of a month. */
const START = Date.UTC(2024, 3, 1);

let folder: string;
let count = 0;
let workspace: Workspace;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-windows-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  count += 1;
  workspace = {
    root: join(folder, String(count)),
    clock: () => START + 100 * DAY_MS,
    resources: { threads: 1, memory: "256MB" },
  };
});

async function withTopic<Result>(work: (topic: Topic) => Promise<Result>, partitions = 1): Promise<Result> {
  const topic = embeddedTopic(workspace, { partitions });
  return work(topic).finally(() => topic.close());
}

const consumeOnce = (topic: Topic, options: ConsumeOptions = {}) =>
  consume(workspace, topic, { once: true, ...options });

const market = (minutes: number): Candle[] =>
  ["BTCUSDT", "ETHUSDT"].flatMap((symbol, i) => madeUpMinutes(40 + i, symbol, START, minutes));

/** Candles folded to an interval, as a stream of final updates. */
function folded(candles: readonly Candle[], interval: FixedInterval): Candle[] {
  const groups = Map.groupBy(
    candles,
    ({ symbol, openTime }) => `${symbol} ${floorToInterval(openTime, interval)}`,
  );
  return [...groups.values()].map(foldCandles);
}

const finals = (candles: readonly Candle[], interval: FixedInterval) =>
  candles
    .map((candle) => klineMessage(candle, true, candle.openTime + intervalMs(interval), interval))
    .sort((a, b) => a.eventTime - b.eventTime);

describe("a window", () => {
  it("of any length is the fold of its final candles, to the bit, in any order", () => {
    const length = fc.constantFrom<Interval>(...INTERVALS.filter((one) => one !== "1s"));
    const finer = fc.constantFrom<FixedInterval>("1s", "1m", "5m", "1h", "1d", "3d", "1w");
    fc.assert(
      fc.property(
        length,
        finer,
        fc.array(fc.nat(3_000), { minLength: 1 }),
        fc.nat(),
        (long, short, at, seed) => {
          fc.pre(divides(short, long) && !(long === "1M" && short === "1s"));
          const start = floorToInterval(START + (seed % 400) * DAY_MS, long);
          const window = openWindow({ symbol: "BTCUSDT", interval: short, length: long }, start);
          const all = Math.round((window.end - start) / intervalMs(short));
          const made = madeUpMinutes(seed, "BTCUSDT", 0, 60);
          const candles = [...new Set(at.map((place) => place % all))].map((place, i) => ({
            ...made[i % 60],
            openTime: (start + place * intervalMs(short)) as EpochMs,
          }));
          for (const candle of candles) addCandle(window, { candle, final: true, eventTime: window.end });
          const expected = { ...foldCandles(candles), openTime: undefined };
          expect({ ...candleOf(window, "closed"), openTime: undefined }).toMatchObject(expected);
          const missing = missingSpans(window).reduce((sum, { from, to }) => sum + to - from, 0);
          expect(missing / intervalMs(short)).toBe(all - candles.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("windows of several lengths", () => {
  const lengths: Interval[] = ["1m", "5m", "1h", "1d"];

  it.each([
    [1, true],
    [3, false],
  ])("are the batch layer's folds, bit for bit (%i partitions, keys: %s)", async (partitions, keyed) => {
    const candles = market(1_440 + 90);
    const messages = disorder(streamOf(candles), 3, 50 * MINUTE_MS);
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages, keyed));
      const options = { windows: lengths, batch: { messages: 700, ms: 10_000 } };
      const { counts, windows } = await consumeOnce(topic, options);
      expect(counts).toMatchObject({ late: 0, poison: 0, unfit: 0 });
      expect(await publishedDays(workspace)).toEqual(
        expectedDays(candles.filter(({ openTime }) => openTime < START + DAY_MS)),
      );
      const closed = START + 1_470 * MINUTE_MS;
      for (const length of ["1m", "5m", "1h"] as const) {
        const expected = expectedWindows(candles, length).filter(
          ({ open_time }) => (open_time as number) + intervalMs(length) <= closed,
        );
        expect(await publishedCandles(workspace, length)).toEqual(expected);
        expect(windows).toContainEqual({ length, closed: expected.length });
      }
    }, partitions);
  });

  it("close an hour after their own end, and an event can be late for one of them alone", async () => {
    const candles = madeUpMinutes(2, "BTCUSDT", START, 180);
    const late = klineMessage({ ...candles[3], high: 1e6 }, true, candles[3].openTime + MINUTE_MS);
    await withTopic(async (topic) => {
      await topic.append(outgoing([...finals(candles, "1m"), late]));
      const { counts, windows } = await consumeOnce(topic, { windows: ["1h", "1d"] });
      expect(windows).toEqual([
        { length: "1h", closed: 2 },
        { length: "1d", closed: 0 },
      ]);
      expect(counts.late).toBe(1);
      const hours = await publishedCandles(workspace, "1h");
      expect(hours).toEqual(expectedWindows(candles.slice(0, 120), "1h"));
      const rows = await publishedCandles(workspace, "1d");
      expect(rows).toEqual([]);
    });
  });

  it("go on with those of the checkpoint, and refuse a list that lacks one of them", async () => {
    const messages = finals(market(1_440 + 90), "1m");
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages.slice(0, 900)));
      await consumeOnce(topic, { windows: ["1h", "1d"] });
      await expect(consumeOnce(topic, { windows: ["1d"] })).rejects.toMatchObject({
        code: "other_windows",
        exit: 2,
        next: expect.stringContaining("--window 1h,1d"),
      });
      await topic.append(outgoing(messages.slice(900)));
      const { windows } = await consumeOnce(topic);
      expect(windows.map(({ length }) => length)).toEqual(["1h", "1d"]);
      expect(await publishedCandles(workspace, "1h")).toHaveLength(48);
    });
  });

  it("that are added begin with the open windows' candles; longer ones with the next whole window", async () => {
    const candles = market(14 * 1_440 + 90);
    const messages = finals(candles, "1m");
    const cut = messages.findIndex(({ eventTime }) => eventTime > START + 3 * DAY_MS + 5 * HOUR_MS);
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages.slice(0, cut)));
      await consumeOnce(topic);
      await topic.append(outgoing(messages.slice(cut)));
      const { counts } = await consumeOnce(topic, { windows: ["1h", "1d", "1w"] });
      expect(counts.late).toBe(0);
      const since = (time: number) => candles.filter(({ openTime }) => openTime >= time);
      const ended = (time: number, end: number) => since(time).filter(({ openTime }) => openTime < end);
      const end = START + 14 * DAY_MS;
      expect(await publishedDays(workspace)).toEqual(expectedDays(ended(START, end)));
      expect(await publishedCandles(workspace, "1h")).toEqual(
        expectedWindows(ended(START + 3 * DAY_MS, end), "1h"),
      );
      expect(await publishedCandles(workspace, "1w")).toEqual(
        expectedWindows(ended(START + 7 * DAY_MS, end), "1w"),
      );
    });
  });

  it("are published while they are open where it is asked for, and taken back when they close", async () => {
    const candles = madeUpMinutes(4, "BTCUSDT", START, 210);
    const messages = finals(candles, "1m");
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages.slice(0, 90)));
      await consumeOnce(topic, { windows: ["1h"], emitOpen: true });
      const open = await publishedCandles(workspace, "1h");
      expect(open.map(({ parts, complete }) => [parts, complete])).toEqual([
        [60, false],
        [30, false],
      ]);
      await topic.append(outgoing(messages.slice(90)));
      await consumeOnce(topic);
      expect(await publishedCandles(workspace, "1h")).toEqual(expectedWindows(candles.slice(0, 120), "1h"));
    });
  });

  it("survive the loss of the checkpoint", async () => {
    const candles = market(300);
    await withTopic(async (topic) => {
      await topic.append(outgoing(finals(candles, "1m")));
      await consumeOnce(topic, { windows: ["1h"] });
      const published = await publishedCandles(workspace, "1h");
      for (const end of ["", "-wal", "-shm"])
        await rm(join(workspace.root, "data", `checkpoint.db${end}`), { force: true });
      await consumeOnce(topic, { windows: ["1h"] });
      expect(await publishedCandles(workspace, "1h")).toEqual(published);
      expect(published).toHaveLength(8);
    });
  });
});

describe("candles of other intervals than the minute", () => {
  it("make the windows that they divide; of several series the one that covers more is published", async () => {
    const minutes = market(2 * 1_440 + 120);
    const holed = minutes.filter(({ openTime }) => Math.floor((openTime - START) / HOUR_MS) !== 7);
    const messages = [...finals(holed, "1m"), ...finals(folded(minutes, "1h"), "1h")];
    messages.sort((a, b) => a.eventTime - b.eventTime);
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages));
      const { counts } = await consumeOnce(topic, { windows: ["30m", "1d"] });
      expect(counts).toMatchObject({ unfit: 0, late: 0 });
      const days = await publishedDays(workspace);
      const expected = expectedDays(minutes.filter(({ openTime }) => openTime < START + 2 * DAY_MS));
      // The first day has a gap in its minutes, and none in its hours.
      expect(days).toEqual(expected);
      const halves = await publishedCandles(workspace, "30m");
      expect(halves.every(({ made_from }) => made_from === "1m")).toBe(true);
    });
  });

  it("are counted once beside tickers, which belong to the minutes", async () => {
    const hours = folded(madeUpMinutes(6, "BTCUSDT", START, 26 * 60), "1h");
    const tickers = hours.map(({ symbol, openTime }) => {
      return { type: "ticker" as const, symbol, price: "1.00", eventTime: openTime + HOUR_MS };
    });
    const messages = [...finals(hours, "1h"), ...tickers].sort((a, b) => a.eventTime - b.eventTime);
    await withTopic(async (topic) => {
      await topic.append(outgoing(messages));
      const { windows, closed } = await consumeOnce(topic, { windows: ["4h", "1d"] });
      expect(windows).toEqual([
        { length: "4h", closed: 6 },
        { length: "1d", closed: 1 },
      ]);
      expect(closed).toEqual(await publishedDays(workspace));
      expect(closed).toMatchObject([{ minutes: 1_440, complete: true }]);
    });
  });

  it("that divide no window are counted", async () => {
    const hours = folded(market(300), "1h");
    await withTopic(async (topic) => {
      await topic.append(outgoing(finals(hours, "1h")));
      const { counts, windows } = await consumeOnce(topic, { windows: ["5m"] });
      expect(counts).toMatchObject({ klines: hours.length, unfit: hours.length });
      expect(windows).toEqual([{ length: "5m", closed: 0 }]);
    });
  });

  it.each([
    ["3d", "3d", [1, 1, 1, 1, 1, 1, 1]],
    ["1w", "1w", [1, 1, 1]],
    ["1d", "1M", [30, 31, 30]],
  ] as const)("of %s are the windows of %s", async (interval, length, parts) => {
    const from = ceilToInterval(START, interval);
    const all = parts.reduce((sum: number, part) => sum + part, 1);
    const candles = madeUpMinutes(5, "BTCUSDT", 0, all).map((candle, i) => ({
      ...candle,
      openTime: (from + i * intervalMs(interval)) as EpochMs,
    }));
    await withTopic(async (topic) => {
      await topic.append(outgoing(finals(candles, interval)));
      await consumeOnce(topic, { windows: [length] });
      const rows = await publishedCandles(workspace, length);
      expect(rows).toEqual(expectedWindows(candles.slice(0, -1), length, interval));
      expect(rows.map((row) => row.parts)).toEqual(parts);
      expect(rows.map((row) => row.expected)).toEqual(parts);
    });
  });

  it("of a day each are the day, without a number of minutes", async () => {
    const days = folded(market(3 * 1_440), "1d");
    await withTopic(async (topic) => {
      await topic.append(outgoing(finals(days, "1d")));
      await consumeOnce(topic);
      const published = await publishedDays(workspace);
      expect(published).toEqual(expectedDays(market(2 * 1_440)).map((day) => ({ ...day, minutes: null })));
    });
  });
});
