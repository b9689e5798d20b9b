import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** Next offsets by topic and partition, as Spark's Kafka source writes them. */
export const offsetsForm = z.record(z.string(), z.record(z.string(), z.number().int()));
const batchForm = z.object({ batchWatermarkMs: z.number() });

export type Offsets = z.infer<typeof offsetsForm>;

/** The offsets of a micro-batch, and the watermark behind which it dropped updates. */
export interface Batch {
  from: Offsets;
  to: Offsets;
  watermarkMs: number;
}

/** Numbers of the batches with a file in the folder, ascending; none if it does not exist. */
export async function batchesIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const found = names.map((name) => /^(\d+)(\.json)?$/.exec(name)?.[1]);
  return found
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * A batch from Spark's log of offsets: a line with the format's version, one with the watermark, one for each source.
 * An update is late if it is behind the watermark of the previous batch, by which its windows were closed
 * (`IncrementalExecution`, `inputWatermarkForLateEvents`); the first batch has none.
 * @returns null if Spark has removed the entry, or the previous one
 */
export async function readBatch(checkpoint: string, batch: number): Promise<Batch | null> {
  const [before, own] = await Promise.all([batch - 1, batch].map((number) => readEntry(checkpoint, number)));
  if (own === null || (before === null && batch > 0)) return null;
  const from = before?.offsets ?? (await readStart(checkpoint));
  return { from, to: own.offsets, watermarkMs: before?.watermarkMs ?? 0 };
}

/** The start of the stream: the Kafka source writes it once, after a zero byte and its format's version. */
async function readStart(checkpoint: string): Promise<Offsets> {
  const text = await readFile(join(checkpoint, "sources", "0", "0"), "utf8").catch(() => "{}");
  return offsetsForm.parse(JSON.parse(text.slice(text.indexOf("{"))));
}

/** The end of a batch and its own watermark; null without an entry. */
export async function readEntry(
  checkpoint: string,
  batch: number,
): Promise<{ offsets: Offsets; watermarkMs: number } | null> {
  const text = await readFile(join(checkpoint, "offsets", String(batch)), "utf8").catch(() => null);
  if (text === null) return null;
  const [, facts, source] = text.split("\n");
  const { batchWatermarkMs } = batchForm.parse(JSON.parse(facts));
  return { offsets: offsetsForm.parse(JSON.parse(source)), watermarkMs: batchWatermarkMs };
}

/** The number of messages between two sets of offsets; a partition missing in the first counts from 0. */
export function messagesBetween(from: Offsets, to: Offsets): number {
  return Object.entries(to)
    .flatMap(([topic, ends]) =>
      Object.entries(ends).map(([partition, end]) => end - (from[topic]?.[partition] ?? 0)),
    )
    .reduce((sum, count) => sum + count, 0);
}
