import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "../src/time/epoch.ts";
import { KAFKA_CLIENTS, openTopic } from "../src/topic/openTopic.ts";
import { type Broker, noBroker, startBroker } from "../testkit/broker.ts";
import { CONTRACT_NOW, topicContract } from "../testkit/topicContract.ts";

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

const warnings: string[] = [];
const note = ({ name }: Error) => warnings.push(name);
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

  it("is told by either client how far the consumer is, and its own tool shows the lag", async () => {
    for (const client of KAFKA_CLIENTS) {
      const topic = await openTopic(workspace, {
        brokers: [broker.address],
        client,
        name: `told-${client}`,
        partitions: 2,
      });
      await topic.append(["BTCUSDT", "ETHUSDT", "ETHUSDT"].map((key) => ({ key, value: "{}" })));
      await topic.tellPosition?.([0, 0]);
      await topic.tellPosition?.([1, 1]);
      await topic.close();
    }
    const words = ["--bootstrap-server", broker.address, "--describe", "--group", "candlebook"];
    const lines = broker
      .tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", words)
      .split("\n");
    const told = lines
      .map((line) => line.trim().split(/\s+/).slice(1, 6))
      .filter(([name]) => name?.startsWith("told-"));
    const rows = KAFKA_CLIENTS.flatMap((client) => [
      [`told-${client}`, "0", "1", "1", "0"],
      [`told-${client}`, "1", "1", "2", "1"],
    ]);
    expect(told.sort()).toEqual(rows.sort());
  });

  it("has Node warn of nothing, whichever client is used", () => {
    expect(warnings).toEqual([]);
  });
});
