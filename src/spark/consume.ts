import { mkdir } from "node:fs/promises";
import { z } from "zod";
import type { DailyCandle, Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { failure } from "../core/errors.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { claimMarket, readClaim } from "../lake/source.ts";
import { publishDays } from "../speed/tables.ts";
import type { Day } from "../time/day.ts";
import { folderSql } from "./engine.ts";
import { entries } from "./relation.ts";
import type { SparkSession } from "./session.ts";
import type { SparkStream } from "./stream.ts";
import { daysSql, minutesSql, updatesSql } from "./streamSql.ts";

export interface SparkConsumeOptions {
  /** `host:port`, as the Spark server reaches them. */
  brokers: readonly string[];
  topic: string;
  /** Read what is in the topic now, then stop. */
  once?: boolean;
  /** Seconds between micro-batches; default 10. */
  everySeconds?: number;
  /** How long a day waits for late events; default one hour. */
  latenessMs?: number;
}

export interface SparkConsumeResult {
  /** All closed days so far. */
  days: DailyCandle[];
  /** Messages that this run's micro-batches read. */
  read: number;
  /** Updates that came after their window had closed, of all runs; those of one minute in one micro-batch count once. */
  late: number;
}

const PUBLISH_PAUSE_MS = 2000;

/** What is known of the micro-batches; those that end while nobody listens are not counted when the server dies. */
const ledgerForm = z.object({
  schema: z.literal(1),
  /** Late updates by micro-batch; a batch that is repeated after a crash replaces its own count. */
  late: z.record(z.string(), z.number().int()),
});

const folderOf = (workspace: Workspace, ...parts: string[]) =>
  inWorkspace(workspace, "data", "spark_stream", ...parts);

/**
 * Reads the topic's klines into day windows on Spark (Structured Streaming) and publishes what has closed to
 * `streaming_output`. Windows, watermark and offsets are in Spark's checkpoint, `data/spark_stream`: a crash of this
 * process or of the server leaves the same rows. Spark has one watermark for all symbols.
 * @throws CandlebookError `spark_stream_failed` with Spark's words; `spark_no_source`; `table_locked`
 */
export function consumeOnSpark(
  session: SparkSession,
  workspace: Workspace,
  options: SparkConsumeOptions,
  effects: Effects = {},
): Promise<SparkConsumeResult> {
  return withTableLock(workspace, "checkpoint", async () => {
    const claim = await readClaim(workspace);
    if (claim === null) await claimMarket(workspace, { schema: 1, market: "real" });
    const source: Source = claim?.market === "simulated" ? "simulated" : "binance";
    await mkdir(folderOf(workspace), { recursive: true });
    const stream = await startStream(session, workspace, options);
    const read = new Map<number, number>();
    try {
      for (let ended = false; !ended; ) {
        ended = await stream.awaitEnd(PUBLISH_PAUSE_MS);
        await note(workspace, stream, read);
        await publish(session, workspace, stream, source, effects);
      }
    } finally {
      if (effects.signal?.aborted)
        await session
          .stream(stream.id, stream.runId)
          .stop()
          .catch(() => {});
    }
    const words = await stream.exception();
    if (words !== null) throw streamFailed(words);
    const ledger = await readLedger(workspace);
    return {
      days: await closedDays(session, workspace),
      read: [...read.values()].reduce((sum, rows) => sum + rows, 0),
      late: Object.values(ledger.late).reduce((sum, rows) => sum + rows, 0),
    };
  });
}

async function startStream(
  session: SparkSession,
  workspace: Workspace,
  { brokers, topic, once, everySeconds = 10, latenessMs = 3_600_000 }: SparkConsumeOptions,
): Promise<SparkStream> {
  const options = entries({
    "kafka.bootstrap.servers": brokers.join(","),
    subscribe: topic,
    startingOffsets: "earliest",
    failOnDataLoss: "true",
  });
  await session.view("topic", { read: { is_streaming: true, data_source: { format: "kafka", options } } });
  await session.view("updates", {
    with_watermark: {
      input: { sql: { query: updatesSql("topic") } },
      event_time: "ts",
      delay_threshold: `${latenessMs} milliseconds`,
    },
  });
  await session.view("minutes", minutesSql("updates"));
  return session.startStream(daysSql("minutes"), {
    path: folderOf(workspace, "days"),
    format: "parquet",
    checkpoint: folderOf(workspace, "checkpoint"),
    trigger: once === true ? "availableNow" : { everySeconds },
  });
}

async function readLedger(workspace: Workspace): Promise<z.infer<typeof ledgerForm>> {
  const found = ledgerForm.safeParse(await readJson(folderOf(workspace, "late.json")));
  return found.success ? found.data : { schema: 1, late: {} };
}

/** Keeps what Spark tells of its micro-batches: it forgets all but the last hundred. */
async function note(workspace: Workspace, stream: SparkStream, read: Map<number, number>): Promise<void> {
  const ledger = await readLedger(workspace);
  const before = JSON.stringify(ledger);
  for (const { batchId, sources, stateOperators } of await stream.progress()) {
    read.set(batchId, Math.max(read.get(batchId) ?? 0, sources[0]?.numInputRows ?? 0));
    const late = stateOperators.reduce((sum, operator) => sum + operator.numRowsDroppedByWatermark, 0);
    if (late > 0) ledger.late[batchId] = Math.max(ledger.late[batchId] ?? 0, late);
  }
  const after = JSON.stringify(ledger);
  if (after !== before) await writeFileWhole(folderOf(workspace, "late.json"), `${after}\n`);
}

async function closedDays(session: SparkSession, workspace: Workspace): Promise<DailyCandle[]> {
  const rows = await session
    .rows<Omit<DailyCandle, "origin" | "complete" | "day"> & { day: Day }>(
      `SELECT symbol, day, open, high, low, close, volume, minutes
        FROM ${folderSql(folderOf(workspace, "days"))} ORDER BY symbol, day`,
    )
    .catch((error) => {
      // Before the first micro-batch there is no folder, and then an empty one.
      if (/PATH_NOT_FOUND|UNABLE_TO_INFER_SCHEMA/.test(String(error.cause?.errorClass))) return [];
      throw error;
    });
  return rows.map((row) => ({ ...row, origin: "speed", complete: true }));
}

/** Whole tables, but only when a window has closed: the number of closed windows is the version. */
async function publish(
  session: SparkSession,
  workspace: Workspace,
  stream: SparkStream,
  source: Source,
  effects: Effects,
): Promise<void> {
  const days = await closedDays(session, workspace);
  if (days.length === 0) return;
  const recipe = {
    table: "streaming_output",
    stage: "consume",
    parameters: {},
    inputs: [{ name: "spark_stream", version: `${stream.id}:${days.length}` }],
    source,
  };
  await publishDays(workspace, effects, recipe, () => days);
}

function streamFailed(words: string): Error {
  const line = words.split("\n").find((text) => text.trim() !== "") ?? words;
  return failure(
    "spark_stream_failed",
    `The stream on Spark ended: ${line.slice(0, 400)}`,
    "The closed windows are published. Mend what Spark names, then run again: it goes on from its checkpoint.",
  );
}
