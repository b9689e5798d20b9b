import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "../src/time/epoch.ts";
import { KAFKA_CLIENTS, openTopic } from "../src/topic/openTopic.ts";
import { type Broker, noBroker, startBroker } from "../testkit/broker.ts";
import { CONTRACT_NOW, topicContract } from "./topicContract.ts";

let broker: Broker;
beforeAll(async () => {
  if (noBroker !== null) console.warn(`skipped: ${noBroker}`);
  else broker = await startBroker();
});
afterAll(() => broker?.stop());

const workspace = {
  root: "unused",
  clock: () => CONTRACT_NOW,
  resources: { threads: 1, memory: "256MB" },
};

const warnings: Error[] = [];
const note = (warning: Error) => void warnings.push(warning);
beforeAll(() => void process.on("warning", note));
afterAll(() => void process.off("warning", note));

describe.skipIf(noBroker !== null)("a real broker", () => {
  // kafkajs first: it reads in groups, and this broker never had one.
  for (const client of [...KAFKA_CLIENTS].reverse()) {
    const open = (name: string, partitions: number) =>
      openTopic(workspace, { brokers: [broker.address], client, name, partitions });
    topicContract(`Kafka (${client})`, open);

    it(`refuses one message that is too large, and takes the others (${client})`, async () => {
      const topic = await open(`large-${client}`, 1);
      const huge = { key: null, value: "x".repeat(2_000_000) };
      await expect(topic.append([huge])).rejects.toMatchObject({ code: "message_too_large", exit: 2 });
      await topic.append([{ key: null, value: "small" }]);
      expect(await topic.ranges()).toEqual([{ partition: 0, first: 0, end: 1 }]);
      await topic.close();
    });

    it(`says why where the exchange's clock runs away from the broker's (${client})`, async () => {
      const ahead = { ...workspace, clock: () => Date.now() + 2 * DAY_MS };
      const topic = await openTopic(ahead, { brokers: [broker.address], client, name: `ahead-${client}` });
      await expect(topic.append([{ key: null, value: "x" }])).rejects.toMatchObject({
        code: "time_refused",
        exit: 2,
      });
      await topic.close();
    });

    it(`says that nobody answers, and what to do (${client})`, async () => {
      const nobody = openTopic(workspace, { brokers: ["127.0.0.1:1"], client });
      await expect(nobody).rejects.toMatchObject({
        code: "topic_unreachable",
        exit: 3,
        message: expect.stringContaining("127.0.0.1:1"),
        next: expect.stringContaining("docker compose up"),
      });
    });
  }

  it("receives the consumer's offsets from the default client, and its own tool shows the lag", async () => {
    const topic = await openTopic(workspace, { brokers: [broker.address], name: "reported", partitions: 2 });
    await topic.append(["BTCUSDT", "ETHUSDT", "ETHUSDT"].map((key) => ({ key, value: "{}" })));
    await topic.reportOffsets?.([0, 0]);
    await topic.reportOffsets?.([1, 1]);
    await topic.close();
    const words = ["--bootstrap-server", broker.address, "--describe", "--group", "candlebook"];
    const rows = broker
      .tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", words)
      .split("\n")
      .map((line) => line.trim().split(/\s+/).slice(1, 6))
      .filter(([name]) => name === "reported");
    expect(rows.sort()).toEqual([
      ["reported", "0", "1", "1", "0"],
      ["reported", "1", "1", "2", "1"],
    ]);
  });

  it("receives no offsets through kafkajs, whose public interface commits as a member of the group only", async () => {
    const topic = await openTopic(workspace, {
      brokers: [broker.address],
      client: "kafkajs",
      name: "silent",
    });
    expect(topic.reportOffsets).toBeUndefined();
    await topic.close();
  });

  it("causes no warning of Node but one, by a known defect of kafkajs", () => {
    // https://github.com/tulios/kafkajs/issues/1751; bin/candlebook.mjs does not print it.
    const known = ({ name, stack = "" }: Error) =>
      name === "TimeoutNegativeWarning" && /[\\/]kafkajs[\\/]/.test(stack);
    expect(warnings.filter((warning) => !known(warning))).toEqual([]);
  });
});
