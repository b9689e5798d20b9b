import { afterEach, describe, expect, it } from "vitest";
import type { OutgoingMessage, Topic, TopicReader, TopicRecord } from "../src/topic/topic.ts";

/** Opens a topic of that name, created where it is absent. */
export type OpenTopic = (name: string, partitions: number) => Promise<Topic>;

let names = 0;
const freshName = () => `contract-${Date.now()}-${names++}`;

/** Reads until so many records came. */
export async function readRecords(reader: TopicReader, count: number): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  for (let empty = 0; records.length < count && empty < 40; ) {
    const more = await reader.next(500);
    if (more.length === 0) empty += 1;
    records.push(...more);
  }
  return records;
}

/** Reads all that a topic holds. */
export async function readAll(topic: Topic): Promise<TopicRecord[]> {
  const ranges = await topic.ranges();
  const reader = await topic.read(ranges.map(({ first }) => first));
  const count = ranges.reduce((sum, { first, end }) => sum + end - first, 0);
  const records = await readRecords(reader, count);
  await reader.close();
  return records;
}

const message = (key: string | null, n: number): OutgoingMessage => ({ key, value: JSON.stringify({ n }) });

/** What every implementation of `Topic` must do; the pipeline can't tell which it talks to. */
export function topicContract(kind: string, open: OpenTopic): void {
  const opened: Topic[] = [];
  const opening = async (name: string, partitions: number) => {
    const topic = await open(name, partitions);
    opened.push(topic);
    return topic;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((topic) => topic.close()));
  });

  describe(`${kind} topic`, () => {
    it.each([1, 3, 16])(
      "gives back what went in, by partition in order (%i partitions)",
      async (partitions) => {
        const topic = await opening(freshName(), partitions);
        const keys = ["BTCUSDT", "ETHUSDT", "SOLUSDT", null];
        const sent = Array.from({ length: 400 }, (_, n) => message(keys[n % keys.length], n));
        await topic.append(sent.slice(0, 150));
        await topic.append(sent.slice(150));
        const records = await readAll(topic);
        expect(records.map(({ value }) => value).sort()).toEqual(sent.map(({ value }) => value).sort());
        expect((await topic.ranges()).map(({ partition }) => partition)).toEqual(
          Array.from({ length: partitions }, (_, partition) => partition),
        );
        for (const key of keys.slice(0, 3)) {
          const mine = records.filter((record) => record.key === key);
          expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
          expect(mine.map(({ value }) => value)).toEqual(
            sent.filter((message) => message.key === key).map(({ value }) => value),
          );
        }
        for (const { partition, first, end } of await topic.ranges()) {
          const offsets = records
            .filter((record) => record.partition === partition)
            .map(({ offset }) => offset);
          expect(offsets).toEqual(Array.from({ length: end - first }, (_, i) => first + i));
        }
      },
    );

    it("puts the keys where Kafka's own client puts them", async () => {
      const topic = await opening(freshName(), 16);
      await topic.append(["BTCUSDT", "ETHUSDT", "BNBUSDT"].map((key, n) => message(key, n)));
      const places = Object.fromEntries((await readAll(topic)).map(({ key, partition }) => [key, partition]));
      expect(places).toEqual({ BTCUSDT: 2, ETHUSDT: 13, BNBUSDT: 15 });
    });

    it("goes on where it is told, and waits for what is still to come", async () => {
      const topic = await opening(freshName(), 1);
      await topic.append(Array.from({ length: 10 }, (_, n) => message("A", n)));
      const reader = await topic.read([7]);
      expect((await readRecords(reader, 3)).map(({ offset }) => offset)).toEqual([7, 8, 9]);
      expect(await reader.next(50)).toEqual([]);
      const waiting = readRecords(reader, 1);
      await topic.append([message("A", 10)]);
      expect((await waiting).map(({ offset, value }) => [offset, value])).toEqual([[10, '{"n":10}']]);
      await reader.close();
    });

    it("keeps its partitions and its records when it is opened again", async () => {
      const name = freshName();
      const first = await opening(name, 3);
      await first.append([message("A", 1)]);
      const second = await opening(name, 16);
      expect(await second.ranges()).toHaveLength(3);
      expect(await readAll(second)).toHaveLength(1);
    });

    it("takes text of any kind, and messages without a key", async () => {
      const topic = await opening(freshName(), 3);
      const values = ["", "₿ 測試 \u0000 \u2028", "x".repeat(300_000), "{"];
      await topic.append(values.map((value) => ({ key: null, value })));
      const records = await readAll(topic);
      expect(records.map(({ value }) => value).sort()).toEqual([...values].sort());
      expect(records.every(({ key }) => key === null)).toBe(true);
    });

    it("stamps what is appended with its clock", async () => {
      const topic = await opening(freshName(), 1);
      await topic.append([message("A", 1)]);
      const [{ timestamp }] = await readAll(topic);
      expect(timestamp).toBe(CONTRACT_NOW);
    });

    it("says so where what is to be read next is not in it", async () => {
      const topic = await opening(freshName(), 1);
      await topic.append([message("A", 1)]);
      const attempt = async () => {
        const reader = await topic.read([5]);
        try {
          await readRecords(reader, 1);
        } finally {
          await reader.close();
        }
      };
      await expect(attempt()).rejects.toMatchObject({ code: "offset_out_of_range", exit: 2 });
    });
  });
}

/** The clock that a contract's topics are opened with. */
export const CONTRACT_NOW = Date.UTC(2026, 0, 5, 12);
