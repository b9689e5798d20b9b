// Topic → windows → streaming_output, with its checkpoint, as built: on TypeScript Node would hold its compiler too.
// Usage: consume.ts BROKER|embedded TOPIC ROOT OUT
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { consume } from "../../dist/speed/consume/consume.js";
import { openEmbeddedTopic } from "../../dist/topic/embedded.js";
import { openTopic } from "../../dist/topic/openTopic.js";

const [where, name, root, out] = process.argv.slice(2);
const workspace = { root: out, clock: () => Date.now(), resources: { threads: 1, memory: "256MB" } };
const topic =
  where === "embedded"
    ? openEmbeddedTopic({ path: join(root, "data", "topic.db"), name, partitions: 1, clock: workspace.clock })
    : await openTopic(workspace, { brokers: [where], name });
const began = performance.now();
const { counts, closed } = await consume(workspace, topic, { once: true });
const seconds = (performance.now() - began) / 1_000;
await topic.close();
writeFileSync(
  join(out, "result.json"),
  JSON.stringify({ messages: counts.read, seconds, closed: closed.length, late: counts.late }),
);
