import { mkdir } from "node:fs/promises";
import type { DailyCandle, Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { failure } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { readClaim } from "../lake/marketClaim.ts";
import type { Recipe } from "../lake/publish.ts";
import { publishWindows } from "../speed/consume/streamTables.ts";
import { DeadLetters, type PassedOver } from "./deadLetters.ts";
import { entries } from "./relation.ts";
import { folderSql } from "./sparkEngine.ts";
import type { SparkSession } from "./sparkSession.ts";
import type { SparkStream } from "./sparkStream.ts";
import { daysSql, FORM_COUNTS, messagesSql, minutesSql, updatesSql } from "./streamSql.ts";

export interface SparkConsumeOptions {
  /** `host:port`, as the Spark server reaches them. */
  brokers: readonly string[];
  topic: string;
  /** Stop at the current end of the topic. */
  once?: boolean;
  /** Seconds between micro-batches; default 10. */
  everySeconds?: number;
  /** Time that a day waits for late events; default one hour. */
  latenessMs?: number;
}

export interface SparkConsumeResult extends PassedOver {
  /** All closed days so far. */
  days: DailyCandle[];
  /** Messages that this run's micro-batches read. */
  read: number;
}

const PUBLISH_PAUSE_MS = 2000;

/**
 * Micro-batches that Spark's checkpoint keeps; their skipped messages are found through it. A session, and its
 * stream, ends an hour after its client: fewer than this.
 */
const KEPT_BATCHES = 1000;

const folderOf = (workspace: Workspace, ...parts: string[]) =>
  inWorkspace(workspace, "data", "spark_stream", ...parts);

/**
 * Reads the topic's klines into day windows on Spark (Structured Streaming) and publishes closed days to
 * `streaming_output`. Windows, watermark and offsets are in Spark's checkpoint, `data/spark_stream`: a crash of this
 * process or of the server leaves the same rows. Spark has one watermark for all symbols; updates that it drops as
 * late are kept in `late_events`, messages that are not updates in `poison_messages`.
 * @throws CandlebookError `spark_stream_failed` with Spark's message; `spark_no_source`; `table_locked`
 */
export function consumeOnSpark(
  session: SparkSession,
  workspace: Workspace,
  options: SparkConsumeOptions,
  effects: Effects = {},
): Promise<SparkConsumeResult> {
  return withTableLock(workspace, "checkpoint", async () => {
    const claim = await readClaim(workspace);
    const source: Source = claim?.market === "simulated" ? "simulated" : "binance";
    await mkdir(folderOf(workspace), { recursive: true });
    const simulated = source === "simulated";
    const stream = await startStream(session, workspace, options, simulated);
    const { brokers } = options;
    const folder = folderOf(workspace);
    const deadLetters = new DeadLetters({ session, workspace, folder, id: stream.id, brokers, simulated });
    try {
      const counts = await readToEnd(stream, deadLetters, async () => {
        const recipe = { stage: "consume", parameters: {}, source };
        const passedOver = await deadLetters.publish(effects, recipe);
        const days = await closedDays(session, workspace);
        await publishClosed(workspace, effects, { ...recipe, stream: stream.id }, days);
        return passedOver;
      });
      const words = await stream.exception();
      if (words !== null) throw streamFailed(words);
      return { days: await closedDays(session, workspace), ...counts };
    } finally {
      if (effects.signal?.aborted) {
        const running = session.stream(stream.id, stream.runId);
        await running.stop().catch(() => {});
      }
    }
  });
}

/** Follows the stream; publishes when a micro-batch has ended, and at the end. */
async function readToEnd(stream: SparkStream, deadLetters: DeadLetters, publish: () => Promise<PassedOver>) {
  const read = new Map<number, number>();
  let passedOver: PassedOver = { late: 0, poison: 0, tickers: 0, unknown: 0, unseen: 0 };
  for (let ended = false; !ended; ) {
    ended = await stream.awaitEnd(PUBLISH_PAUSE_MS);
    const progress = await stream.progress();
    for (const { batchId, sources } of progress) read.set(batchId, sources[0]?.numInputRows ?? 0);
    // Nothing closes between two micro-batches, and a request to Spark uses threads of the stream.
    if ((await deadLetters.look(progress)) || ended) passedOver = await publish();
  }
  return { read: [...read.values()].reduce((sum, rows) => sum + rows, 0), ...passedOver };
}

async function startStream(
  session: SparkSession,
  workspace: Workspace,
  { brokers, topic, once, everySeconds = 10, latenessMs = 3_600_000 }: SparkConsumeOptions,
  simulated: boolean,
): Promise<SparkStream> {
  const options = entries({
    "kafka.bootstrap.servers": brokers.join(","),
    subscribe: topic,
    startingOffsets: "earliest",
    failOnDataLoss: "true",
  });
  await session.run(`SET spark.sql.streaming.minBatchesToRetain = ${KEPT_BATCHES}`);
  await session.view("topic", { read: { is_streaming: true, data_source: { format: "kafka", options } } });
  await session.view("messages", {
    collect_metrics: {
      input: { sql: { query: messagesSql("topic", simulated) } },
      name: "messages",
      metrics: FORM_COUNTS.map((expression) => ({ expression_string: { expression } })),
    },
  });
  await session.view("updates", {
    with_watermark: {
      input: { sql: { query: updatesSql("messages") } },
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

async function closedDays(session: SparkSession, workspace: Workspace): Promise<DailyCandle[]> {
  const rows = await session
    .rows<Omit<DailyCandle, "origin" | "complete">>(
      `SELECT symbol, day, open, high, low, close, volume, quote_volume, trades, taker_base, vwap, minutes
        FROM ${folderSql(folderOf(workspace, "days"))} ORDER BY symbol, day`,
    )
    .catch((error) => {
      // Before the first micro-batch the folder does not exist, or is empty.
      if (/PATH_NOT_FOUND|UNABLE_TO_INFER_SCHEMA/.test(String(error.cause?.errorClass))) return [];
      throw error;
    });
  return rows.map((row) => ({ ...row, origin: "speed", complete: true }));
}

/** Whole tables, but only when a window has closed: the number of closed windows is the version. */
async function publishClosed(
  workspace: Workspace,
  effects: Effects,
  { stream, ...recipe }: Pick<Recipe, "stage" | "parameters" | "source"> & { stream: string },
  days: DailyCandle[],
): Promise<void> {
  if (days.length === 0) return;
  const inputs = [{ name: "spark_stream", version: `${stream}:${days.length}` }];
  const whole = { ...recipe, table: "streaming_output", inputs };
  await publishWindows(workspace, effects, whole, { length: "1d", rows: () => days });
}

function streamFailed(words: string): Error {
  const line = words.split("\n").find((text) => text.trim() !== "") ?? words;
  const next = words.includes("STATE_STORE")
    ? "If an earlier version wrote its checkpoint: move data/spark_stream away, then run again; it reads the topic from its beginning."
    : "The closed windows are published. Fix the error from Spark, then run again: it continues from its checkpoint.";
  return failure("spark_stream_failed", `The stream on Spark ended: ${line.slice(0, 400)}`, next);
}
