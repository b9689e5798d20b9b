import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { databaseError, onDatabase } from "../core/databaseError.ts";
import { delay } from "../core/delay.ts";
import { inputError } from "../core/errors.ts";
import type { Clock } from "../core/workspace.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { partitioner } from "./partition.ts";
import type { Offset, OutgoingMessage, PartitionRange, Topic, TopicReader, TopicRecord } from "./topic.ts";
import { outOfRange, TOPIC_FILE } from "./topicErrors.ts";

export interface EmbeddedTopicOptions {
  /** Absolute path of the database file; created where it is absent. */
  path: string;
  name: string;
  /** Of a new topic; one that exists keeps its own. */
  partitions: number;
  clock: Clock;
  /** How long records are kept; default 7 days, as Kafka's. */
  retainMs?: number;
}

const SCHEMA = 1;
/** A record's row id is partition × 2^42 + offset: one B-tree, appended to in as many places as partitions. */
const STRIDE = 2 ** 42;
const MAX_PARTITIONS = 1024;
/** Records of one page: few enough to be dropped while they are young, or memory grows by half. */
const PAGE = 500;
const POLL_MS = 20;

/**
 * Opens the topic that needs no broker: one SQLite file, in WAL mode with `synchronous = FULL`, so that an append
 * is on the disk when it resolves. Several processes may append and read at once.
 */
export function openEmbeddedTopic(options: EmbeddedTopicOptions): Topic {
  const { name, clock, retainMs = 7 * DAY_MS } = options;
  const id = `embedded:${name}`;
  const database = openDatabase(options);
  const { count } = onDatabase(
    TOPIC_FILE,
    () => database.prepare("SELECT count(*) AS count FROM partition").get() as { count: number },
  );
  const choose = partitioner(count);
  const nextOf = database.prepare("SELECT next FROM partition WHERE partition = ?");
  const setNext = database.prepare("UPDATE partition SET next = ? WHERE partition = ?");
  const insert = database.prepare("INSERT INTO record (id, timestamp, key, value) VALUES (?, ?, ?, ?)");
  const all = database.prepare("SELECT partition, first, next AS end FROM partition ORDER BY partition");
  const ranges = () => all.all() as unknown as PartitionRange[];
  let trimmedAt = Number.NEGATIVE_INFINITY;

  function appendAll(messages: readonly OutgoingMessage[], now: number): void {
    const next = new Map<number, Offset>();
    for (const { key, value } of messages) {
      const partition = choose(key);
      const offset = next.get(partition) ?? (nextOf.get(partition) as { next: Offset }).next;
      insert.run(partition * STRIDE + offset, now, key, value);
      next.set(partition, offset + 1);
    }
    for (const [partition, offset] of next) setNext.run(offset, partition);
  }

  return {
    id,
    append: async (messages) => {
      if (messages.length === 0) return;
      const now = clock();
      onDatabase(TOPIC_FILE, () => {
        transaction(database, () => appendAll(messages, now));
        if (now - trimmedAt < MINUTE_MS) return;
        transaction(database, () => trim(database, ranges(), now - retainMs));
        trimmedAt = now;
      });
    },
    ranges: async () => onDatabase(TOPIC_FILE, ranges),
    read: async (from) => embeddedReader(database, id, from, ranges),
    close: async () => database.close(),
  };
}

function openDatabase({ path, name, partitions, clock }: EmbeddedTopicOptions): DatabaseSync {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
    throw inputError(
      "bad_option",
      `A topic has 1 to ${MAX_PARTITIONS} partitions, not ${partitions}.`,
      "See --help.",
    );
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: 30_000 });
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    transaction(database, () => create(database, name, partitions, clock()));
    const { schema } = database.prepare("SELECT schema FROM topic").get() as { schema: number };
    if (schema > SCHEMA) {
      throw inputError(
        "newer_topic",
        `The embedded topic has form ${schema}; this candlebook reads forms up to ${SCHEMA}.`,
        "Update candlebook, or use another workspace.",
      );
    }
    return database;
  } catch (error) {
    throw databaseError(error, TOPIC_FILE);
  }
}

function create(database: DatabaseSync, name: string, partitions: number, now: number): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS topic (name TEXT NOT NULL, schema INTEGER NOT NULL, created INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS partition (
      partition INTEGER PRIMARY KEY, first INTEGER NOT NULL, next INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS record (
      id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, key TEXT, value TEXT);`);
  const { topics } = database.prepare("SELECT count(*) AS topics FROM topic").get() as { topics: number };
  if (topics > 0) return;
  database.prepare("INSERT INTO topic VALUES (?, ?, ?)").run(name, SCHEMA, now);
  const add = database.prepare("INSERT INTO partition VALUES (?, 0, 0)");
  for (let partition = 0; partition < partitions; partition += 1) add.run(partition);
}

function transaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Deletes what was appended before `before`; a partition's records are in the order of their appends. */
function trim(database: DatabaseSync, ranges: readonly PartitionRange[], before: number): void {
  const youngest = database.prepare(
    "SELECT id FROM record WHERE id >= ? AND id < ? AND timestamp >= ? ORDER BY id LIMIT 1",
  );
  for (const { partition, first, end } of ranges) {
    const base = partition * STRIDE;
    const kept = youngest.get(base + first, base + end, before) as { id: number } | undefined;
    const from = kept === undefined ? end : kept.id - base;
    if (from === first) continue;
    database.prepare("DELETE FROM record WHERE id >= ? AND id < ?").run(base + first, base + from);
    database.prepare("UPDATE partition SET first = ? WHERE partition = ?").run(from, partition);
  }
}

function embeddedReader(
  database: DatabaseSync,
  id: string,
  from: readonly Offset[],
  ranges: () => PartitionRange[],
): TopicReader {
  const positions = [...from];
  const select = database.prepare(
    "SELECT id, timestamp, key, value FROM record WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
  );
  select.setReturnArrays(true);
  const page = (): TopicRecord[] =>
    ranges().flatMap((range) => {
      const position = positions[range.partition] ?? range.first;
      if (position < range.first || position > range.end) throw outOfRange(id, position, range);
      if (position === range.end) return [];
      const records = readPage(select, range, position);
      positions[range.partition] = records[records.length - 1].offset + 1;
      return records;
    });
  return {
    next: async (waitMs) => {
      for (let waited = 0; ; waited += POLL_MS) {
        const records = onDatabase(TOPIC_FILE, page);
        if (records.length > 0 || waited >= waitMs) return records;
        await delay(Math.min(POLL_MS, waitMs - waited));
      }
    },
    close: async () => {},
  };
}

function readPage(
  select: StatementSync,
  { partition, end }: PartitionRange,
  position: Offset,
): TopicRecord[] {
  const base = partition * STRIDE;
  const rows = select.all(base + position, base + end, PAGE) as unknown as [number, number, string, string][];
  return rows.map(([row, timestamp, key, value]) => ({
    partition,
    offset: row - base,
    timestamp: timestamp as EpochMs,
    key,
    value,
  }));
}
