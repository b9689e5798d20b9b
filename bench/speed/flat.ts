// The consumer's peak memory beside the length of its backlog, on the embedded topic.
// Usage: node bench/speed/flat.ts [MESSAGES…]
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTopic } from "../../src/topic/openTopic.ts";
import { compare, resultTable } from "../harness.ts";
import { closedDays, messages } from "./messages.ts";

const words = process.argv.slice(2);
const counts = (words.length === 0 ? ["1000000", "10000000"] : words).map(Number);
const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-"));

const nameOf = (count: number) => `${count / 1e6} million messages`;

async function load(count: number): Promise<string> {
  const root = join(scratch, String(count));
  const workspace = { root, clock: () => Date.now(), resources: { threads: 1, memory: "256MB" } };
  const topic = await openTopic(workspace, { name: "backlog" });
  for (const chunk of messages(count, 4_000)) await topic.append(chunk);
  await topic.close();
  return root;
}

try {
  const roots = new Map<number, string>();
  for (const count of counts) roots.set(count, await load(count));
  const rivals = counts.map((count) => ({
    name: nameOf(count),
    command: (out: string) => ({
      file: process.execPath,
      args: [join(import.meta.dirname, "consume.ts"), "embedded", "backlog", roots.get(count) as string, out],
    }),
  }));
  const check = async (name: string, out: string) => {
    const count = counts.find((one) => nameOf(one) === name) as number;
    const result = JSON.parse(readFileSync(join(out, "result.json"), "utf8"));
    if (result.messages !== count || result.closed !== closedDays(count)) {
      throw new Error(`${name}: ${JSON.stringify(result)}`);
    }
  };
  const measured = await compare({ rivals, rounds: 1, scratch, check });
  const [first, last] = [measured[0], measured[measured.length - 1]];
  console.log(resultTable(measured));
  console.log(`\nPeak, ${last.name} : ${first.name}: ${(last.peak / first.peak).toFixed(2)}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
