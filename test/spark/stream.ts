import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Candle } from "../../src/candle/candle.ts";
import { foldCandles } from "../../src/candle/foldDay.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { consumeOnSpark } from "../../src/spark/consumeOnSpark.ts";
import type { SparkHome } from "../../src/spark/home.ts";
import { identityOf } from "../../src/spark/process.ts";
import { settleSession } from "../../src/spark/sparkEngine.ts";
import { runningServer, startSpark } from "../../src/spark/sparkServer.ts";
import { connectSpark } from "../../src/spark/sparkSession.ts";
import { consume } from "../../src/speed/consume/consume.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/time/epoch.ts";
import { floorToInterval, type Interval } from "../../src/time/interval.ts";
import { openTopic } from "../../src/topic/openTopic.ts";
import { tableRows } from "../../testkit/batch.ts";
import { type Broker, noBroker, startBroker } from "../../testkit/broker.ts";
import { startCandlebook } from "../../testkit/candlebook.ts";
import { freePort, type TestSpark } from "../../testkit/spark.ts";
import {
  disorder,
  expectedDays,
  klineMessage,
  madeUpMinutes,
  messagesOf,
  outgoing,
  publishedCandles,
  publishedDays,
} from "../../testkit/stream.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

let broker: Broker;
let brokers: string[];

const NOW = "2025-08-20T00:00:00Z";
const START = Date.parse("2025-08-15T00:00:00Z");
const SYMBOLS = ["BTCUSDT", "ETHUSDT"];
const DAYS = 2;

/** Two days and two hours of two symbols; what the stream says of them, delayed by up to half an hour. */
function market(seed: number) {
  const candles = SYMBOLS.flatMap((symbol, i) => madeUpMinutes(seed + i, symbol, START, DAYS * 1440 + 120));
  const random = seededRandom(seed);
  const messages = disorder(
    candles.flatMap((candle) => messagesOf(candle, random)),
    seed,
    30 * MINUTE_MS,
  );
  const whole = candles.filter(({ openTime }) => openTime < START + DAYS * 1440 * MINUTE_MS);
  return { candles, messages, expected: expectedDays(whole) };
}

async function withWorkspace(work: (workspace: Workspace) => Promise<void>) {
  const workspace = await scratchWorkspace(NOW);
  try {
    await work(workspace);
  } finally {
    await rm(workspace.root, { recursive: true, force: true });
  }
}

async function once(home: SparkHome, workspace: Workspace, topic: string, windows?: readonly Interval[]) {
  const session = await connectSpark(home, undefined);
  try {
    await settleSession(session);
    return await consumeOnSpark(session, workspace, { brokers, topic, windows, once: true });
  } finally {
    await session.close();
  }
}

/** A table's rows in one order; of late events without the watermark: Spark has one, we have one for each symbol. */
function rowsAside(workspace: Workspace, table: "late_events" | "poison_messages") {
  const columns = table === "late_events" ? "* EXCLUDE (watermark)" : "*";
  return tableRows<object>(workspace, table, columns).then((rows) =>
    rows
      .map((row) => JSON.stringify(row, (_, value) => (typeof value === "bigint" ? Number(value) : value)))
      .sort(),
  );
}

function late(candle: Candle) {
  const changed = { ...candle, close: candle.high, trades: 1_000_000 };
  return klineMessage(changed, true, candle.openTime + MINUTE_MS);
}

function expectedHours(minutes: readonly Candle[]): Candle[] {
  const key = ({ symbol, openTime }: Candle) => `${symbol} ${floorToInterval(openTime, "1h")}`;
  return [...Map.groupBy(minutes, key).values()].map(foldCandles);
}

/** Messages that make no minute: poison of nine kinds, an unknown type, a price. */
function strange(candle: Candle): { key: null; value: string }[] {
  const kline = klineMessage(candle, true, candle.openTime + MINUTE_MS);
  const values = [
    "{",
    '{"type":"kline"}',
    '{"type":"trade"}',
    { ...kline, v: 3 },
    { ...kline, open: Number(kline.open) },
    { ...kline, high: "0.01" },
    { ...kline, openTime: kline.openTime + 1 },
    { ...kline, eventTime: Date.now() + 86_400_000 },
    { ...kline, market: "simulated" },
    { type: "ticker", symbol: "BTCUSDT", price: "0", eventTime: kline.eventTime },
    { type: "ticker", symbol: "BTCUSDT", price: "1.5", eventTime: kline.eventTime },
  ];
  return values.map((value) => ({
    key: null,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
}

/** The topic forgets all that it has. */
async function forget(topic: string) {
  const admin = new Kafka({ clientId: "test", brokers, logLevel: logLevel.NOTHING }).admin();
  try {
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({
      topic,
      partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
    });
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  } finally {
    await admin.disconnect();
  }
}

/** The stream, on the shared server, which is killed and started again. */
export function streamTests({ home, reason: noSpark }: TestSpark): void {
  const reason = noBroker ?? noSpark;
  if (reason !== null) console.log(`skipped: the stream on Spark. ${reason}`);
  describe.skipIf(reason !== null)("the stream on Spark", () => {
    beforeAll(async () => {
      broker = await startBroker();
      brokers = [broker.address];
    });
    afterAll(() => broker.stop());

    it("closes the same windows as the embedded consumer, in any order, over restarts; late updates change none, and what is no update is kept as there", () =>
      withWorkspace(async (workspace) => {
        const { candles, messages, expected } = market(11);
        const topic = await openTopic(workspace, { brokers, name: "order", partitions: 3 });
        const half = Math.floor(messages.length / 2);
        await topic.append([...strange(candles[0]), ...outgoing(messages.slice(0, half))]);
        await once(home, workspace, "order");
        await topic.append(outgoing(messages.slice(half)));
        const second = await once(home, workspace, "order");
        expect(second.days).toEqual(expected);
        expect(second.late).toBe(0);
        expect(await publishedDays(workspace)).toEqual(expected);
        await withWorkspace(async (other) => {
          const { counts } = await consume(other, topic, { once: true });
          expect(await publishedDays(other)).toEqual(expected);
          const tickers = messages.filter(({ type }) => type === "ticker").length + 1;
          expect(second).toMatchObject({
            poison: counts.poison,
            unknown: counts.unknown,
            tickers,
            unseen: 0,
          });
          expect([counts.poison, counts.unknown]).toEqual([9, 1]);
          const poison = await rowsAside(workspace, "poison_messages");
          expect(poison).toHaveLength(9);
          expect(poison).toEqual(await rowsAside(other, "poison_messages"));
          await topic.append(outgoing([late(candles[10]), late(candles[700]), late(candles[1441])]));
          await consume(other, topic, { once: true });
          expect((await once(home, workspace, "order")).late).toBe(3);
          const told = await rowsAside(workspace, "late_events");
          expect(told).toHaveLength(3);
          expect(told).toEqual(await rowsAside(other, "late_events"));
          // As after a server's death: Spark's own counts are gone, its checkpoint is there.
          const journal = join(workspace.root, "data", "spark_stream", "1d", "aside");
          await rm(journal, { recursive: true });
          expect(await once(home, workspace, "order")).toMatchObject({ ...second, read: 0, late: 3 });
          expect(await rowsAside(workspace, "late_events")).toEqual(told);
          expect(await rowsAside(workspace, "poison_messages")).toEqual(poison);
          // And where the topic no longer has them: said, with their number.
          await rm(journal, { recursive: true });
          const unseen = await forget("order");
          expect(await once(home, workspace, "order")).toMatchObject({ late: 0, poison: 0, unseen });
        });
        expect(await publishedDays(workspace)).toEqual(expected);
        await topic.close();
      }));

    it("closes windows of several lengths from candles of several, as the embedded consumer does; an update can be late for one alone", () =>
      withWorkspace(async (workspace) => {
        const lengths: Interval[] = ["1h", "1d"];
        const minutes = SYMBOLS.flatMap((symbol, i) => madeUpMinutes(31 + i, symbol, START, 1440 + 181));
        const hours = expectedHours(minutes.filter(({ openTime }) => openTime < START + 27 * HOUR_MS));
        // The second hour lacks a minute: the own candle of that hour is more.
        const holed = minutes.filter(({ openTime }) => openTime !== START + 70 * MINUTE_MS);
        const messages = [
          ...holed.map((one) => klineMessage(one, true, one.openTime + MINUTE_MS)),
          ...hours.map((one) => klineMessage(one, true, one.openTime + HOUR_MS, "1h")),
        ].sort((a, b) => a.eventTime - b.eventTime);
        const topic = await openTopic(workspace, { brokers, name: "lengths", partitions: 1 });
        await topic.append(outgoing(messages));
        const first = await once(home, workspace, "lengths", lengths);
        expect(first).toMatchObject({ poison: 0, late: 0, read: messages.length });
        await topic.append(outgoing([late(minutes[1440 + 10])]));
        // Without a list: the windows of the checkpoint.
        const second = await once(home, workspace, "lengths");
        expect(second).toMatchObject({ days: first.days, windows: first.windows, late: 1 });
        await expect(once(home, workspace, "lengths", ["1d"])).rejects.toMatchObject({
          code: "other_windows",
        });
        await withWorkspace(async (other) => {
          await consume(other, topic, { once: true, windows: lengths });
          expect(await rowsAside(workspace, "late_events")).toEqual(await rowsAside(other, "late_events"));
          expect(await publishedDays(workspace)).toEqual(await publishedDays(other));
          const found = await publishedCandles(workspace, "1h");
          expect(found).toEqual(await publishedCandles(other, "1h"));
          const own = found.filter((row) => row.made_from === "1h");
          expect(own.map((row) => [row.symbol, row.open_time, row.parts])).toEqual(
            SYMBOLS.map((symbol) => [symbol, START + HOUR_MS, 1]),
          );
          expect(second.windows).toEqual([
            { length: "1h", closed: found.length },
            { length: "1d", closed: 2 },
          ]);
        });
        await topic.close();
      }));

    it("loses and doubles nothing when the client and then the server are killed", () =>
      withWorkspace(async (workspace) => {
        const { messages, expected } = market(23);
        const topic = await openTopic(workspace, { brokers, name: "killed", partitions: 3 });
        const third = Math.floor(messages.length / 3);
        await topic.append(outgoing(messages.slice(0, third)));
        const server = await runningServer(home);
        const client = startCandlebook(
          [
            ...["consume", "--engine", "spark", "--spark-url", `sc://127.0.0.1:${server?.port}`],
            ...["--brokers", brokers[0], "--topic", "killed", "--workspace", workspace.root, "--now", NOW],
          ],
          { CANDLEBOOK_SPARK_TOKEN: server?.token ?? "" },
        );
        const checkpointed = `${workspace.root}/data/spark_stream/1d/checkpoint/commits/0`;
        await expect.poll(() => existsSync(checkpointed), { timeout: 600_000, interval: 100 }).toBe(true);
        client.child.kill("SIGKILL");
        await client.finished;
        await topic.append(outgoing(messages.slice(third, 2 * third)));
        process.kill(server?.pid as number, "SIGKILL");
        await expect.poll(() => identityOf(server?.pid as number)).toBeNull();
        await topic.append(outgoing(messages.slice(2 * third)));
        const again = await startSpark(home, { port: await freePort(), threads: 2, memory: "1GB" });
        expect(again.already).toBe(false);
        expect((await once(home, workspace, "killed")).days).toEqual(expected);
        expect(await publishedDays(workspace)).toEqual(expected);
        await topic.close();
      }));
  });
}
