import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measured, tries } from "../../../testkit/soak.ts";
import {
  embeddedTopic,
  expectedDays,
  klineMessage,
  madeUpMinutes,
  outgoing,
  publishedDays,
} from "../../../testkit/stream.ts";
import type { Candle } from "../../candle/candle.ts";
import { seededRandom } from "../../core/random.ts";
import type { Workspace } from "../../core/workspace.ts";
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";
import { consume } from "./consume.ts";

const LOSSES = tries(20, 1_000);
const START = Date.UTC(2025, 5, 2);
const NOW = START + 30 * DAY_MS;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-loss-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One loss at random: consumed up to `read`, kept from `kept` on, of `candles.length` messages. */
async function lose(seed: number, candles: readonly Candle[], read: number, kept: number) {
  let now = NOW;
  const root = join(folder, String(seed));
  const workspace: Workspace = { root, clock: () => now, resources: { threads: 1, memory: "256MB" } };
  const topic = embeddedTopic(workspace, { retainMs: HOUR_MS });
  const messages = outgoing(candles.map((candle) => klineMessage(candle, true, candle.openTime + MINUTE_MS)));
  await topic.append(messages.slice(0, read));
  await consume(workspace, topic, { once: true });
  await topic.append(messages.slice(read, kept));
  now += 2 * HOUR_MS;
  await topic.append(messages.slice(kept));
  return { workspace, topic };
}

describe("promise 6: no message is skipped in silence", () => {
  it(`over ${LOSSES} losses`, async () => {
    let told = 0;
    for (let seed = 1; seed <= LOSSES; seed += 1) {
      const random = seededRandom(seed);
      const candles = madeUpMinutes(seed, "BTCUSDT", START, 2 * 1_440 + 90);
      const read = 1 + Math.floor(random() * (candles.length - 10));
      const kept = read + Math.floor(random() * (candles.length - read - 1));
      const { workspace, topic } = await lose(seed, candles, read, kept);
      const expected = expectedDays(candles.filter(({ openTime }) => openTime < START + 2 * DAY_MS));
      const exchange = {
        time: async () => (START + 2 * DAY_MS + 90 * MINUTE_MS) as EpochMs,
        candles: async (_: unknown, { from, to }: { from: number; to: number }) =>
          candles.filter(({ openTime }) => openTime >= from && openTime < to),
      };
      const outcome = await consume(workspace, topic, { once: true }).catch(
        (error) => error as { code: string },
      );
      if (kept > read) {
        expect({ seed, code: (outcome as { code?: string }).code }).toEqual({ seed, code: "offsets_lost" });
        told += 1;
        const { lost } = await consume(workspace, topic, { once: true, exchange });
        expect(lost).toEqual([{ partition: 0, from: read, to: kept, why: "expired" }]);
      }
      expect({ seed, days: await publishedDays(workspace) }).toEqual({ seed, days: expected });
      await topic.close();
      await rm(workspace.root, { recursive: true });
    }
    measured(
      `promise 6: ${told} of ${LOSSES} runs lost messages, each was told with its range, every day came out whole over REST`,
    );
    expect(told).toBeGreaterThan(LOSSES / 2);
  }, 3_600_000);
});
