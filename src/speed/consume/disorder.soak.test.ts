import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measured, tries } from "../../../testkit/soak.ts";
import {
  disorder,
  embeddedTopic,
  expectedDays,
  expectedWindows,
  madeUpMinutes,
  messagesOf,
  outgoing,
  publishedCandles,
  publishedDays,
} from "../../../testkit/stream.ts";
import type { DailyCandle } from "../../candle/candle.ts";
import { seededRandom } from "../../core/random.ts";
import type { Workspace } from "../../core/workspace.ts";
import { DAY_MS, MINUTE_MS } from "../../time/epoch.ts";
import { type Interval, nextOpenTime } from "../../time/interval.ts";
import type { Message } from "../../topic/message.ts";
import type { OutgoingMessage } from "../../topic/topic.ts";
import { consume } from "./consume.ts";
import type { WindowRow } from "./windowCandle.ts";

/** Days of a symbol; each case has ten. */
const DAYS = tries(100, 10_000);
const DAYS_OF_CASE = 10;
const START = Date.UTC(2025, 5, 2);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-disorder-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

class Killed extends Error {}

/**
 * The connection breaks now and then, for up to 50 minutes: what the stream would have said is lost; when it stands
 * again the minutes come in one go, as REST tells them, before the live frames.
 */
function withBreaks(messages: readonly Message[], random: () => number): { message: Message; at: number }[] {
  let until = 0;
  return messages.flatMap((message) => {
    const at = message.eventTime;
    if (at >= until && random() < 0.0005) until = at + random() * 50 * MINUTE_MS;
    if (at >= until) return [{ message, at }];
    const minute = message.type === "kline" && message.final ? message : null;
    return minute === null
      ? []
      : [{ message: { ...minute, eventTime: minute.openTime + MINUTE_MS }, at: until }];
  });
}

/** Lengths of windows; each case has some of them. */
const LENGTHS: Interval[][] = [["1d"], ["1h", "1d"], ["5m", "4h", "1d"], ["1m", "1d"]];

interface Storm {
  sent: OutgoingMessage[];
  partitions: number;
  windows: Interval[];
  days: DailyCandle[];
  /** The rows of the windows that are no days, by their lengths. */
  others: [Interval, WindowRow[]][];
}

function storm(seed: number): Storm {
  const random = seededRandom(seed);
  const days = DAYS_OF_CASE / 2;
  const candles = ["BTCUSDT", "ETHUSDT"].flatMap((symbol, i) =>
    madeUpMinutes(seed * 2 + i, symbol, START, days * 1_440 + 130),
  );
  const messages = candles
    .flatMap((candle) => messagesOf(candle, random))
    .sort((a, b) => a.eventTime - b.eventTime);
  const delay = random() * 8 * MINUTE_MS;
  const sent = outgoing(disorder(withBreaks(messages, random), seed, delay), random() < 0.7);
  const windows = LENGTHS[seed % LENGTHS.length];
  const closed = START + (days * 1_440 + 70) * MINUTE_MS;
  const others = windows.flatMap((length): [Interval, WindowRow[]][] => {
    const rows = expectedWindows(candles, length);
    const ended = rows.filter(({ open_time }) => nextOpenTime(open_time as number, length) <= closed);
    return length === "1d" ? [] : [[length, ended]];
  });
  return {
    ...{ sent, windows, others, partitions: [1, 3, 16][Math.floor(random() * 3)] },
    days: expectedDays(candles.filter(({ openTime }) => openTime < START + days * DAY_MS)),
  };
}

/** Consumes with kills at random writes until all is read. */
async function consumeWithKills(workspace: Workspace, seed: number, { sent, windows, partitions }: Storm) {
  const random = seededRandom(seed + 1);
  const topic = embeddedTopic(workspace, { partitions });
  let kills = 0;
  try {
    const cut = Math.floor(random() * sent.length);
    for (const part of [sent.slice(0, cut), sent.slice(cut)]) {
      await topic.append(part);
      for (let done = false; !done; ) {
        let steps = random() < 0.8 ? Math.floor(random() * 20) : Number.POSITIVE_INFINITY;
        const onStep = () => {
          steps -= 1;
          if (steps < 0) throw new Killed();
        };
        const batch = { messages: 1_000 + Math.floor(random() * 4_000), ms: 10_000 };
        try {
          await consume(workspace, topic, { once: true, windows, batch, onStep });
          done = true;
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          kills += 1;
        }
      }
    }
  } finally {
    await topic.close();
  }
  return kills;
}

describe("promise 2: the stream equals the batch", () => {
  it(`over ${DAYS} days with disorder, duplicates, breaks and kills at random writes`, async () => {
    let kills = 0;
    for (let seed = 1; seed <= DAYS / DAYS_OF_CASE; seed += 1) {
      const root = join(folder, String(seed));
      const workspace: Workspace = {
        root,
        clock: () => START + 30 * DAY_MS,
        resources: { threads: 1, memory: "256MB" },
      };
      const made = storm(seed);
      kills += await consumeWithKills(workspace, seed, made);
      expect({ seed, days: await publishedDays(workspace) }).toEqual({ seed, days: made.days });
      for (const [length, rows] of made.others)
        expect({ seed, rows: await publishedCandles(workspace, length) }).toEqual({ seed, rows });
      await rm(root, { recursive: true });
    }
    measured(
      `promise 2: ${DAYS} days, ${kills} kills, every day and window equal bit for bit, each published once`,
    );
    expect(kills).toBeGreaterThan(DAYS / DAYS_OF_CASE / 2);
  }, 7_200_000);
});
