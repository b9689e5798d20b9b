import type { EpochMs } from "../time/epoch.ts";

/** The topic that the exchange's stream goes into. */
export const PRICE_TOPIC = "crypto-prices";

/** A place in one partition: the next record to read. */
export type Offset = number;

export interface OutgoingMessage {
  /** Messages of one key keep their order; null spreads them over the partitions. */
  key: string | null;
  value: string;
}

/** A message as it lies in the topic. */
export interface TopicRecord {
  partition: number;
  offset: Offset;
  /** When it was appended. */
  timestamp: EpochMs;
  key: string | null;
  /** Null where the log holds a tombstone. */
  readonly value: string | null;
  /** The value as it came, where it came as bytes: `value` is made of them when it is asked for. */
  readonly utf8?: Buffer | undefined;
}

/** What one partition holds: offsets from `first` up to, not including, `end`. */
export interface PartitionRange {
  partition: number;
  first: Offset;
  end: Offset;
}

/** Reads on and on, one call at a time. */
export interface TopicReader {
  /**
   * The next records: of each partition in its order. Empty where none came within `waitMs`.
   * @throws CandlebookError `offset_out_of_range` where the log no longer holds what is to be read next;
   *   `topic_unreachable`
   */
  next(waitMs: number): Promise<TopicRecord[]>;
  close(): Promise<void>;
}

/**
 * A log with partitions, keys and offsets. Delivery is at least once: a message whose append failed may be in
 * it, once or twice.
 */
export interface Topic {
  /** What it is called in messages and checkpoints: `kafka:crypto-prices`, `embedded:crypto-prices`. */
  readonly id: string;
  /**
   * Durable when it resolves.
   * @throws CandlebookError `topic_unreachable` (try again), `message_too_large`, `time_refused`, `disk_full`
   */
  append(messages: readonly OutgoingMessage[]): Promise<void>;
  /** By partition, from 0 on. */
  ranges(): Promise<PartitionRange[]>;
  /** @param from where to begin, by partition */
  read(from: readonly Offset[]): Promise<TopicReader>;
  /**
   * Leaves with the broker, in the group `candlebook`, what is to be read next, by partition: for its tools and
   * monitors; nothing here reads it. Absent where there is no broker.
   */
  tellPosition?(next: readonly Offset[]): Promise<void>;
  close(): Promise<void>;
}
