import { type EpochMs, HOUR_MS, MINUTE_MS } from "../time/epoch.ts";
import type { Offset } from "../topic/topic.ts";

/** How long after its end a window waits for what is still on its way; default one hour. */
export const ALLOWED_LATENESS_MS = HOUR_MS;

/** An event may lie so far after the instant of its appending; a clock that is off by more is somebody's error. */
export const FUTURE_TOLERANCE_MS = MINUTE_MS;

/** How far a symbol's stream has come. */
export interface SymbolProgress {
  /** Largest event time seen, by partition; −Infinity where the partition had none of the symbol. */
  seen: number[];
  /** When its newest message was appended. */
  appended: EpochMs;
  /** Days up to here are closed: an event before it is late. */
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
 * Whether an event of a window that ends at `end` comes too late. Asked of its own partition's events before it:
 * what the other partitions have brought meanwhile depends on how they were read, and must decide nothing.
 */
export function isLate(progress: SymbolProgress, partition: number, end: EpochMs, lateness: number): boolean {
  const seen = progress.seen[partition] ?? Number.NEGATIVE_INFINITY;
  return end <= progress.closedThrough || seen - lateness >= end;
}

/** How far one partition has been read. */
export interface PartitionProgress {
  next: Offset;
  /** Largest event time seen in it, whatever the symbol. */
  seen: number;
  /** Of the record before `next`: whether it is still the same log. Null while none was read. */
  digest: string | null;
}

/**
 * Whether a window that is due may close: each partition has been read past its end, or up to the mark that was
 * set when it fell due. Else a backlog's other partitions would find it closed.
 */
export function mayClose(
  end: EpochMs,
  marks: readonly Offset[],
  partitions: readonly PartitionProgress[],
  onlyByMarks: boolean,
): boolean {
  return partitions.every(
    ({ next, seen }, partition) => next >= (marks[partition] ?? 0) || (!onlyByMarks && seen >= end),
  );
}
