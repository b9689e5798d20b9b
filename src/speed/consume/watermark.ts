import { type EpochMs, HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";
import { divides, type FixedInterval, type Interval } from "../../time/interval.ts";
import type { Offset } from "../../topic/topic.ts";
import type { Window } from "./window.ts";

/** How long after its end a window waits for late events; default one hour. */
export const ALLOWED_LATENESS_MS = HOUR_MS;

/** An event's time may be this far after the time of its append; beyond it the producer's clock is wrong. */
export const FUTURE_TOLERANCE_MS = MINUTE_MS;

/** The windows of one length of a series. */
export interface WindowSet {
  length: Interval;
  /** Windows that begin before it are not counted: the length was added when they were past. */
  begins: EpochMs;
  /** Windows up to this instant are closed: an event before it is late. */
  closedThrough: EpochMs;
  /** The open ones, by their start. */
  open: Map<number, Window>;
}

/** The stream of one symbol's candles of one length, and its progress. Tickers belong to that of minutes. */
export interface Series {
  symbol: string;
  interval: FixedInterval;
  /** Largest event time seen, by partition; −Infinity where the partition had none of the series. */
  seen: number[];
  /** When its newest message was appended. */
  appended: EpochMs;
  /** By length; those of which the interval is no whole part are not there. */
  sets: WindowSet[];
  changed: boolean;
}

/** @param lengths of the consumer's windows */
export function newSeries(symbol: string, interval: FixedInterval, lengths: readonly Interval[]): Series {
  const sets = lengths.filter((length) => divides(interval, length)).map(newSet);
  return { symbol, interval, seen: [], appended: 0 as EpochMs, sets, changed: true };
}

export function newSet(length: Interval): WindowSet {
  return { length, begins: 0 as EpochMs, closedThrough: 0 as EpochMs, open: new Map() };
}

/** The windows of a length; undefined where the series' interval does not divide it, or the consumer has none. */
export function setOf({ sets }: Pick<Series, "sets">, length: Interval): WindowSet | undefined {
  return sets.find((set) => set.length === length);
}

/** The largest event time seen of a series, or −Infinity. */
export function latestEvent({ seen }: Pick<Series, "seen">): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const time of seen) if (time > latest) latest = time;
  return latest;
}

/** Notes an event. */
export function observe(series: Series, partition: number, eventTime: EpochMs, appended: EpochMs): void {
  while (series.seen.length <= partition) series.seen.push(Number.NEGATIVE_INFINITY);
  if (eventTime > series.seen[partition]) {
    series.seen[partition] = eventTime;
    series.changed = true;
  }
  if (appended > series.appended) {
    series.appended = appended;
    series.changed = true;
  }
}

/**
 * Whether an event of a window that ends at `end` is late. Only earlier events of its own partition decide: how far the
 * other partitions were read meanwhile is not determined by the topic.
 * @param seen largest event time of the series in the partition before
 */
export function isLate(
  { closedThrough }: WindowSet,
  seen: number | undefined,
  end: EpochMs,
  lateness: number,
): boolean {
  return end <= closedThrough || (seen !== undefined && seen - lateness >= end);
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
