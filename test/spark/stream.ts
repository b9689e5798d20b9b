import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Candle } from "../../src/candle/candle.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { consumeOnSpark } from "../../src/spark/consume.ts";
import { settleSession } from "../../src/spark/engine.ts";
import type { SparkHome } from "../../src/spark/home.ts";
import { identityOf } from "../../src/spark/process.ts";
import { runningServer, startSpark } from "../../src/spark/server.ts";
import { connectSpark } from "../../src/spark/session.ts";
import { consume } from "../../src/speed/consume.ts";
import { MINUTE_MS } from "../../src/time/epoch.ts";
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

async function once(home: SparkHome, workspace: Workspace, topic: string) {
  const session = await connectSpark(home, undefined);
  try {
    await settleSession(session);
    return await consumeOnSpark(session, workspace, { brokers, topic, once: true });
  } finally {
    await session.close();
  }
}

/** What came too late, but for the watermark: Spark has one, we have one for each symbol. */
function lateEvents(workspace: Workspace) {
  const columns = "* EXCLUDE (watermark)";
  return tableRows<object>(workspace, "late_events", columns).then((rows) =>
    rows
      .map((row) => JSON.stringify(row, (_, value) => (typeof value === "bigint" ? Number(value) : value)))
      .sort(),
  );
}

function late(candle: Candle) {
  const changed = { ...candle, close: candle.high, trades: 1_000_000 };
  return klineMessage(changed, true, candle.openTime + MINUTE_MS);
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

    it("closes the same windows as the embedded consumer, in any order, over restarts; late updates change none", () =>
      withWorkspace(async (workspace) => {
        const { candles, messages, expected } = market(11);
        const topic = await openTopic(workspace, { brokers, name: "order", partitions: 3 });
        const half = Math.floor(messages.length / 2);
        await topic.append(outgoing(messages.slice(0, half)));
        await once(home, workspace, "order");
        await topic.append(outgoing(messages.slice(half)));
        const second = await once(home, workspace, "order");
        expect(second.days).toEqual(expected);
        expect(second.late).toBe(0);
        expect(await publishedDays(workspace)).toEqual(expected);
        await withWorkspace(async (other) => {
          await consume(other, topic, { once: true });
          expect(await publishedDays(other)).toEqual(expected);
          await topic.append(outgoing([late(candles[10]), late(candles[700]), late(candles[1441])]));
          await consume(other, topic, { once: true });
          expect((await once(home, workspace, "order")).late).toBe(3);
          const told = await lateEvents(workspace);
          expect(told).toHaveLength(3);
          expect(told).toEqual(await lateEvents(other));
          // As after a server's death: Spark's own counts are gone, its checkpoint is there.
          await rm(join(workspace.root, "data", "spark_stream", "late"), { recursive: true });
          expect((await once(home, workspace, "order")).late).toBe(3);
          expect(await lateEvents(workspace)).toEqual(told);
        });
        expect(await publishedDays(workspace)).toEqual(expected);
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
        const checkpointed = `${workspace.root}/data/spark_stream/checkpoint/commits/0`;
        await expect.poll(() => existsSync(checkpointed), { timeout: 120_000, interval: 100 }).toBe(true);
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
