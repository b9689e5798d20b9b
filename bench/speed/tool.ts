// Kafka's own perf tools. Usage: tool.ts produce|consume BROKER TOPIC COUNT LIBRARIES OUT
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BYTES } from "./messages.ts";

const [what, broker, topic, count, libraries, out] = process.argv.slice(2);
const java = (name: string, ...words: string[]) =>
  execFileSync("java", ["-Xmx512m", "-cp", join(libraries, "*"), name, ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
let rate: number;
if (what === "produce") {
  const said = java(
    "org.apache.kafka.tools.ProducerPerformance",
    ...["--topic", topic, "--num-records", count, "--record-size", String(BYTES), "--throughput", "-1"],
    ...["--producer-props", `bootstrap.servers=${broker}`, "acks=all"],
  );
  const lines = said.trim().split("\n");
  rate = Number(/([\d.]+) records\/sec/.exec(lines[lines.length - 1])?.[1]);
} else {
  const said = java(
    "org.apache.kafka.tools.ConsumerPerformance",
    ...["--bootstrap-server", broker, "--topic", topic, "--num-records", count, "--timeout", "60000"],
  );
  const [head, row] = said
    .trim()
    .split("\n")
    .slice(-2)
    .map((line) => line.split(", "));
  // Of the fetching alone: the joining of its group is not counted.
  rate = Number(row[head.indexOf("fetch.nMsg.sec")]);
}
const messages = Number(count);
writeFileSync(join(out, "result.json"), JSON.stringify({ messages, seconds: messages / rate }));
