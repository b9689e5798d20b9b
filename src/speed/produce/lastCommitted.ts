import type { EpochMs } from "../../time/epoch.ts";
import type { FixedInterval } from "../../time/interval.ts";
import { decodeMessage } from "../../topic/message.ts";
import type { Topic } from "../../topic/topic.ts";

/** How many of a partition's newest messages are read. */
const NEWEST = 5_000;

/**
 * The last final candle of an interval of each symbol in the topic's newest messages: where a restarted producer continues.
 * @returns open times by symbol
 */
export async function lastCommittedCandles(
  topic: Topic,
  interval: FixedInterval,
): Promise<Map<string, EpochMs>> {
  const ranges = await topic.ranges();
  const from = ranges.map(({ first, end }) => Math.max(first, end - NEWEST));
  const finals = new Map<string, EpochMs>();
  const next = [...from];
  const reader = await topic.read(from);
  try {
    while (ranges.some(({ partition, end }) => next[partition] < end)) {
      for (const { partition, offset, value } of await reader.next(250)) {
        next[partition] = offset + 1;
        const update = decodeMessage(value);
        if (update.kind !== "kline" || !update.final || update.interval !== interval) continue;
        const { symbol, openTime } = update.candle;
        if (openTime > (finals.get(symbol) ?? 0)) finals.set(symbol, openTime);
      }
    }
  } finally {
    await reader.close();
  }
  return finals;
}
