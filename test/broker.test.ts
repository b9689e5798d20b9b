import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Candle } from "../src/candle/candle.ts";
import type { MarketClaim, Workspace } from "../src/core/workspace.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { snapshot } from "../src/speed/consume/snapshot.ts";
import { exchangeClock } from "../src/speed/produce/exchangeClock.ts";
import { produce } from "../src/speed/produce/produce.ts";
import { ProducerBuffer } from "../src/speed/produce/producerBuffer.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../src/time/epoch.ts";
import { KAFKA_CLIENTS, type KafkaClient, openTopic } from "../src/topic/openTopic.ts";
import type { Topic } from "../src/topic/topic.ts";
import { type Broker, noBroker, startBroker } from "../testkit/broker.ts";
import { IMPATIENT, run, startLive, until } from "../testkit/live.ts";
import {
  disorder,
  expectedDays,
  klineMessage,
  madeUpMinutes,
  outgoing,
  publishedDays,
  streamOf,
} from "../testkit/stream.ts";

const START = Date.UTC(2025, 5, 2);
const NOW = START + 30 * DAY_MS;

let broker: Broker;
let folder: string;
let count = 0;
beforeAll(async () => {
  if (noBroker !== null) {
    console.warn(`skipped: ${noBroker}`);
    return;
  }
  folder = await mkdtemp(join(tmpdir(), "candlebook-broker-"));
  broker = await startBroker();
});
afterAll(async () => {
  await broker?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const freshWorkspace = (): Workspace => {
  count += 1;
  return {
    root: join(folder, String(count)),
    clock: () => NOW,
    resources: { threads: 1, memory: "256MB" },
  };
};
const open = (workspace: Workspace, name: string, partitions = 3, client: KafkaClient = "platformatic") =>
  openTopic(workspace, { brokers: [broker.address], client, name, partitions });

const market = (seed: number, days: number): Candle[] =>
  ["BTCUSDT", "ETHUSDT"].flatMap((symbol, i) =>
    madeUpMinutes(seed * 10 + i, symbol, START, days * 1_440 + 90),
  );
const closedOf = (candles: readonly Candle[], days: number) =>
  expectedDays(candles.filter(({ openTime }) => openTime < START + days * DAY_MS));

/** Sends again and again what the broker does not take. */
const stubborn = (topic: Topic) =>
  new ProducerBuffer({ topic, bound: 1e6, retryMs: 100, effects: {}, onPressure: () => {} });

/** A consumer that runs until it is stopped, and what it says. */
function keepConsuming(workspace: Workspace, reader: Topic) {
  const controller = new AbortController();
  const notes: string[] = [];
  const consuming = consume(
    workspace,
    reader,
    { batch: { messages: 500, ms: 200 } },
    { signal: controller.signal, progress: ({ note }) => notes.push(note) },
  );
  consuming.catch(() => {});
  return {
    hasRead: () => notes.some((note) => note.startsWith("lag 0, watermark B")),
    saysItIsDown: () => notes.some((note) => note.includes("No Kafka broker")),
    stop: async () => {
      controller.abort();
      await expect(consuming).rejects.toMatchObject({ code: "interrupted" });
    },
  };
}

describe.skipIf(noBroker !== null)("the speed layer on a real broker", () => {
  it.each(KAFKA_CLIENTS.flatMap((client) => [1, 3, 16].map((partitions) => [client, partitions] as const)))(
    "gives the batch layer's rows (%s, %i partitions)",
    async (client, partitions) => {
      const candles = market(partitions, 2);
      const workspace = freshWorkspace();
      const topic = await open(workspace, `rows-${client}-${partitions}`, partitions, client);
      const messages = disorder(streamOf(candles), 4, 40 * MINUTE_MS);
      await topic.append(outgoing(messages, partitions !== 16));
      const { counts } = await consume(workspace, topic, {
        once: true,
        batch: { messages: 2_000, ms: 10_000 },
      });
      // At least once: a request that a broker answers too late is in the topic twice.
      const held = (await topic.ranges()).reduce((sum, { end }) => sum + end, 0);
      expect(held).toBeGreaterThanOrEqual(messages.length);
      expect(counts).toMatchObject({ read: held, late: 0, poison: 0 });
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 2));
      expect((await consume(workspace, topic, { once: true })).counts.read).toBe(0);
      expect((await snapshot(workspace, topic)).counts.read).toBe(held);
      await topic.close();
    },
  );

  it("loses and doubles nothing while the broker is killed, hangs and starts again under producers and a consumer", async () => {
    const start = Date.UTC(2025, 5, 3, 23);
    const live = await startLive({ root: freshWorkspace().root, start });
    const clock = exchangeClock(live.workspace.clock);
    const topic = await openTopic(live.workspace, {
      brokers: [broker.address],
      name: "killed",
      clock: clock.now,
    });
    const controller = new AbortController();
    const notes: string[] = [];
    const result = produce(
      live.workspace,
      {
        symbols: ["BTCUSDT", "ETHUSDT"],
        topic,
        clock,
        streamUrl: live.simulator.streamUrl,
        exchange: live.exchange,
        patience: IMPATIENT,
        bound: 2_000,
      },
      { signal: controller.signal, progress: ({ note }) => notes.push(note) },
    );
    result.catch(() => {});
    const day = market(5, 1);
    const messages = streamOf(day);
    const half = Math.floor(messages.length / 2);
    const workspace = freshWorkspace();
    const [writer, reader] = [await open(workspace, "resumed"), await open(workspace, "resumed")];
    await writer.append(outgoing(messages.slice(0, half)));
    const consumer = keepConsuming(workspace, reader);
    await until("the consumer has read the first half", consumer.hasRead, 60);
    await until("the stream is connected", () => live.simulator.sockets() > 0);
    await run(live.clock, 20 * MINUTE_MS, 1_000);
    await broker.kill();
    await run(live.clock, 60 * MINUTE_MS, 1_000);
    await until("it says that the broker is down", () =>
      notes.some((note) => note.includes("No Kafka broker")),
    );
    await until("the consumer says so too", consumer.saysItIsDown, 60);
    await broker.start();
    const buffer = stubborn(writer);
    buffer.push(messages.slice(half));
    await run(live.clock, 30 * MINUTE_MS, 1_000);
    broker.freeze();
    await run(live.clock, 20 * MINUTE_MS, 1_000);
    broker.thaw();
    await run(live.clock, 20 * MINUTE_MS, 1_000);
    const last = start + 149 * MINUTE_MS;
    const days = async () => (await snapshot(live.workspace, topic)).days;
    await until("the last minute is there", async () => {
      const minutes = (await days()).filter(({ day }) => day === "2025-06-04").map(({ minutes }) => minutes);
      return minutes.length === 2 && minutes.every((n) => (n ?? 0) >= 90);
    });
    controller.abort();
    await result.catch(() => {});
    await consume(live.workspace, topic, { once: true });
    const closed = ["BTCUSDT", "ETHUSDT"].flatMap((symbol) =>
      live.minutes(symbol, start, start + 60 * MINUTE_MS),
    );
    expect(await publishedDays(live.workspace)).toEqual(expectedDays(closed as Candle[]));
    const still = ["BTCUSDT", "ETHUSDT"].flatMap((symbol) =>
      live.minutes(symbol, start + 60 * MINUTE_MS, last + MINUTE_MS),
    );
    expect((await days()).filter(({ day }) => day === "2025-06-04").map(({ volume }) => volume)).toEqual(
      expectedDays(still as Candle[]).map(({ volume }) => volume),
    );
    await buffer.flush();
    await until("the day has closed", async () => (await publishedDays(workspace)).length === 2, 60);
    await consumer.stop();
    expect(await publishedDays(workspace)).toEqual(closedOf(day, 1));
    expect(positionsOf("resumed")).toEqual((await reader.ranges()).map(({ end }) => [end, end, 0]));
    await Promise.all([topic, writer, reader].map((one) => one.close()));
    await live.close();
  });

  it("loses and doubles nothing while the leader of every partition is killed, and another one takes over", async () => {
    // The groups' own topic must not lie with the broker that is going to die: it has one replica.
    const first = await open(freshWorkspace(), "groups", 1);
    await first.reportOffsets?.([0]);
    await first.close();
    const leader = await broker.join();
    const candles = market(6, 1);
    const messages = streamOf(candles);
    const third = Math.floor(messages.length / 3);
    const streams = await Promise.all(
      KAFKA_CLIENTS.map(async (client) => {
        const name = `led-${client}`;
        topicTool("--create", "--topic", name, "--replica-assignment", "2:1,2:1,2:1");
        const workspace = freshWorkspace();
        const options = { brokers: [broker.address, leader.address], client, name };
        const [writer, reader] = [await openTopic(workspace, options), await openTopic(workspace, options)];
        const buffer = stubborn(writer);
        const consumer = keepConsuming(workspace, reader);
        const close = async () => {
          await consumer.stop();
          await Promise.all([writer.close(), reader.close()]);
        };
        return { client, workspace, buffer, consumer, close };
      }),
    );
    for (const { buffer } of streams) buffer.push(messages.slice(0, third));
    for (const { client, consumer } of streams) {
      await until(`${client} has read the first third`, consumer.hasRead, 60);
    }
    for (const { buffer } of streams) buffer.push(messages.slice(third, 2 * third));
    expect(leadersOf("led-")).toEqual(Array(6).fill(2));
    await leader.kill();
    for (const { buffer } of streams) buffer.push(messages.slice(2 * third));
    for (const { client, buffer, workspace, close } of streams) {
      await buffer.flush();
      await until(
        `the day has closed with ${client}`,
        async () => (await publishedDays(workspace)).length === 2,
        60,
      );
      expect(await publishedDays(workspace)).toEqual(closedOf(candles, 1));
      await close();
    }
    expect(leadersOf("led-")).toEqual(Array(6).fill(1));
  });

  it("notices messages that are gone, and a topic that was made anew", async () => {
    const candles = madeUpMinutes(9, "BTCUSDT", START, 1_530);
    const messages = candles.map((candle) => klineMessage(candle, true, candle.openTime + MINUTE_MS));
    const workspace = freshWorkspace();
    const exchange = {
      time: async () => (START + DAY_MS + 90 * MINUTE_MS) as EpochMs,
      candles: async (_: unknown, { from, to }: { from: number; to: number }) =>
        candles.filter(({ openTime }) => openTime >= from && openTime < to),
    };
    let topic: Topic = await open(workspace, "gone", 1);
    await topic.append(outgoing(messages.slice(0, 500)));
    await consume(workspace, topic, { once: true });
    await topic.append(outgoing(messages.slice(500)));
    await deleteBefore(topic, 800);
    await expect(consume(workspace, topic, { once: true })).rejects.toMatchObject({
      code: "offsets_lost",
      message: expect.stringContaining("offsets 500 to 799"),
    });
    const { lost } = await consume(workspace, topic, { once: true, exchange });
    expect(lost).toEqual([{ partition: 0, from: 500, to: 800, why: "expired" }]);
    expect(await publishedDays(workspace)).toEqual(closedOf(candles, 1));
    await topic.close();

    topicTool("--delete", "--topic", "gone");
    await until("the topic is made anew", async () => {
      topic = await open(workspace, "gone", 1);
      const [{ end }] = await topic.ranges();
      if (end > 0) await topic.close();
      return end === 0;
    });
    await topic.append(outgoing([...messages.slice(1), ...messages]));
    await expect(consume(workspace, topic, { once: true })).rejects.toMatchObject({ code: "offsets_lost" });
    await topic.close();
  });

  it("takes a simulated stream's market from the topic into no other workspace", async () => {
    const workspace = freshWorkspace();
    const topic = await open(workspace, "made-up", 1);
    const [candle] = madeUpMinutes(1, "BTCUSDT", START, 1);
    await topic.append(outgoing([{ ...klineMessage(candle, true, START + MINUTE_MS), market: "simulated" }]));
    expect((await snapshot(workspace, topic)).days).toEqual([]);
    const market: MarketClaim = { schema: 1, market: "simulated", seed: 1, now: NOW };
    const simulated = { ...freshWorkspace(), market };
    expect((await snapshot(simulated, topic)).days).toHaveLength(1);
    await topic.close();
  });
});

/** Retention, as the broker's own tool does it. */
async function deleteBefore(topic: Topic, offset: number): Promise<void> {
  const file = join(folder, "delete.json");
  const name = topic.id.replace("kafka:", "");
  const partitions = [{ topic: name, partition: 0, offset }];
  await writeFile(file, JSON.stringify({ partitions, version: 1 }));
  broker.tool("org.apache.kafka.tools.DeleteRecordsCommand", [
    "--bootstrap-server",
    broker.address,
    "--offset-json-file",
    file,
  ]);
}

/** The consumer's position, the topic's end and the lag, by partition, as the broker's own tool tells them. */
function positionsOf(topic: string): number[][] {
  const words = ["--bootstrap-server", broker.address, "--describe", "--group", "candlebook"];
  return broker
    .tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", words)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([group, name]) => group === "candlebook" && name === topic)
    .sort((a, b) => Number(a[2]) - Number(b[2]))
    .map((cells) => cells.slice(3, 6).map(Number));
}

function topicTool(...words: string[]): string {
  return broker.tool("org.apache.kafka.tools.TopicCommand", ["--bootstrap-server", broker.address, ...words]);
}

/** Which broker leads each partition of the topics whose names begin so, as the broker's own tool tells it. */
function leadersOf(prefix: string): number[] {
  const lines = topicTool("--describe").split("\n");
  return lines.flatMap((line) => {
    const [, name, leader] = /Topic: (\S+)\s+Partition: \d+\s+Leader: (\d+)/.exec(line) ?? [];
    return name?.startsWith(prefix) ? [Number(leader)] : [];
  });
}
