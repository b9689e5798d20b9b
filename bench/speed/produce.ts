// Appends made-up messages. Usage: produce.ts BROKER|embedded TOPIC PARTITIONS COUNT OUT
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTopic } from "../../src/topic/openTopic.ts";
import { messages } from "./messages.ts";

const [where, name, partitions, count, out] = process.argv.slice(2);
const workspace = { root: out, clock: () => Date.now(), resources: { threads: 1, memory: "256MB" } };
const brokers = where === "embedded" ? undefined : [where];
const topic = await openTopic(workspace, { brokers, name, partitions: Number(partitions) });
let spent = 0;
let inFlight: Promise<void>[] = [];
for (const chunk of messages(Number(count), 4_000)) {
  const began = performance.now();
  inFlight.push(topic.append(chunk));
  if (inFlight.length >= 4) await inFlight.shift();
  spent += performance.now() - began;
}
const began = performance.now();
await Promise.all(inFlight);
inFlight = [];
spent += performance.now() - began;
await topic.close();
writeFileSync(join(out, "result.json"), JSON.stringify({ messages: Number(count), seconds: spent / 1_000 }));
