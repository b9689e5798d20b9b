import type { Day } from "../../time/day.ts";
import type { Offset, TopicRecord } from "../../topic/topic.ts";

/** The part of one partition that a day's window was made from. */
export interface PartitionShare {
  first: Offset;
  last: Offset;
  /** Messages of the symbol and day between the two, both included. */
  messages: number;
}

/** The source of a window: the topic's records by partition, and candles fetched over REST. */
export interface WindowSource {
  partitions: Map<number, PartitionShare>;
  fetched: number;
  /** The checkpoint has not seen it yet. */
  changed: boolean;
}

/** The source of a day, as it is published, and read by `explain`. */
export interface DaySource {
  symbol: string;
  day: Day;
  /** `[partition, first offset, last offset, messages]` each. */
  partitions: [number, Offset, Offset, number][];
  /** Minutes fetched over REST. */
  fetched: number;
}

export const emptySource = (): WindowSource => ({ partitions: new Map(), fetched: 0, changed: false });

/** Counts a record of the window. */
export function noteRecord(source: WindowSource, { partition, offset }: TopicRecord): void {
  const share = source.partitions.get(partition);
  source.changed = true;
  if (share === undefined) {
    source.partitions.set(partition, { first: offset, last: offset, messages: 1 });
    return;
  }
  share.first = Math.min(share.first, offset);
  share.last = Math.max(share.last, offset);
  share.messages += 1;
}

/** Counts a candle fetched over REST. */
export function noteFetched(source: WindowSource): void {
  source.fetched += 1;
  source.changed = true;
}

export function daySource(symbol: string, day: Day, { partitions, fetched }: WindowSource): DaySource {
  const shares = [...partitions].sort(([a], [b]) => a - b);
  return {
    symbol,
    day,
    partitions: shares.map(([partition, { first, last, messages }]) => [partition, first, last, messages]),
    fetched,
  };
}
