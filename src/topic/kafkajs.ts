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
import { pause } from "../core/pause.ts";
import type { EpochMs } from "../time/epoch.ts";
import { outOfRange, unreachable } from "./errors.ts";
import { appendThrough, GROUP, type KafkaTopicOptions, type PlacedMessage } from "./kafka.ts";
import { mendRequestQueue, openOffsetKeeper } from "./kafkajsInside.ts";
import { partitioner } from "./partition.ts";
import type { Offset, PartitionRange, Topic, TopicReader, TopicRecord } from "./topic.ts";

// Node can't tell this name of a CommonJS module: it is spread into its exports.
const { KafkaJSError } = kafkajs;

/** Records that wait to be taken; beyond it the client is held up. */
const MOST_WAITING = 20_000;
const POLL_MS = 10;
const LEADER_TRIES = 100;
const START_TRIES = 20;
const START_PAUSE_MS = 500;

/**
 * A topic of a Kafka broker, through `kafkajs`; created where it is absent. The client reads in consumer groups
 * only: each reader is a group of its own, which is deleted with it.
 * @throws CandlebookError `topic_unreachable`
 */
export async function openKafkajsTopic(options: KafkaTopicOptions): Promise<Topic> {
  const { brokers, name, clock } = options;
  const id = `kafka:${name}`;
  mendRequestQueue();
  const base = {
    clientId: "candlebook",
    brokers: [...brokers],
    connectionTimeout: 3_000,
    retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 2_000 },
  };
  const kafka = new Kafka({ ...base, logLevel: logLevel.NOTHING });
  const keeper = openOffsetKeeper(GROUP, base);
  const admin = kafka.admin();
  const producer = kafka.producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  const guarded = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error) => {
      throw error instanceof KafkaJSError ? unreachable(brokers, error) : error;
    });
  const close = async () => {
    await Promise.all([admin.disconnect(), producer.disconnect(), keeper.close()]).catch(() => {});
  };
  let partitions: number;
  try {
    partitions = await guarded(connect(admin, producer, options));
  } catch (error) {
    await close();
    throw error;
  }
  const choose = partitioner(partitions);
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
      appendThrough(
        { send, isTooLarge, isBadTime, isOutside: (error) => error instanceof KafkaJSError },
        { id, brokers, choose },
        messages,
      ),
    ranges: () => guarded(rangesOf(admin, name)),
    read: (from) => guarded(kafkajsReader(kafka, admin, options, id, from)),
    tellPosition: (next) => guarded(keeper.commit(name, next)),
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
    await pause(10 * POLL_MS);
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

async function kafkajsReader(
  kafka: Kafka,
  admin: Admin,
  { name, brokers }: KafkaTopicOptions,
  id: string,
  from: readonly Offset[],
): Promise<TopicReader> {
  // The client knows no "none" for an offset that is out of range, it jumps: the range is ours to check.
  const check = async (positions: readonly Offset[]) => {
    for (const range of await rangesOf(admin, name)) {
      const position = positions[range.partition];
      if (position < range.first || position > range.end) throw outOfRange(id, position, range);
    }
  };
  await check(from);
  const positions = [...from];
  const groupId = `candlebook-${randomUUID()}`;
  let waiting: TopicRecord[] = [];
  let failed: unknown = null;
  let closed = false;
  const eachBatch = async ({ batch, heartbeat }: EachBatchPayload) => {
    while (waiting.length > MOST_WAITING && !closed) {
      await heartbeat();
      await pause(POLL_MS);
    }
    const records = recordsOf(batch, positions[batch.partition]);
    if (records.length > 0 && records[0].offset > positions[batch.partition]) {
      await check(positions).catch((error) => {
        failed = error;
      });
    }
    if (failed !== null || records.length === 0) return;
    waiting.push(...records);
    positions[batch.partition] = records[records.length - 1].offset + 1;
  };
  const start = async (): Promise<Consumer> => {
    failed = null;
    const retry = { retries: 4, restartOnFailure: async () => false };
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      failed = payload.error;
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: true, eachBatch });
    return consumer;
  };
  let consumer = await start();
  // A broker that never had a group makes room for groups first; a run that fails says so by its event alone.
  for (let tries = 1; failed !== null; tries += 1) {
    await consumer.disconnect();
    if (tries === START_TRIES) throw failed;
    await pause(START_PAUSE_MS);
    consumer = await start();
  }
  from.forEach((offset, partition) => {
    consumer.seek({ topic: name, partition, offset: String(offset) });
  });
  return {
    next: async (waitMs) => {
      for (let waited = 0; waiting.length === 0 && waited < waitMs && failed === null; waited += POLL_MS) {
        await pause(POLL_MS);
      }
      if (waiting.length === 0 && failed !== null) {
        throw failed instanceof KafkaJSError ? unreachable(brokers, failed) : failed;
      }
      const records = waiting;
      waiting = [];
      return records;
    },
    close: async () => {
      closed = true;
      await consumer.disconnect().catch(() => {});
      await admin.deleteGroups([groupId]).catch(() => {});
    },
  };
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

const isTooLarge = (error: unknown) => is(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE");
const isBadTime = (error: unknown) => is(error, "INVALID_TIMESTAMP");
