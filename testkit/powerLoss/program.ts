// A stretch of work whose system calls are recorded: node testkit/powerLoss/program.ts KIND ROOT INPUTS
// It prints `N` when its step N is promised to be on the disk.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { publishRows } from "../../src/lake/publishRows.ts";
import { recordRun } from "../../src/pipeline/runLog.ts";
import { appendJournal } from "../../src/sources/journal.ts";
import { consume } from "../../src/speed/consume/consume.ts";
import { addDays, type Day } from "../../src/time/day.ts";
import type { EpochMs } from "../../src/time/epoch.ts";
import { MINUTE_MS } from "../../src/time/epoch.ts";
import { banList } from "../../src/venues/ban.ts";
import { runBatch } from "../batch.ts";
import { embeddedTopic, klineMessage, madeUpMinutes, outgoing } from "../stream.ts";
import { derive, februaryExchange, fetchFebruary } from "./work.ts";
import { workspaceAt } from "./workspaceAt.ts";

const [kind, root, inputs] = process.argv.slice(2);
const workspace = workspaceAt(root);
const START = Date.UTC(2025, 5, 2);
const promised = (step: number) => writeSync(1, `${step}\n`);

const WORK: Record<string, () => Promise<void>> = {
  publish: async () => {
    for (let step = 1; step <= 3; step += 1) {
      const recipe = {
        ...{ table: "daily_batch", stage: "daily", parameters: { step }, inputs: [], source: "csv" as const },
      };
      const rows = Array.from({ length: step * 300 }, (_, n) => ({
        ...{ symbol: "BTCUSDT", day: addDays("2025-06-02" as Day, n), step },
      }));
      const columns = { symbol: "VARCHAR", day: "DATE", step: "INTEGER" } as const;
      await publishRows(workspace, {}, recipe, { columns, pages: () => [rows] });
      promised(step);
    }
  },
  stream: async () => {
    const minutes = madeUpMinutes(3, "BTCUSDT", START, 2 * 1_440 + 90);
    const topic = embeddedTopic(workspace, { partitions: 1 });
    for (let step = 1; step <= 3; step += 1) {
      const part = minutes.slice((step - 1) * 990, step * 990);
      await topic.append(outgoing(part.map((one) => klineMessage(one, true, one.openTime + MINUTE_MS))));
      await consume(workspace, topic, { once: true });
      promised(step);
    }
    await topic.close();
  },
  books: async () => {
    for (let step = 1; step <= 3; step += 1) {
      const at = START as EpochMs;
      await appendJournal(workspace, {
        symbol: `S${step}`,
        interval: "1m",
        wanted: [],
        lacking: [],
        file: null,
        at,
      });
      await banList(join(root, "data", "bans.json")).add(`http://${step}.test`, START + 60_000 * step, START);
      const end = await recordRun(workspace, `run ${step}`, "data/logs/none.log");
      await end({ rows: step, seconds: 1, exit: 0 });
      promised(step);
    }
  },
  batch: async () => {
    for (let step = 1; step <= 2; step += 1) {
      const files = Array.from({ length: step }, (_, i) => join(inputs, `${i + 1}`, "BTCUSDT.csv"));
      await runBatch(workspace, files);
      promised(step);
    }
  },
  derived: async () => {
    for (let step = 1; step <= 2; step += 1) {
      await derive(workspace, step);
      promised(step);
    }
  },
  download: async () => {
    const exchange = await februaryExchange();
    for (let step = 1; step <= 2; step += 1) {
      await fetchFebruary(workspace, exchange, step);
      promised(step);
    }
    await exchange.simulator.close();
  },
};

void WORK[kind]();
