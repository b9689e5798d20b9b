import { randomUUID } from "node:crypto";
import kafkajs, {
  type Admin,
  type Batch,
  type Consumer,
  type EachBatchPayload,
  Kafka,
  logLevel,
  type Producer,
} from "kafkajs";
import { delay } from "../core/delay.ts";
import type { EpochMs } from "../time/epoch.ts";
import { appendThrough, connected, type KafkaTopicOptions, type PlacedMessage } from "./kafka.ts";
import type { Offset, PartitionRange, Topic, TopicReader, TopicRecord } from "./topic.ts";
import { outOfRange, unreachable } from "./topicErrors.ts";

// Node does not detect this named export of a CommonJS module.
const { KafkaJSError } = kafkajs;

/** Records that wait to be read; beyond it the client is paused. */
const MOST_WAITING = 20_000;
const POLL_MS = 10;
const LEADER_TRIES = 100;
const START_TRIES = 20;
const START_DELAY_MS = 500;

/**
 * A topic of a Kafka broker, through the public interface of `kafkajs`; created where it is absent. The client reads in
 * consumer groups only: each reader is a group of its own, which is deleted with it. It reports no offsets, because the
 * client commits them as a member of the group only.
 * @throws CandlebookError `topic_unreachable`
 */
export async function openKafkajsTopic(options: KafkaTopicOptions): Promise<Topic> {
  const { brokers, name, clock } = options;
  const id = `kafka:${name}`;
  const kafka = new Kafka({
    clientId: "candlebook",
    brokers: [...brokers],
    connectionTimeout: 3_000,
    retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 2_000 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  const producer = kafka.producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  const close = async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]).catch(() => {});
  };
  const client = { connect: () => connect(admin, producer, options), isOutside, close };
  const { choose, guarded } = await connected(brokers, client);
  const send = async (messages: readonly PlacedMessage[]): Promise<void> => {
    const timestamp = String(Math.floor(clock()));
    await producer.send({
      topic: name,
      acks: -1,
      messages: messages.map(({ key, value, partition }) => ({ key, value, partition, timestamp })),
    });
  };
  return {
    id,
    append: (messages) =>
      appendThrough({ send, isTooLarge, isBadTime, isOutside }, { id, brokers, choose }, messages),
    ranges: () => guarded(rangesOf(admin, name)),
    read: (from) => guarded(KafkajsReader.open({ kafka, admin, name, id, brokers }, from)),
    close,
  };
}

async function connect(
  admin: Admin,
  producer: Producer,
  { name, partitions }: KafkaTopicOptions,
): Promise<number> {
  await Promise.all([admin.connect(), producer.connect()]);
  if (!(await admin.listTopics()).includes(name)) {
    await admin
      .createTopics({ topics: [{ topic: name, numPartitions: partitions }], waitForLeaders: true })
      .catch((error: { type?: string }) => {
        if (error.type !== "TOPIC_ALREADY_EXISTS") throw error;
      });
  }
  // Before each leader answers, requests are sent twice.
  for (let tries = 0; tries < LEADER_TRIES; tries += 1) {
    const answer = await rangesOf(admin, name).catch((error) => error as Error);
    if (Array.isArray(answer)) break;
    await delay(10 * POLL_MS);
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  return topics[0].partitions.length;
}

async function rangesOf(admin: Admin, name: string): Promise<PartitionRange[]> {
  const offsets = await admin.fetchTopicOffsets(name);
  return offsets
    .map(({ partition, low, high }) => ({ partition, first: Number(low), end: Number(high) }))
    .sort((a, b) => a.partition - b.partition);
}

interface ReaderOptions {
  kafka: Kafka;
  admin: Admin;
  /** Of the topic. */
  name: string;
  id: string;
  brokers: readonly string[];
}

/** Reads as the only member of a consumer group of its own. */
class KafkajsReader implements TopicReader {
  readonly #options: ReaderOptions;
  readonly #positions: Offset[];
  readonly #groupId = `candlebook-${randomUUID()}`;
  #consumer: Consumer | null = null;
  #waiting: TopicRecord[] = [];
  #failure: unknown = null;
  #closed = false;

  /** @param from where to begin, by partition */
  static async open(options: ReaderOptions, from: readonly Offset[]): Promise<KafkajsReader> {
    const reader = new KafkajsReader(options, from);
    await reader.#checkRange();
    const consumer = await reader.#join();
    from.forEach((offset, partition) => {
      consumer.seek({ topic: options.name, partition, offset: String(offset) });
    });
    return reader;
  }

  private constructor(options: ReaderOptions, from: readonly Offset[]) {
    this.#options = options;
    this.#positions = [...from];
  }

  async next(waitMs: number): Promise<TopicRecord[]> {
    const idle = () => this.#waiting.length === 0 && this.#failure === null;
    for (let waited = 0; idle() && waited < waitMs; waited += POLL_MS) await delay(POLL_MS);
    const failure = this.#failure;
    if (this.#waiting.length === 0 && failure !== null) {
      throw isOutside(failure) ? unreachable(this.#options.brokers, failure) : failure;
    }
    const records = this.#waiting;
    this.#waiting = [];
    return records;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#consumer?.disconnect().catch(() => {});
    await this.#options.admin.deleteGroups([this.#groupId]).catch(() => {});
  }

  /** The client has no policy "none" for an offset out of range, it jumps: the check is ours. */
  async #checkRange(): Promise<void> {
    const { admin, name, id } = this.#options;
    for (const range of await rangesOf(admin, name)) {
      const position = this.#positions[range.partition];
      if (position < range.first || position > range.end) throw outOfRange(id, position, range);
    }
  }

  /** A new broker creates the topic of its groups first; a run that fails meanwhile is reported by an event only. */
  async #join(): Promise<Consumer> {
    for (let tries = 1; ; tries += 1) {
      this.#failure = null;
      const consumer = await this.#start();
      if (this.#failure === null) return consumer;
      await consumer.disconnect();
      if (tries === START_TRIES) throw this.#failure;
      await delay(START_DELAY_MS);
    }
  }

  async #start(): Promise<Consumer> {
    const { kafka, name } = this.#options;
    const retry = { retries: 4, restartOnFailure: async () => false };
    const consumer = kafka.consumer({ groupId: this.#groupId, maxWaitTimeInMs: 100, retry });
    this.#consumer = consumer;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#failure = payload.error;
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    const eachBatch = (payload: EachBatchPayload) => this.#receive(payload);
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: true, eachBatch });
    return consumer;
  }

  async #receive({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    while (this.#waiting.length > MOST_WAITING && !this.#closed) {
      await heartbeat();
      await delay(POLL_MS);
    }
    const position = this.#positions[batch.partition];
    const records = recordsOf(batch, position);
    if (records.length > 0 && records[0].offset > position) {
      await this.#checkRange().catch((error) => {
        this.#failure = error;
      });
    }
    if (this.#failure !== null || records.length === 0) return;
    this.#waiting.push(...records);
    this.#positions[batch.partition] = records[records.length - 1].offset + 1;
  }
}

function recordsOf({ partition, messages }: Batch, from: Offset): TopicRecord[] {
  return messages
    .map(({ offset, timestamp, key, value }) => ({
      partition,
      offset: Number(offset),
      timestamp: Number(timestamp) as EpochMs,
      key: key?.toString() ?? null,
      value: value?.toString() ?? null,
    }))
    .filter(({ offset }) => offset >= from);
}

function is(error: unknown, ...names: string[]): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return [type, cause?.type].some((name) => name !== undefined && names.includes(name));
}

const isOutside = (error: unknown) => error instanceof KafkaJSError;
const isTooLarge = (error: unknown) => is(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE");
const isBadTime = (error: unknown) => is(error, "INVALID_TIMESTAMP");
