import type { Clock } from "../core/workspace.ts";
import { partitioner } from "./partition.ts";
import type { OutgoingMessage } from "./topic.ts";
import { timeRefused, tooLarge, unreachable } from "./topicErrors.ts";

/** The group in which the consumer's offsets are reported, for the broker's tools. */
export const GROUP = "candlebook";

/** How a Kafka topic is reached, whichever client is used. */
export interface KafkaTopicOptions {
  /** `host:port`. */
  brokers: readonly string[];
  name: string;
  /** Of a new topic; one that exists keeps its own. */
  partitions: number;
  /** The timestamp of what is appended. */
  clock: Clock;
}

/** A broker's client. */
export interface BrokerClient {
  /** Connects, and creates the topic where it is absent. @returns the number of its partitions */
  connect(): Promise<number>;
  /** The broker or the network failed. */
  isOutside(error: unknown): boolean;
  close(): Promise<void>;
}

/**
 * Connects a client; closes it where that fails.
 * @returns what chooses a message's partition, and what gives the client's errors our words
 * @throws CandlebookError `topic_unreachable`
 */
export async function connected(brokers: readonly string[], { connect, isOutside, close }: BrokerClient) {
  const guarded = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error) => {
      throw isOutside(error) ? unreachable(brokers, error) : error;
    });
  try {
    return { choose: partitioner(await guarded(connect())), guarded };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A message with its partition. */
export interface PlacedMessage extends OutgoingMessage {
  partition: number;
}

/** Below the broker's default of 1 MiB for one partition's part of a request, with room for its bookkeeping. */
const CHUNK_BYTES = 640_000;

/** The client's part of an append: sends the messages of one request, and recognizes the broker's refusals. */
export interface KafkaSender {
  send(messages: readonly PlacedMessage[]): Promise<void>;
  isTooLarge(error: unknown): boolean;
  isBadTime(error: unknown): boolean;
  /** The broker or the network failed. */
  isOutside(error: unknown): boolean;
}

/**
 * `append` of a Kafka topic, whichever client sends.
 * @throws CandlebookError `message_too_large`, `time_refused`, `topic_unreachable`
 */
export async function appendThrough(
  { send, isTooLarge, isBadTime, isOutside }: KafkaSender,
  { id, brokers, choose }: { id: string; brokers: readonly string[]; choose: (key: string | null) => number },
  messages: readonly OutgoingMessage[],
): Promise<void> {
  const placed = messages.map((message) => ({ ...message, partition: choose(message.key) }));
  for (const chunk of chunks(placed)) {
    try {
      await sendInHalves(chunk, send, isTooLarge);
    } catch (error) {
      if (isTooLarge(error)) throw tooLarge(id, Math.max(...chunk.map(({ value }) => value.length)), error);
      if (isBadTime(error)) throw timeRefused(id, error);
      throw isOutside(error) ? unreachable(brokers, error) : error;
    }
  }
}

/** Splits messages into requests that a broker accepts; a larger message is a request of its own. */
export function chunks(messages: readonly PlacedMessage[]): PlacedMessage[][] {
  const cut: PlacedMessage[][] = [];
  let chunk: PlacedMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.value.length + 100;
    if (chunk.length > 0 && bytes + size > CHUNK_BYTES) {
      cut.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) cut.push(chunk);
  return cut;
}

/**
 * Sends a chunk; where the broker finds it too large, in halves, so that only a single message can be refused.
 * @param isTooLarge recognizes that refusal
 */
export async function sendInHalves(
  messages: readonly PlacedMessage[],
  send: (part: readonly PlacedMessage[]) => Promise<void>,
  isTooLarge: (error: unknown) => boolean,
): Promise<void> {
  try {
    await send(messages);
  } catch (error) {
    if (messages.length === 1 || !isTooLarge(error)) throw error;
    const middle = Math.ceil(messages.length / 2);
    await sendInHalves(messages.slice(0, middle), send, isTooLarge);
    await sendInHalves(messages.slice(middle), send, isTooLarge);
  }
}
