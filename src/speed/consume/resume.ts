import { createHash } from "node:crypto";
import { inputError } from "../../core/errors.ts";
import { type EpochMs, toIso } from "../../time/epoch.ts";
import { floorToInterval, intervalMs, nextOpenTime } from "../../time/interval.ts";
import type { Offset, PartitionRange, Topic, TopicRecord } from "../../topic/topic.ts";
import type { Exchange } from "../exchange.ts";
import { type StreamState, windowOf } from "./state.ts";
import { latestEvent, type Series, type WindowSet } from "./watermark.ts";
import { addCandle } from "./window.ts";
import { noteFetched } from "./windowSource.ts";

/** Messages that were to be read and are not in the topic any more. */
export interface LostRange {
  partition: number;
  /** The first missing offset. */
  from: Offset;
  /** The first offset that can be read again. */
  to: Offset;
  /** `expired`: beyond the topic's retention. `recreated`: the topic was deleted and created again. */
  why: "expired" | "recreated";
}

const NEVER = Number.NEGATIVE_INFINITY;

/** Identifies a record among others of the same offset: those of a topic that was created again. */
export function digestOf({ key, value, timestamp }: TopicRecord): string {
  return createHash("sha256")
    .update(JSON.stringify([timestamp, key, value]))
    .digest("base64")
    .slice(0, 16);
}

/**
 * Sets the state's partitions to where reading resumes: the checkpoint's offsets where the topic still has them.
 * @returns what is lost; the state is past the loss
 */
export async function findLosses(topic: Topic, state: StreamState): Promise<LostRange[]> {
  const ranges = await topic.ranges();
  const expected = await lastRecords(topic, state, ranges);
  const gone = state.partitions.length > ranges.length;
  const lost = ranges.flatMap((range): LostRange[] => {
    const { partition, first, end } = range;
    const known = state.partitions[partition];
    if (known === undefined) return [];
    const { next, digest } = known;
    const other = expected.get(partition);
    if (gone || next > end || (other !== undefined && digest !== null && other !== digest)) {
      return [{ partition, from: next, to: first, why: "recreated" }];
    }
    return next < first ? [{ partition, from: next, to: first, why: "expired" }] : [];
  });
  state.partitions = ranges.map(({ partition, first }) => {
    const known = state.partitions[partition];
    if (known === undefined) return { next: first, seen: NEVER, digest: null };
    const loss = lost.find((range) => range.partition === partition);
    return loss === undefined ? known : { next: loss.to, seen: known.seen, digest: null };
  });
  return lost;
}

/** The digest of the record before the next one, by partition, where the topic still has it. */
async function lastRecords(
  topic: Topic,
  state: StreamState,
  ranges: readonly PartitionRange[],
): Promise<Map<number, string>> {
  const digests = new Map<number, string>();
  const wanted = new Map<number, Offset>();
  for (const { partition, first, end } of ranges) {
    const known = state.partitions[partition];
    if (known?.digest == null) continue;
    const last = known.next - 1;
    if (last >= first && last < end) wanted.set(partition, last);
  }
  if (wanted.size === 0) return digests;
  const reader = await topic.read(ranges.map(({ partition, end }) => wanted.get(partition) ?? end));
  try {
    while (digests.size < wanted.size) {
      for (const record of await reader.next(1_000)) {
        if (record.offset === wanted.get(record.partition)) digests.set(record.partition, digestOf(record));
      }
    }
  } finally {
    await reader.close();
  }
  return digests;
}

/**
 * Fetches over REST what lost messages may have had: of each known series every candle since its last closed window, or
 * its last open one.
 * @returns how many candles were new
 */
export async function refill(state: StreamState, exchange: Exchange, signal?: AbortSignal): Promise<number> {
  const now = await exchange.time(signal);
  let count = 0;
  for (const series of state.series.values()) {
    const since = Math.min(...series.sets.map((set) => missingSince(series, set)));
    const span = { from: since as EpochMs, to: floorToInterval(now, series.interval) };
    if (!Number.isFinite(since) || span.to <= span.from) continue;
    for (const candle of await exchange.candles(series, span, signal)) {
      const eventTime = (candle.openTime + intervalMs(series.interval)) as EpochMs;
      const updated = series.sets.filter((set) => {
        const start = floorToInterval(candle.openTime, set.length);
        if (start < set.begins || nextOpenTime(start, set.length) <= set.closedThrough) return false;
        const window = windowOf(series, set, start);
        if (!addCandle(window, { candle, final: true, eventTime })) return false;
        noteFetched(window.source);
        return true;
      });
      if (updated.length > 0) count += 1;
    }
  }
  return count;
}

function missingSince(series: Series, { open, closedThrough, begins }: WindowSet): number {
  const latest = latestEvent(series);
  if (!Number.isFinite(latest)) return Number.POSITIVE_INFINITY;
  return Math.max(closedThrough, begins, Math.min(...open.keys(), floorToInterval(latest, series.interval)));
}

/** @throws CandlebookError `offsets_lost`, always: nothing can be fetched */
export function refuseLosses(topic: Topic, state: StreamState, lost: readonly LostRange[]): never {
  const ranges = lost.map(describeLoss).join("; ");
  const latest = Math.max(...[...state.series.values()].map(latestEvent));
  const since = Number.isFinite(latest) ? ` Nothing is known after ${toIso(latest as EpochMs)}.` : "";
  throw inputError(
    "offsets_lost",
    `Unread messages of ${topic.id} are lost: ${ranges}.${since}`,
    "Run consume again when REST can be reached, which fills the gap, or continue without them: candlebook consume --from-earliest, then candlebook backfill.",
  );
}

export function describeLoss({ partition, from, to, why }: LostRange): string {
  return why === "expired"
    ? `partition ${partition}, offsets ${from} to ${to - 1} (beyond the retention)`
    : `partition ${partition}, from offset ${from} on (the topic was created again; it begins at ${to})`;
}
