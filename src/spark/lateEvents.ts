import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Recipe } from "../lake/publish.ts";
import { publishLate } from "../speed/tables.ts";
import { entries } from "./relation.ts";
import type { SparkSession } from "./session.ts";
import type { StreamProgress } from "./stream.ts";
import { lateSql } from "./streamSql.ts";

/** Next offsets by topic and partition, as Spark's Kafka source writes them. */
const offsetsForm = z.record(z.string(), z.record(z.string(), z.number().int()));
const batchForm = z.object({ batchWatermarkMs: z.number() });
const seenForm = z.object({ schema: z.literal(2), batch: z.number().int() });

type Offsets = z.infer<typeof offsetsForm>;

/** What a micro-batch read, and the watermark behind which it dropped. */
interface Batch {
  from: Offsets;
  to: Offsets;
  watermarkMs: number;
}

export interface LateJournal {
  /** Keeps the late events of the micro-batches that have ended since the last look. */
  look(progress: readonly StreamProgress[]): Promise<void>;
  /** Publishes them as `late_events`, where there are any. @returns how many, of all runs */
  publish(effects: Effects, recipe: Omit<Recipe, "table" | "inputs">): Promise<number>;
}

/**
 * The late events of a stream on Spark. Spark drops them without a word but their number, and forgets even that when
 * its server ends. What it read, and behind which watermark, is in its checkpoint: from there they are read again.
 * @param folder of the stream: its `checkpoint`, and ours, `late`
 * @param id the stream's, the same for all runs from one checkpoint
 */
export function lateJournal(
  session: SparkSession,
  workspace: Workspace,
  folder: string,
  id: string,
  brokers: readonly string[],
): LateJournal {
  const own = join(folder, "late", id);
  const checkpoint = join(folder, "checkpoint");
  const keep = async (batch: number) => {
    const found = await readBatch(checkpoint, batch);
    if (found === null || found.watermarkMs <= 0) return;
    const rows = await lateRows(session, brokers, found);
    if (rows.length > 0) await writeFileWhole(join(own, `${batch}.json`), JSON.stringify(rows));
  };
  return {
    look: async (progress) => {
      await mkdir(own, { recursive: true });
      const seen = seenForm.safeParse(await readJson(join(own, "seen.json")));
      const before = seen.success ? seen.data.batch : -1;
      const ended = (await batchesIn(join(checkpoint, "commits"))).filter((batch) => batch > before);
      if (ended.length === 0) return;
      for (const batch of ended) if (droppedIn(progress, batch) !== 0) await keep(batch);
      const last = { schema: 2, batch: Math.max(...ended) };
      await writeFileWhole(join(own, "seen.json"), `${JSON.stringify(last)}\n`);
    },
    publish: async (effects, recipe) => {
      const batches = await batchesIn(own);
      if (batches.length === 0) return 0;
      const inputs = [{ name: "spark_stream", version: `${id}:${batches.join(",")}` }];
      const parts = await Promise.all(batches.map((batch) => readJson(join(own, `${batch}.json`))));
      const rows = parts.flat() as object[];
      await publishLate(workspace, effects, { ...recipe, table: "late_events", inputs }, () => [rows]);
      return rows.length;
    },
  };
}

/** How many rows Spark says it dropped; undefined where it says nothing of the batch (any more). */
function droppedIn(progress: readonly StreamProgress[], batch: number): number | undefined {
  const own = progress.find(({ batchId }) => batchId === batch);
  return own?.stateOperators.reduce((sum, operator) => sum + operator.numRowsDroppedByWatermark, 0);
}

/** Numbers of the batches that a folder has a file for, ascending; none where it is not there. */
async function batchesIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const found = names.map((name) => /^(\d+)(\.json)?$/.exec(name)?.[1]);
  return found
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * A batch from Spark's log of offsets: a line with the format's version, one with the watermark, one for each source.
 * Late is what lies behind the watermark of the batch before, by which its windows were closed
 * (`IncrementalExecution`, `inputWatermarkForLateEvents`).
 * @returns null for the first batch, and where Spark has removed the entry
 */
async function readBatch(checkpoint: string, batch: number): Promise<Batch | null> {
  const [before, own] = await Promise.all(
    [batch - 1, batch].map(async (number) => {
      const text = await readFile(join(checkpoint, "offsets", String(number)), "utf8").catch(() => null);
      return (
        text
          ?.split("\n")
          .slice(1)
          .map((line) => (line.startsWith("{") ? JSON.parse(line) : {})) ?? null
      );
    }),
  );
  if (before === null || own === null) return null;
  const { batchWatermarkMs } = batchForm.parse(before[0]);
  return { from: offsetsForm.parse(before[1]), to: offsetsForm.parse(own[1]), watermarkMs: batchWatermarkMs };
}

async function lateRows(
  session: SparkSession,
  brokers: readonly string[],
  { from, to, watermarkMs }: Batch,
): Promise<object[]> {
  // A partition that came after the stream's start is read from its beginning (-2).
  const starts = Object.fromEntries(
    Object.entries(to).map(([topic, ends]) => [
      topic,
      Object.fromEntries(Object.keys(ends).map((partition) => [partition, from[topic]?.[partition] ?? -2])),
    ]),
  );
  const options = entries({
    "kafka.bootstrap.servers": brokers.join(","),
    subscribe: Object.keys(to).join(","),
    startingOffsets: JSON.stringify(starts),
    endingOffsets: JSON.stringify(to),
    failOnDataLoss: "false",
  });
  await session.view("read_again", { read: { data_source: { format: "kafka", options } } });
  return session.rows(lateSql("read_again", watermarkMs));
}
