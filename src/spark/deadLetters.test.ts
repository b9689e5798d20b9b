import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { DeadLetters, publishPassedOver } from "./deadLetters.ts";
import type { SparkSession } from "./sparkSession.ts";
import type { StreamProgress } from "./sparkStream.ts";

const KEPT = 1000;
const IN_A_BATCH = 10;

/** A checkpoint as Spark keeps it: an entry for each micro-batch, the oldest removed as new ones come. */
function checkpointIn(folder: string) {
  const places = ["offsets", "commits"].map((name) => join(folder, "checkpoint", name));
  return async (from: number, to: number): Promise<void> => {
    for (const place of places) await mkdir(place, { recursive: true });
    for (let batch = from; batch <= to; batch += 1) {
      const offsets = JSON.stringify({ prices: { 0: (batch + 1) * IN_A_BATCH } });
      await writeFile(join(places[0], `${batch}`), `v1\n{"batchWatermarkMs":0}\n${offsets}`);
      await writeFile(join(places[1], `${batch}`), "v1\n{}");
      for (const place of places) await rm(join(place, `${batch - KEPT - 1}`), { force: true });
    }
  };
}

/** A session in which every batch's messages can be read again; one of them is a ticker. @param asked statements */
function sessionOf(asked: string[]): SparkSession {
  const never = () => {
    throw new Error("A journal asks for rows and names views, no more.");
  };
  const rows = async (sql: string) => {
    asked.push(sql);
    return [{ messages: IN_A_BATCH, tickers: 1, others: 0 }];
  };
  return {
    ...{ id: "s", version: "4.2.0", run: never, write: never, startStream: never, stream: never },
    ...{ rows: rows as SparkSession["rows"], view: async () => {}, close: never, leave: never },
  };
}

/** What Spark tells of a batch that dropped nothing and held one ticker. */
const told = (batchId: number): StreamProgress => ({
  batchId,
  sources: [{ numInputRows: IN_A_BATCH }],
  observedMetrics: { messages: { tickers: 1, others: 0 } },
  eventTime: {},
  stateOperators: [{ operatorName: "stateStoreSave", numRowsTotal: 0, numRowsDroppedByWatermark: 0 }],
});

it("more micro-batches than Spark keeps have ended unseen: those that are gone are counted, once, the others read again", async () => {
  const workspace = await scratchWorkspace();
  const folder = join(workspace.root, "data", "spark_stream");
  const endBatches = checkpointIn(folder);
  const asked: string[] = [];
  const options = {
    workspace,
    folder,
    id: "stream",
    brokers: ["127.0.0.1:9"],
    simulated: false,
    length: "1d" as const,
  };
  const journal = () => new DeadLetters({ session: sessionOf(asked), ...options });
  const total = async () => {
    const recipe = { stage: "consume", parameters: {}, source: "binance" } as const;
    return publishPassedOver(workspace, {}, recipe, [await journal().kept()]);
  };
  try {
    const first = journal();
    await endBatches(0, 9);
    expect(await first.look(Array.from({ length: 10 }, (_, batch) => told(batch)))).toBe(true);
    const nothing = { late: 0, poison: 0, unknown: 0 };
    expect(await total()).toEqual({ ...nothing, tickers: 10, unseen: 0 });
    expect(asked).toEqual([]);
    // 1,100 more, of which Spark keeps the last 1,001 and tells of the last 100: what the 100 before them held is lost,
    // that of the oldest kept among it, since where it began stood in the one before.
    await endBatches(10, 1109);
    const progress = Array.from({ length: 100 }, (_, i) => told(1010 + i));
    expect(await first.look(progress)).toBe(true);
    expect(await total()).toEqual({ ...nothing, tickers: 10 + 1000, unseen: 100 * IN_A_BATCH });
    expect(asked).toHaveLength(900);
    expect(await first.look(progress)).toBe(false);
    await endBatches(1110, 1110);
    expect(await journal().look([told(1110)])).toBe(true);
    expect(await total()).toEqual({ ...nothing, tickers: 10 + 1001, unseen: 100 * IN_A_BATCH });
  } finally {
    await rm(workspace.root, { recursive: true, force: true });
  }
});
