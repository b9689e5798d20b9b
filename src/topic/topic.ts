import type { EpochMs } from "../time/epoch.ts";

/** The default name of the topic. */
export const PRICE_TOPIC = "crypto-prices";

/** A place in one partition: the next record to read. */
export type Offset = number;

export interface OutgoingMessage {
  /** Messages of one key keep their order; null spreads them over the partitions. */
  key: string | null;
  value: string;
}

/** A message in the topic. */
export interface TopicRecord {
  partition: number;
  offset: Offset;
  /** When it was appended. */
  timestamp: EpochMs;
  key: string | null;
  /** Null for a tombstone. */
  readonly value: string | null;
  /** The bytes of the value, where the client returns bytes: `value` is decoded from them on demand. */
  readonly utf8?: Buffer | undefined;
}

/** What one partition holds: offsets from `first` up to, not including, `end`. */
export interface PartitionRange {
  partition: number;
  first: Offset;
  end: Offset;
}

/** Reads sequentially, one call at a time. */
export interface TopicReader {
  /**
   * The next records: of each partition in its order. Empty where none arrived within `waitMs`.
   * @throws CandlebookError `offset_out_of_range` where the log no longer has the offset to read next;
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
  /** Its name in messages and checkpoints: `kafka:crypto-prices`, `embedded:crypto-prices`. */
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
   * Commits the offsets to read next, by partition, to the broker's group `candlebook`: for its tools and monitors;
   * nothing here reads them. Absent where there is no broker, and with `kafkajs`.
   */
  reportOffsets?(next: readonly Offset[]): Promise<void>;
  close(): Promise<void>;
}
