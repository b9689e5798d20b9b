import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../src/core/random.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { DAY_MS, MINUTE_MS } from "../src/time/epoch.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { type Broker, noBroker, startBroker } from "../testkit/broker.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { tries } from "../testkit/soak.ts";
import {
  disorder,
  expectedDays,
  madeUpMinutes,
  messagesOf,
  outgoing,
  publishedDays,
} from "../testkit/stream.ts";

/** Days of two symbols. */
const DAYS = tries(20, 100);
const KILLS = tries(4, 40);
const START = Date.UTC(2025, 2, 1);
const NOW = START + 200 * DAY_MS;

let folder: string;
let broker: Broker | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-stream-kill-"));
  if (noBroker !== null) console.warn(`skipped: ${noBroker}`);
  else broker = await startBroker();
});
afterAll(async () => {
  await broker?.stop();
  await rm(folder, { recursive: true, force: true });
});

const TITLE = `leaves the undisturbed run's days, each once (${KILLS} kills, %s)`;

describe("kill -9 of a consumer", () => {
  it.each(
    [
      ["the embedded topic", false],
      ["a real broker", true],
    ].filter(([, kafka]) => !kafka || noBroker === null),
  )(TITLE, async (_where, kafka) => {
    const brokers = kafka && broker !== null ? [broker.address] : undefined;
    const days = DAYS / 2;
    const candles = ["BTCUSDT", "ETHUSDT"].flatMap((symbol, i) =>
      madeUpMinutes(i + 1, symbol, START, days * 1_440 + 130),
    );
    const random = seededRandom(7);
    const messages = candles
      .flatMap((candle) => messagesOf(candle, random))
      .sort((a, b) => a.eventTime - b.eventTime);
    const workspaceAt = (name: string): Workspace => ({
      root: join(folder, name),
      clock: () => NOW,
      resources: { threads: 1, memory: "256MB" },
    });
    const workspace = workspaceAt(kafka ? "stormy-kafka" : "stormy");
    const topic = await openTopic(workspace, { brokers, name: "stormy" });
    await topic.append(outgoing(disorder(messages, 3, 50 * MINUTE_MS)));
    const order = JSON.stringify({ root: workspace.root, now: NOW, brokers, topic: "stormy", batch: 300 });
    let killed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const [, signal] = await child(order, 1 + Math.floor(random() * 40));
      if (signal === "SIGKILL") killed += 1;
    }
    expect((await child(order))[0]).toBe(0);
    const expected = expectedDays(candles.filter(({ openTime }) => openTime < START + days * DAY_MS));
    expect(await publishedDays(workspace)).toEqual(expected);
    expect((await consume(workspace, topic, { once: true })).counts.read).toBe(0);
    await topic.close();
    expect(killed).toBeGreaterThan(0);
  });
});

/** Runs a consumer; kill -9 after so many of its steps, however fast the machine is. */
async function child(
  order: string,
  steps = Number.POSITIVE_INFINITY,
): Promise<[number | null, NodeJS.Signals | null]> {
  const consumer = spawn(process.execPath, [join(PROJECT, "testkit/consumeChild.ts"), order], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = 0;
  consumer.stdout.on("data", (dots: Buffer) => {
    told += dots.length;
    if (told >= steps) consumer.kill("SIGKILL");
  });
  return (await once(consumer, "exit")) as [number | null, NodeJS.Signals | null];
}
