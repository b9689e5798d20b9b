// A consumer in a process of its own, to be killed: `node consumeChild.ts '{"root":…,"brokers":[…],"topic":…}'`.
import type { Workspace } from "../src/core/workspace.ts";
import { consume } from "../src/speed/consume.ts";
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
  process.stdout.write("begun\n");
  await consume(workspace, topic, { once: true, batch: { messages: batch, ms: 10_000 } });
  await topic.close();
  process.stdout.write("done\n");
}

void main(JSON.parse(process.argv[2]) as Order);
