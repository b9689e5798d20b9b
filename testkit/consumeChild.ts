// A consumer in a process of its own that tells each step with a dot, to be killed: `node consumeChild.ts '{"root":…,"brokers":[…],"topic":…}'`.
import { writeSync } from "node:fs";
import type { Workspace } from "../src/core/workspace.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { openTopic } from "../src/topic/openTopic.ts";

interface Order {
  root: string;
  now: number;
  brokers?: string[];
  topic?: string;
  batch: number;
}

async function main({ root, now, brokers, topic: name, batch }: Order): Promise<void> {
  const workspace: Workspace = { root, clock: () => now, resources: { threads: 1, memory: "256MB" } };
  const topic = await openTopic(workspace, { brokers, name });
  // At once, not through a stream: whoever counts the steps kills in the middle of one.
  const onStep = () => void writeSync(1, ".");
  await consume(workspace, topic, { once: true, batch: { messages: batch, ms: 10_000 }, onStep });
  await topic.close();
}

void main(JSON.parse(process.argv[2]) as Order);
