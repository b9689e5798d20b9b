import { type EpochMs, HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";
import type { Offset } from "../../topic/topic.ts";

/** How long after its end a window waits for late events; default one hour. */
export const ALLOWED_LATENESS_MS = HOUR_MS;

/** An event's time may be this far after the time of its append; beyond it the producer's clock is wrong. */
export const FUTURE_TOLERANCE_MS = MINUTE_MS;

/** The progress of a symbol's stream. */
export interface SymbolProgress {
  /** Largest event time seen, by partition; −Infinity where the partition had none of the symbol. */
  seen: number[];
  /** When its newest message was appended. */
  appended: EpochMs;
  /** Days up to this instant are closed: an event before it is late. */
  closedThrough: EpochMs;
  changed: boolean;
}

export function newProgress(): SymbolProgress {
  return { seen: [], appended: 0 as EpochMs, closedThrough: 0 as EpochMs, changed: true };
}

/** The largest event time seen of a symbol, or −Infinity. */
export function latestEvent({ seen }: SymbolProgress): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const time of seen) if (time > latest) latest = time;
  return latest;
}

/** Notes an event. */
export function observe(
  progress: SymbolProgress,
  partition: number,
  eventTime: EpochMs,
  appended: EpochMs,
): void {
  while (progress.seen.length <= partition) progress.seen.push(Number.NEGATIVE_INFINITY);
  if (eventTime > progress.seen[partition]) {
    progress.seen[partition] = eventTime;
    progress.changed = true;
  }
  if (appended > progress.appended) {
    progress.appended = appended;
    progress.changed = true;
  }
}

/**
 * Whether an event of a window that ends at `end` is late. Only earlier events of its own partition decide: how far the
 * other partitions were read meanwhile is not determined by the topic.
 */
export function isLate(progress: SymbolProgress, partition: number, end: EpochMs, lateness: number): boolean {
  const seen = progress.seen[partition] ?? Number.NEGATIVE_INFINITY;
  return end <= progress.closedThrough || seen - lateness >= end;
}

/** The progress of one partition. */
export interface PartitionProgress {
  next: Offset;
  /** Largest event time seen in it, whatever the symbol. */
  seen: number;
  /** Of the record before `next`: shows whether the topic is still the same. Null while none was read. */
  digest: string | null;
}

/**
 * Whether a window that is due may close: each partition has been read past its end, or up to the mark that was set
 * when it became due. Otherwise events in a backlog of the other partitions would be late.
 * @param end of the window; `Infinity` where the marks alone decide
 */
export function mayClose(
  end: number,
  marks: readonly Offset[],
  partitions: readonly PartitionProgress[],
): boolean {
  return partitions.every(({ next, seen }, partition) => next >= (marks[partition] ?? 0) || seen >= end);
}
