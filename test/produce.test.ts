import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Candle } from "../src/candle/candle.ts";
import { outsideError } from "../src/core/errors.ts";
import { REAL_MARKET } from "../src/lake/marketClaim.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { snapshot } from "../src/speed/consume/snapshot.ts";
import { exchangeClock } from "../src/speed/produce/exchangeClock.ts";
import { type ProduceOptions, type ProduceResult, produce } from "../src/speed/produce/produce.ts";
import { producersOf } from "../src/speed/produce/producerStates.ts";
import type { Day } from "../src/time/day.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../src/time/epoch.ts";
import { decodeMessage } from "../src/topic/message.ts";
import type { Topic } from "../src/topic/topic.ts";
import { IMPATIENT, type Live, run, startLive, until } from "../testkit/live.ts";
import {
  embeddedTopic,
  expectedDays,
  expectedWindows,
  publishedCandles,
  publishedDays,
} from "../testkit/stream.ts";
import { readAll } from "./topicContract.ts";

const START = Date.UTC(2025, 5, 3, 12);
const SYMBOLS = ["BTCUSDT", "ETHUSDT"];

let folder: string;
let count = 0;
let live: Live;
const controllers: AbortController[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-produce-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  count += 1;
});
afterEach(async () => {
  for (const controller of controllers.splice(0)) controller.abort();
  await live.close();
});

const begin = async (faults: FaultRule[] = [], start = START, more = {}) => {
  live = await startLive({ root: join(folder, String(count)), start, faults, ...more });
};

/** Starts the producer; `finish` lets it come to its end. */
function starting(options: Partial<ProduceOptions> = {}) {
  const controller = new AbortController();
  controllers.push(controller);
  const notes: string[] = [];
  const result: Promise<ProduceResult> = produce(
    live.workspace,
    {
      symbols: SYMBOLS,
      topic: live.topic,
      clock: live.learnt,
      streamUrl: live.simulator.streamUrl,
      exchange: live.exchange,
      patience: IMPATIENT,
      ...options,
    },
    { signal: controller.signal, progress: ({ note }) => notes.push(note) },
  );
  result.catch(() => {});
  return { result, notes, abort: () => controller.abort() };
}

/** Open times of the final minutes in the topic, by symbol. */
async function finals(): Promise<Map<string, Set<number>>> {
  const times = new Map(SYMBOLS.map((symbol) => [symbol, new Set<number>()]));
  for (const { value } of await readAll(live.topic)) {
    const update = decodeMessage(value);
    if (update.kind === "kline" && update.final) times.get(update.candle.symbol)?.add(update.candle.openTime);
  }
  return times;
}

const has = async (openTime: number) => [...(await finals()).values()].every((times) => times.has(openTime));

/** Every minute of [from, to) is in the topic, final, for both symbols. */
async function nothingMissing(from: number, to: number): Promise<void> {
  const expected = Array.from({ length: (to - from) / MINUTE_MS }, (_, minute) => from + minute * MINUTE_MS);
  for (const [symbol, times] of await finals()) {
    expect({ symbol, missing: expected.filter((time) => !times.has(time)) }).toEqual({ symbol, missing: [] });
  }
}

const connected = () => until("the stream is connected", () => live.simulator.sockets() > 0);

describe("produce", () => {
  it("brings 1,008 messages into the topic, and snapshot makes two rows of them", async () => {
    await begin();
    const { result } = starting({ messages: 1_008 });
    await connected();
    await run(live.clock, 20 * MINUTE_MS, 1_000);
    expect(await result).toMatchObject({ messages: 1_008, broken: 0, unknown: 0, reconnects: 0, unsent: 0 });
    const records = await readAll(live.topic);
    expect(records).toHaveLength(1_008);
    expect(new Set(records.map(({ key }) => key))).toEqual(new Set(SYMBOLS));
    expect(JSON.parse(records[0].value as string).market).toBe("simulated");
    const { days } = await snapshot(live.workspace, live.topic);
    expect(days.map(({ symbol, day, complete }) => [symbol, day, complete])).toEqual([
      ["BTCUSDT", "2025-06-03", false],
      ["ETHUSDT", "2025-06-03", false],
    ]);
  });

  it.each<[string, FaultRule["fault"], number]>([
    ["closed", { kind: "cut" }, 0],
    ["torn within a frame", { kind: "tear" }, 0],
    ["refused for minutes", { kind: "refuse" }, 5],
    ["losing messages", { kind: "lose", share: 0.2 }, 20],
    ["doubling and reordering", { kind: "reorder", share: 0.3 }, 20],
    ["garbling", { kind: "garble", share: 0.1 }, 20],
    ["sending what nobody knows", { kind: "unknown", share: 0.1 }, 20],
  ] as never)("misses no minute while the stream is %s", async (_, fault, minutes) => {
    const from = START + 3 * MINUTE_MS;
    const rules = [{ on: "stream", from, to: from + minutes * MINUTE_MS || undefined, fault }];
    if ((fault as { kind: string }).kind === "refuse") {
      rules.push({ on: "stream", from, to: undefined, fault: { kind: "cut" } as never });
    }
    await begin(rules as FaultRule[]);
    const { result, abort } = starting();
    await connected();
    await run(live.clock, 4 * MINUTE_MS, 1_000);
    await run(live.clock, 21 * MINUTE_MS, 1_000);
    await until("the stream stands again", () => live.simulator.sockets() > 0);
    await run(live.clock, 5 * MINUTE_MS, 1_000);
    await until("the last minute is there", () => has(START + 29 * MINUTE_MS));
    abort();
    await expect(result).rejects.toMatchObject({ code: "interrupted", exit: 130 });
    await nothingMissing(START, START + 30 * MINUTE_MS);
  });

  it.each(["silent", "dead"])("notices that the socket is %s by the age of its data", async (kind) => {
    const from = START + 3 * MINUTE_MS;
    await begin([{ on: "stream", from, to: from + 30 * MINUTE_MS, fault: { kind } } as FaultRule]);
    const { notes } = starting({ patience: { ...IMPATIENT, silenceMs: 200 } });
    await connected();
    await run(live.clock, 5 * MINUTE_MS, 1_000);
    await until("it is noticed", () => notes.some((note) => note.includes("silent")));
    await run(live.clock, 30 * MINUTE_MS, 5_000);
    await until("the stream stands again", () => live.simulator.sockets() > 0);
    await run(live.clock, 3 * MINUTE_MS, 1_000);
    await until("the last minute is there", () => has(START + 37 * MINUTE_MS));
    await nothingMissing(START, START + 38 * MINUTE_MS);
  });

  it("fetches what was missed while it was not running, before the live frames", async () => {
    await begin();
    const first = starting();
    await connected();
    await run(live.clock, 5 * MINUTE_MS, 1_000);
    await until("five minutes are there", () => has(START + 4 * MINUTE_MS));
    first.abort();
    await first.result.catch(() => {});
    await run(live.clock, 100 * MINUTE_MS, MINUTE_MS);
    starting();
    await connected();
    await until("the missed minutes are there", () => has(START + 104 * MINUTE_MS));
    await run(live.clock, 3 * MINUTE_MS, 1_000);
    await until("the last minute is there", () => has(START + 107 * MINUTE_MS));
    await nothingMissing(START, START + 108 * MINUTE_MS);
    const order = (await readAll(live.topic))
      .filter(({ key }) => key === "BTCUSDT")
      .map(({ value }) => JSON.parse(value as string).eventTime as number);
    const repaired = order.indexOf(START + 105 * MINUTE_MS);
    expect(order.slice(0, repaired).every((time) => time <= START + 105 * MINUTE_MS)).toBe(true);
  });

  it("streams candles of another interval, those that it missed too: the windows are the market's own", async () => {
    await begin();
    const first = starting({ interval: "5m" });
    await connected();
    await run(live.clock, 12 * MINUTE_MS, MINUTE_MS);
    await until("a candle is there", () => has(START + 5 * MINUTE_MS));
    first.abort();
    await first.result.catch(() => {});
    await run(live.clock, 30 * MINUTE_MS, MINUTE_MS);
    const second = starting({ interval: "5m" });
    await connected();
    await until("the missed candles are there", () => has(START + 35 * MINUTE_MS));
    await run(live.clock, 20 * MINUTE_MS, MINUTE_MS);
    await until("the last candle is there", () => has(START + 55 * MINUTE_MS));
    second.abort();
    await second.result.catch(() => {});
    const options = { once: true, lateness: 0, windows: ["15m", "1m"] } as const;
    const { counts } = await consume(live.workspace, live.topic, options);
    expect(counts).toMatchObject({ poison: 0, late: 0, unfit: 0 });
    const minutes = SYMBOLS.flatMap((symbol) => live.minutes(symbol, START, START + HOUR_MS) as Candle[]);
    expect(await publishedCandles(live.workspace, "15m")).toEqual(
      expectedWindows(minutes, "15m").map((row) => ({ ...row, parts: 3, expected: 3, made_from: "5m" })),
    );
  });

  it("streams weeks, which end on Sunday", async () => {
    const monday = Date.UTC(2025, 5, 9);
    const week = monday - 7 * DAY_MS;
    await begin([], monday - 2 * MINUTE_MS);
    const { abort, result } = starting({ interval: "1w" });
    await connected();
    await run(live.clock, 4 * MINUTE_MS, MINUTE_MS);
    await until("the week is there", () => has(week));
    abort();
    await result.catch(() => {});
    await consume(live.workspace, live.topic, { once: true, lateness: 0, windows: ["1w"] });
    const minutes = SYMBOLS.flatMap((symbol) => live.minutes(symbol, week, monday) as Candle[]);
    expect(await publishedCandles(live.workspace, "1w")).toEqual(
      expectedWindows(minutes, "1w").map((row) => ({ ...row, parts: 1, expected: 1, made_from: "1w" })),
    );
  });

  it("goes on with live frames where REST does not answer, and asks again until nothing is owed", async () => {
    const from = START + 3 * MINUTE_MS;
    await begin([
      { on: "stream", from, to: from + 5 * MINUTE_MS, fault: { kind: "refuse" } },
      { on: "stream", from, fault: { kind: "cut" } },
      { on: "rest", from, to: START + 20 * MINUTE_MS, fault: { kind: "status", status: 503 } },
    ]);
    const { notes, result, abort } = starting({ patience: { ...IMPATIENT, owedRetryMs: 50 } });
    await connected();
    await run(live.clock, 12 * MINUTE_MS, 1_000);
    await until("the stream stands again", () => live.simulator.sockets() > 0);
    await run(live.clock, 6 * MINUTE_MS, 1_000);
    await until("live minutes are there", () => has(START + 17 * MINUTE_MS));
    expect(notes.some((note) => note.includes("can't be fetched yet"))).toBe(true);
    expect(await has(START + 5 * MINUTE_MS)).toBe(false);
    await until("the owed minutes are told", () =>
      producersOf(live.workspace).every(({ owed }) => owed >= 5),
    );
    await run(live.clock, 6 * MINUTE_MS, 1_000);
    await until("the last minute is there", () => has(START + 23 * MINUTE_MS));
    await until("the owed minutes are there", () => has(START + 5 * MINUTE_MS));
    await nothingMissing(START, START + 24 * MINUTE_MS);
    await until("none is owed", () => producersOf(live.workspace).every(({ owed }) => owed === 0));
    abort();
    await result.catch(() => {});
  });

  it("holds the exchange up where the broker does not answer, says so, and drops nothing", async () => {
    await begin();
    let down = true;
    const slow: Topic = {
      ...live.topic,
      append: async (messages) => {
        if (down) throw outsideError("topic_unreachable", "No broker answers.", "Start it.");
        await live.topic.append(messages);
      },
    };
    const { notes, result } = starting({ topic: slow, bound: 200, messages: 2_000 });
    await connected();
    await run(live.clock, 30 * MINUTE_MS, 1_000);
    await until("it says so", () => notes.some((note) => note.includes("the stream is paused")));
    expect((await readAll(live.topic)).length).toBe(0);
    down = false;
    await run(live.clock, 10 * MINUTE_MS, 1_000);
    expect(await result).toMatchObject({ messages: 2_000, unsent: 0 });
    const times = (await readAll(live.topic)).map(({ value }) => value);
    expect(times).toHaveLength(2_000);
  });

  it("says that nobody is there, where nobody ever was", async () => {
    await begin();
    const { result } = starting({ streamUrl: "ws://127.0.0.1:9", patience: IMPATIENT });
    await expect(result).rejects.toMatchObject({ code: "stream_unreachable", exit: 3 });
  });

  it("keeps broken frames, and never lets a simulated exchange into another workspace", async () => {
    await begin([{ on: "stream", fault: { kind: "garble", share: 1 } }]);
    const { result } = starting({ forMs: 400 });
    await connected();
    await run(live.clock, MINUTE_MS, 1_000);
    const { broken, messages } = await result;
    expect(messages).toBe(0);
    const kept = await readFile(join(live.workspace.root, "data", "rejected_frames.jsonl"), "utf8");
    expect(kept.trimEnd().split("\n")).toHaveLength(broken);
    const real = { ...live.workspace, root: `${live.workspace.root}-real`, market: REAL_MARKET };
    const attempt = produce(real, {
      symbols: SYMBOLS,
      topic: live.topic,
      clock: live.learnt,
      streamUrl: live.simulator.streamUrl,
      patience: IMPATIENT,
    });
    await expect(attempt).rejects.toMatchObject({ code: "mixed_markets", exit: 2 });
  });
});

describe("a day of the simulated exchange", () => {
  it("with cuts, silence, doubled, lost and reordered messages is the market's own day", async () => {
    const start = Date.UTC(2025, 5, 3);
    const at = (hour: number, minutes: number) => ({
      from: start + hour * 60 * MINUTE_MS,
      to: start + (hour * 60 + minutes) * MINUTE_MS,
    });
    await begin(
      [
        { on: "stream", ...at(2, 1), fault: { kind: "cut" } },
        { on: "stream", ...at(5, 90), fault: { kind: "refuse" } },
        { on: "stream", ...at(5, 1), fault: { kind: "cut" } },
        { on: "stream", ...at(9, 30), fault: { kind: "lose", share: 0.3 } },
        { on: "stream", ...at(11, 60), fault: { kind: "duplicate", share: 0.3 } },
        { on: "stream", ...at(13, 60), fault: { kind: "reorder", share: 0.3 } },
        { on: "stream", ...at(15, 60), fault: { kind: "garble", share: 0.05 } },
        { on: "stream", ...at(18, 1), fault: { kind: "tear" } },
        { on: "stream", ...at(23, 90), fault: { kind: "refuse" } },
        { on: "stream", ...at(23, 1), fault: { kind: "cut" } },
      ] as FaultRule[],
      start,
      { klineEveryMs: 20_000, tickerEveryMs: 60_000 },
    );
    const { result, abort } = starting();
    await connected();
    await run(live.clock, 26 * 60 * MINUTE_MS, 20_000);
    await until("the stream stands again", () => live.simulator.sockets() > 0);
    await run(live.clock, 5 * MINUTE_MS, 1_000);
    await until("the last minute is there", () => has(start + (26 * 60 + 4) * MINUTE_MS));
    abort();
    await result.catch(() => {});
    const { counts } = await consume(live.workspace, live.topic, { once: true });
    expect(counts).toMatchObject({ poison: 0, late: 0 });
    const minutes = SYMBOLS.flatMap((symbol) => live.minutes(symbol, start, start + DAY_MS)) as Candle[];
    expect(await publishedDays(live.workspace)).toEqual(expectedDays(minutes));
  });
});

describe("a recording", () => {
  it("played back, in disorder too, gives the same day", async () => {
    const start = Date.UTC(2025, 5, 3, 20);
    await begin([], start, { klineEveryMs: 20_000, tickerEveryMs: 20_000 });
    const record = join(folder, "frames.jsonl");
    const { result, abort } = starting({ record });
    await connected();
    await run(live.clock, 6 * 60 * MINUTE_MS, 10_000);
    await until("the last minute is there", () => has(start + 359 * MINUTE_MS));
    abort();
    await result.catch(() => {});
    await consume(live.workspace, live.topic, { until: "2025-06-03" as Day });
    const straight = await publishedDays(live.workspace);
    expect(straight).toHaveLength(2);
    expect(straight[0].minutes).toBe(240);
    for (const disorder of [undefined, 1, 2, 3]) {
      const workspace = { ...live.workspace, root: `${live.workspace.root}-${disorder}` };
      const clock = exchangeClock(workspace.clock);
      const topic = embeddedTopic(workspace, { partitions: 3, clock: clock.now });
      const played = await produce(workspace, {
        symbols: SYMBOLS,
        topic,
        clock,
        replay: { path: record, disorder },
      });
      if (disorder !== undefined) expect(played.repaired).toBeGreaterThan(0);
      await consume(workspace, topic, { until: "2025-06-03" as Day });
      expect({ disorder, days: await publishedDays(workspace) }).toEqual({ disorder, days: straight });
      await topic.close();
    }
  });
});
