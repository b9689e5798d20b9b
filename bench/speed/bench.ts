// The speed layer beside its rivals on a real broker. Usage: node bench/speed/bench.ts [MESSAGES] [ROUNDS] [PARTITIONS…]
// Spark needs `.cache/bench` (bench/requirements.txt) and its Kafka source (`candlebook spark start` fetches it);
// without them it is left out, and this is said.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openTopic } from "../../src/topic/openTopic.ts";
import { startBroker } from "../../testkit/broker.ts";
import { compare, type Rival } from "../harness.ts";
import { closedDays, messages } from "./messages.ts";

const [count = "1000000", rounds = "3", ...partitionWords] = process.argv.slice(2);
const partitionCounts = partitionWords.length === 0 ? ["1", "3"] : partitionWords;
const here = import.meta.dirname;
const cache = resolve(here, "../../.cache");
const libraries = join(cache, "kafka-4.3.1");
const python = join(cache, "bench/bin/python");
const jars = join(cache, "spark/kafka-4.2.0");
const withSpark = existsSync(python) && existsSync(jars);
if (!withSpark) console.error("Spark is left out: .cache/bench or its Kafka source is missing.");

interface Result {
  messages: number;
  seconds: number;
  closed?: number;
}

const node =
  (script: string, ...args: string[]) =>
  (out: string) => ({
    file: process.execPath,
    args: [join(here, script), ...args, out],
  });

const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-"));
const broker = await startBroker({ "log.segment.bytes": "268435456" });
const workspace = { root: scratch, clock: () => Date.now(), resources: { threads: 1, memory: "256MB" } };

async function load(where: string[] | undefined, name: string, partitions: number): Promise<void> {
  const topic = await openTopic(workspace, { brokers: where, name, partitions });
  // In batches of 130 KB: a producer's own are smaller still.
  for (const chunk of messages(Number(count), 500)) await topic.append(chunk);
  await topic.close();
}

/** Rates of the work alone, by what each rival says of itself; start-up is not counted. */
async function rates(title: string, rivals: readonly Rival[]): Promise<void> {
  const told = new Map<string, number[]>();
  const check = async (name: string, out: string) => {
    const result = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as Result;
    if (result.messages !== Number(count)) throw new Error(`${name} read ${result.messages} messages`);
    if (
      result.closed !== undefined &&
      name.startsWith("candlebook") &&
      result.closed !== closedDays(Number(count))
    ) {
      throw new Error(`${name} closed ${result.closed} windows, not ${closedDays(Number(count))}`);
    }
    told.set(name, [...(told.get(name) ?? []), result.messages / result.seconds]);
  };
  const measured = await compare({ rivals, rounds: Number(rounds), scratch, check });
  const ours = told.get(rivals[0].name) as number[];
  console.log(
    `\n${title}\n\n| | messages/s, best | ours : theirs, by round | processor, s | peak, MB |\n|---|---:|---:|---:|---:|`,
  );
  for (const { name, cpu, peak } of measured) {
    const rate = told.get(name) as number[];
    const ratios = rate.map((theirs, round) => (ours[round] / theirs).toFixed(2)).join(", ");
    console.log(
      `| ${name} | ${Math.round(Math.max(...rate))} | ${ratios} | ${cpu.toFixed(1)} | ${Math.round(peak / 1e6)} |`,
    );
  }
}

try {
  await load(undefined, "embedded", 1);
  for (const partitions of partitionCounts) {
    const topic = `read-${partitions}`;
    await load([broker.address], topic, Number(partitions));
    await rates(`Consume, ${partitions} partitions`, [
      { name: "candlebook, Kafka", command: node("consume.ts", broker.address, topic, scratch) },
      { name: "candlebook, embedded", command: node("consume.ts", "embedded", "embedded", scratch) },
      {
        name: "Kafka's consumer tool",
        command: node("tool.ts", "consume", broker.address, topic, count, libraries),
      },
      ...(withSpark
        ? [
            {
              name: "Spark Structured Streaming",
              command: (out: string) => ({
                file: python,
                args: [join(here, "spark_stream.py"), broker.address, topic, jars, out],
              }),
            },
          ]
        : []),
    ]);
    let run = 0;
    const fresh = () => `write-${partitions}-${run++}`;
    const writes = (words: (topic: string, out: string) => string[], script: string) => (out: string) => {
      const name = fresh();
      const args = words(name, out);
      return { file: process.execPath, args: [join(here, script), ...args] };
    };
    const create = async () => {
      // Kafka's tool does not create its topic: those to come are made before.
      for (let n = 0; n < 3 * Number(rounds); n += 1) {
        const made = await openTopic(workspace, {
          brokers: [broker.address],
          name: `write-${partitions}-${n}`,
          partitions: Number(partitions),
        });
        await made.close();
      }
    };
    await create();
    await rates(`Produce, acks=all, ${partitions} partitions`, [
      {
        name: "candlebook, Kafka",
        command: writes((name, out) => [broker.address, name, partitions, count, out], "produce.ts"),
      },
      {
        name: "candlebook, embedded",
        command: writes((name, out) => ["embedded", name, partitions, count, out], "produce.ts"),
      },
      {
        name: "Kafka's producer tool",
        command: writes((name, out) => ["produce", broker.address, name, count, libraries, out], "tool.ts"),
      },
    ]);
  }
} finally {
  await broker.stop();
  rmSync(scratch, { recursive: true, force: true });
}
