import type { Source } from "../candle/candle.ts";
import { monotonicClock } from "../core/machine.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { forMarket, REAL_MARKET } from "../lake/marketClaim.ts";
import { minuteBook } from "../simulator/book.ts";
import { runningClock } from "../simulator/clock.ts";
import { madeUpMarket } from "../simulator/madeUpMarket.ts";
import { startSimulator } from "../simulator/server.ts";
import { type ConsumeOptions, type ConsumeResult, consume } from "../speed/consume/consume.ts";
import type { Exchange } from "../speed/exchange.ts";
import { exchangeClock } from "../speed/produce/exchangeClock.ts";
import { type ProduceOptions, type ProduceResult, produce } from "../speed/produce/produce.ts";
import { venue } from "../venues/registry.ts";
import { restExchange } from "../speed/restExchange.ts";
import { type SnapshotResult, snapshot } from "../speed/consume/snapshot.ts";
import { openTopic, type TopicOptions } from "../topic/openTopic.ts";

export interface SessionOptions {
  symbols?: readonly string[];
  /** Use the real exchange instead of a simulated one. */
  live?: boolean;
  /** Base address of the real exchange's streams; default its own. */
  streamUrl?: string;
  /** Base address of the real exchange's REST API; default its own. */
  restUrl?: string;
  /** Of the simulated market; default 1. */
  seed?: number;
  /** The simulated exchange's first instant, milliseconds since 1970 UTC; default 2026-07-01 12:00. */
  start?: number;
  /** Speed of the simulated exchange, as a multiple of real time; default 60. */
  speed?: number;
  /** Brokers, partitions …; default: the embedded topic of the workspace. */
  topic?: Omit<TopicOptions, "clock">;
}

/** One message of the topic. */
export interface PeekedMessage {
  partition: number;
  offset: number;
  key: string | null;
  value: string | null;
}

/** An exchange, a topic and their readers, for tours and notebooks. */
export interface StreamSession {
  /** Whose prices these are. */
  source: Source;
  restUrl: string;
  streamUrl: string;
  produce(
    options: Pick<ProduceOptions, "messages" | "forMs" | "record" | "replay" | "patience">,
  ): Promise<ProduceResult>;
  consume(options?: Omit<ConsumeOptions, "exchange">): Promise<ConsumeResult>;
  snapshot(): Promise<SnapshotResult>;
  /** The topic's newest messages, oldest first within each partition. */
  peek(count: number): Promise<PeekedMessage[]>;
  close(): Promise<void>;
}

const SIMULATED_START = Date.UTC(2026, 6, 1, 12);

/**
 * Opens a session in a workspace: starts the simulated exchange in this process (or uses the real one), and opens the
 * topic, whose first message binds an empty workspace to that market. Close it when done.
 * @throws CandlebookError `mixed_markets` if the workspace holds the other market; `topic_unreachable`
 */
export async function streamSession(
  place: Workspace,
  options: SessionOptions = {},
  effects: Effects = {},
): Promise<StreamSession> {
  const { symbols = ["BTCUSDT", "ETHUSDT"], live = false, seed = 1, start = SIMULATED_START } = options;
  const workspace = await forMarket(
    place,
    live ? REAL_MARKET : { schema: 1, market: "simulated", seed, now: start },
  );
  const simulator = live ? null : await simulated(symbols, seed, start, options.speed ?? 60);
  const streamUrl = simulator?.streamUrl ?? options.streamUrl ?? venue.addresses.stream;
  const restUrl = simulator?.restUrl ?? options.restUrl ?? venue.addresses.rest;
  const clock = exchangeClock(workspace.clock);
  const exchange: Exchange = restExchange(workspace, restUrl, effects);
  const topic = await openTopic(workspace, { ...options.topic, clock: clock.now }).catch(async (error) => {
    await simulator?.close();
    throw error;
  });
  return {
    source: live ? "binance" : "simulated",
    restUrl,
    streamUrl,
    produce: (limits) =>
      produce(workspace, { symbols, topic, clock, streamUrl, exchange, ...limits }, effects),
    consume: (more = { once: true }) => consume(workspace, topic, { exchange, ...more }, effects),
    snapshot: () => snapshot(workspace, topic, effects),
    peek: async (count) => {
      const ranges = await topic.ranges();
      const from = ranges.map(({ first, end }) => Math.max(first, end - count));
      const left = ranges.reduce((sum, { end }, partition) => sum + end - from[partition], 0);
      const reader = await topic.read(from);
      const messages: PeekedMessage[] = [];
      while (messages.length < left) {
        for (const { partition, offset, key, value } of await reader.next(250)) {
          messages.push({ partition, offset, key, value });
        }
      }
      await reader.close();
      return messages.sort((a, b) => eventOf(a) - eventOf(b)).slice(-count);
    },
    close: async () => {
      await topic.close();
      await simulator?.close();
    },
  };
}

function simulated(symbols: readonly string[], seed: number, start: number, speed: number) {
  const clock = runningClock(start, speed, monotonicClock);
  const book = minuteBook(madeUpMarket({ seed, symbols }));
  return startSimulator({ clock, book, madeUp: true, seed });
}

function eventOf({ value }: PeekedMessage): number {
  try {
    return (JSON.parse(value ?? "") as { eventTime?: number }).eventTime ?? 0;
  } catch {
    return 0;
  }
}
