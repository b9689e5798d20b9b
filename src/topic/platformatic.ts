import {
  Admin,
  Consumer,
  findErrorBy,
  GenericError,
  type KafkaRecord,
  ListOffsetTimestamps,
  MultipleErrors,
  ProduceAcks,
  Producer,
  type RecordsBatch,
  stringSerializers,
} from "@platformatic/kafka";
import { delay } from "../core/delay.ts";
import { monotonicClock } from "../core/machine.ts";
import type { EpochMs } from "../time/epoch.ts";
import { appendThrough, connected, GROUP, type KafkaTopicOptions, type PlacedMessage } from "./kafka.ts";
import { shortText } from "./shortText.ts";
import type { Offset, PartitionRange, Topic, TopicReader, TopicRecord } from "./topic.ts";
import { outOfRange, unreachable } from "./topicErrors.ts";

type FetchResponse = Awaited<ReturnType<Consumer["fetch"]>>;

const IS_CONTROL = 0x20;
const IS_LOG_APPEND_TIME = 0x08;
/**
 * Of one answer, over all partitions: its records are dropped while they are young, with megabytes of them memory
 * doubles. The broker rotates the order of the partitions from answer to answer.
 */
const FETCH_BYTES = 512 * 1024;
const PARTITION_BYTES = 256 * 1024;
const CREATED_WITHIN_MS = 15_000;

interface Clients {
  admin: Admin;
  producer: Producer<string, string, string, string>;
  consumer: Consumer;
}

/**
 * A topic of a Kafka broker, through `@platformatic/kafka`; created where it is absent. It reads without a consumer
 * group: the checkpoint decides where to resume, and each start would wait for the group's members.
 * @throws CandlebookError `topic_unreachable`
 */
export async function openPlatformaticTopic(options: KafkaTopicOptions): Promise<Topic> {
  const { brokers, name, clock } = options;
  const id = `kafka:${name}`;
  const base = { clientId: "candlebook", bootstrapBrokers: [...brokers], retries: 3, retryDelay: 250 };
  const clients: Clients = {
    admin: new Admin(base),
    producer: new Producer({ ...base, serializers: stringSerializers, acks: ProduceAcks.ALL }),
    consumer: new Consumer({ ...base, groupId: GROUP, autocommit: false }),
  };
  const close = async () => {
    await Promise.allSettled([
      clients.admin.close(),
      clients.producer.close(true),
      clients.consumer.close(true),
    ]);
  };
  const client = { connect: () => ensureTopic(clients.admin, options), isOutside, close };
  const { choose, guarded } = await connected(brokers, client);
  const send = async (messages: readonly PlacedMessage[]): Promise<void> => {
    const timestamp = BigInt(Math.floor(clock()));
    const placed = messages.map(({ key, value, partition }) => ({
      topic: name,
      partition,
      key: key ?? undefined,
      value,
      timestamp,
    }));
    await clients.producer.send({ messages: placed });
  };
  return {
    id,
    append: (messages) =>
      appendThrough({ send, isTooLarge, isBadTime, isOutside }, { id, brokers, choose }, messages),
    ranges: () => guarded(rangesOf(clients.admin, name)),
    read: async (from) => new PlatformaticReader(clients.consumer, { name, brokers, id }, from),
    reportOffsets: (next) => {
      const partitionOffsets = next.map((offset, partition) => ({ partition, offset: BigInt(offset) }));
      const topics = [{ name, partitionOffsets }];
      return guarded(clients.admin.alterConsumerGroupOffsets({ groupId: GROUP, topics }));
    },
    close,
  };
}

async function ensureTopic(admin: Admin, { name, partitions }: KafkaTopicOptions): Promise<number> {
  const known = await partitionsOf(admin, name);
  if (known > 0) return known;
  try {
    await admin.createTopics({ topics: [name], partitions, replicas: -1 });
  } catch (error) {
    if (!is(error, "TOPIC_ALREADY_EXISTS")) throw error;
  }
  const began = monotonicClock();
  for (;;) {
    const made = await partitionsOf(admin, name);
    if (made > 0 && (await everyLeaderAnswers(admin, name))) return made;
    if (monotonicClock() - began > CREATED_WITHIN_MS) throw new GenericError("PLT_KFK_TIMEOUT", "no leader");
    await delay(100);
  }
}

/** How many partitions the topic has; 0 where there is no such topic. */
async function partitionsOf(admin: Admin, name: string): Promise<number> {
  if (!(await admin.listTopics()).includes(name)) return 0;
  const metadata = await admin.metadata({ topics: [name], forceUpdate: true });
  return metadata.topics.get(name)?.partitionsCount ?? 0;
}

async function everyLeaderAnswers(admin: Admin, name: string): Promise<boolean> {
  try {
    await rangesOf(admin, name);
    return true;
  } catch (error) {
    if (error instanceof GenericError || error instanceof MultipleErrors) return false;
    throw error;
  }
}

async function rangesOf(admin: Admin, name: string): Promise<PartitionRange[]> {
  const metadata = await admin.metadata({ topics: [name] });
  const count = metadata.topics.get(name)?.partitionsCount ?? 0;
  const list = async (timestamp: bigint): Promise<Map<number, number>> => {
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
    const [topic] = await admin.listOffsets({ topics: [{ name, partitions }] });
    return new Map(topic.partitions.map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]));
  };
  const [firsts, ends] = await Promise.all([
    list(ListOffsetTimestamps.EARLIEST),
    list(ListOffsetTimestamps.LATEST),
  ]);
  return Array.from({ length: count }, (_, partition) => ({
    partition,
    first: firsts.get(partition) ?? 0,
    end: ends.get(partition) ?? 0,
  }));
}

class PlatformaticReader implements TopicReader {
  readonly #consumer: Consumer;
  readonly #topic: { name: string; brokers: readonly string[]; id: string };
  readonly #positions: Offset[];
  /** The next answer, requested already. */
  #ahead: Promise<TopicRecord[]> | null = null;
  #closed = false;

  constructor(
    consumer: Consumer,
    topic: { name: string; brokers: readonly string[]; id: string },
    from: readonly Offset[],
  ) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#positions = [...from];
  }

  async next(waitMs: number): Promise<TopicRecord[]> {
    try {
      const pending = this.#ahead ?? this.#fetch(waitMs);
      this.#ahead = null;
      const records = await pending;
      // The broker prepares the next answer while this one is processed.
      if (records.length > 0 && !this.#closed) {
        this.#ahead = this.#fetch(waitMs);
        this.#ahead.catch(() => {});
      }
      return records;
    } catch (error) {
      if (this.#closed) return [];
      if (is(error, "OFFSET_OUT_OF_RANGE")) throw outsideRange(error, this.#positions, this.#topic.id);
      throw isOutside(error) ? unreachable(this.#topic.brokers, error) : error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #fetch(waitMs: number): Promise<TopicRecord[]> {
    const { name } = this.#topic;
    const metadata = await this.#consumer.metadata({ topics: [name] });
    const topic = metadata.topics.get(name);
    if (topic === undefined) return [];
    const leaders = [...new Set(topic.partitions.map(({ leader }) => leader))];
    const answers = await Promise.all(
      leaders.map((node) => {
        const partitions = this.#positions.flatMap((position, partition) => {
          if (topic.partitions[partition]?.leader !== node) return [];
          return [
            {
              partition,
              currentLeaderEpoch: -1,
              fetchOffset: BigInt(position),
              lastFetchedEpoch: -1,
              partitionMaxBytes: PARTITION_BYTES,
            },
          ];
        });
        const topics = [{ topicId: topic.id, partitions }];
        return this.#consumer.fetch({
          node,
          topics,
          maxBytes: FETCH_BYTES,
          maxWaitTime: waitMs,
          minBytes: 1,
        });
      }),
    );
    return answers.flatMap((answer) => recordsIn(answer, this.#positions));
  }
}

/** The records of an answer; the positions move past them. */
function recordsIn(answer: FetchResponse, positions: Offset[]): TopicRecord[] {
  const records: TopicRecord[] = [];
  for (const { partitions } of answer.responses) {
    for (const { partitionIndex, records: batches } of partitions) {
      for (const batch of batches ?? []) addBatch(batch, partitionIndex, positions, records);
    }
  }
  return records;
}

function addBatch(batch: RecordsBatch, partition: number, positions: Offset[], into: TopicRecord[]): void {
  const first = Number(batch.firstOffset);
  const last = first + batch.lastOffsetDelta;
  const wanted = positions[partition];
  if (last < wanted) return;
  if ((batch.attributes & IS_CONTROL) === 0) {
    const appended = (batch.attributes & IS_LOG_APPEND_TIME) === 0 ? null : batch.maxTimestamp;
    for (const record of batch.records) {
      const offset = first + record.offsetDelta;
      if (offset < wanted) continue;
      const timestamp = Number(appended ?? batch.firstTimestamp + record.timestampDelta) as EpochMs;
      into.push(new BytesRecord(partition, offset, timestamp, record));
    }
  }
  positions[partition] = last + 1;
}

/** A record that keeps the bytes of its value, and decodes them on demand. */
class BytesRecord implements TopicRecord {
  readonly partition: number;
  readonly offset: Offset;
  readonly timestamp: EpochMs;
  readonly key: string | null;
  readonly utf8: Buffer | undefined;

  constructor(partition: number, offset: Offset, timestamp: EpochMs, { key, value }: KafkaRecord) {
    this.partition = partition;
    this.offset = offset;
    this.timestamp = timestamp;
    this.key = key === null ? null : shortText(key, 0, key.length);
    this.utf8 = value ?? undefined;
  }

  get value(): string | null {
    return this.utf8?.toString() ?? null;
  }
}

function outsideRange(error: unknown, positions: readonly Offset[], id: string): Error {
  const found = findErrorBy(error as Error, "apiId", "OFFSET_OUT_OF_RANGE");
  const answer = (error as { response?: FetchResponse }).response;
  const refused = answer?.responses
    .flatMap(({ partitions }) => partitions)
    .find(({ errorCode }) => errorCode === found?.apiCode);
  const partition = refused?.partitionIndex ?? 0;
  const range = {
    partition,
    first: Number(refused?.logStartOffset ?? 0),
    end: Number(refused?.highWatermark ?? 0),
  };
  return outOfRange(id, positions[partition], range);
}

const is = (error: unknown, name: string) => findErrorBy(error as Error, "apiId", name) !== null;
const isTooLarge = (error: unknown) => is(error, "MESSAGE_TOO_LARGE") || is(error, "RECORD_LIST_TOO_LARGE");
const isBadTime = (error: unknown) => is(error, "INVALID_TIMESTAMP");

/** Every other error of the client comes from the broker or the network: no leader yet, a reset, a time-out. */
function isOutside(error: unknown): boolean {
  return error instanceof GenericError || error instanceof MultipleErrors;
}
