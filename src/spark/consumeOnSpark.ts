import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type DailyCandle, NO_FIGURES, type Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { failure, inputError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { readClaim } from "../lake/marketClaim.ts";
import type { Recipe } from "../lake/publish.ts";
import { streamTable } from "../lake/seriesTables.ts";
import { DAYS } from "../speed/consume/state.ts";
import { publishWindows, windowTable } from "../speed/consume/streamTables.ts";
import { dayOfWindow, isBetter, type WindowCandle, windowOfDay } from "../speed/consume/windowCandle.ts";
import { requireLengths } from "../speed/consume/windowLengths.ts";
import { type FixedInterval, INTERVALS, type Interval } from "../time/interval.ts";
import { DeadLetters, type PassedOver, publishPassedOver } from "./deadLetters.ts";
import { entries } from "./relation.ts";
import { folderSql } from "./sparkEngine.ts";
import type { SparkSession } from "./sparkSession.ts";
import type { SparkStream } from "./sparkStream.ts";
import { candlesSql, FORM_COUNTS, messagesSql, updatesSql, windowsSql } from "./streamSql.ts";

export interface SparkConsumeOptions {
  /** `host:port`, as the Spark server reaches them. */
  brokers: readonly string[];
  topic: string;
  /** Lengths of the windows; default: those of the checkpoint, a day before the first run. */
  windows?: readonly Interval[];
  /** Stop at the current end of the topic. */
  once?: boolean;
  /** Seconds between micro-batches; default 10. */
  everySeconds?: number;
  /** Time that a window waits for late events; default one hour. */
  latenessMs?: number;
}

export interface SparkConsumeResult extends PassedOver {
  /** All closed days so far. */
  days: DailyCandle[];
  /** How many windows of each length are closed so far. */
  windows: { length: Interval; closed: number }[];
  /** Messages that this run's micro-batches read. */
  read: number;
}

/** The stream that makes the windows of one length. */
interface LengthStream {
  length: FixedInterval;
  stream: SparkStream;
  deadLetters: DeadLetters;
}

const PUBLISH_PAUSE_MS = 2000;

/**
 * Micro-batches that Spark's checkpoint keeps; their skipped messages are found through it. A session, and its
 * stream, ends an hour after its client: fewer than this.
 */
const KEPT_BATCHES = 1000;

/** Of the stream of a length. */
const folderOf = (workspace: Workspace, length: Interval, ...parts: string[]) =>
  inWorkspace(workspace, "data", "spark_stream", length, ...parts);

/** Days that an earlier version closed: its topic may have lost their messages. */
const formerDays = (workspace: Workspace) => inWorkspace(workspace, "data", "spark_stream", "days");

/**
 * Reads the topic's klines into windows on Spark (Structured Streaming) and publishes closed ones, days to
 * `streaming_output`, others to `streaming_output_<interval>`. Each length has a stream of its own, with its windows,
 * watermark and offsets in Spark's checkpoint, `data/spark_stream/<interval>`: a crash of this process or of the server
 * leaves the same rows. Spark has one watermark for all symbols; updates that it drops as late are kept in
 * `late_events`, messages that are not updates in `poison_messages`.
 * @throws CandlebookError `spark_stream_failed` with Spark's message; `spark_no_source`; `table_locked`; `other_windows`;
 *   `bad_option` for windows of a month
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
    const lengths = lengthsOf(workspace, options.windows);
    const streams: LengthStream[] = [];
    const published = new Map<FixedInterval, WindowCandle[]>();
    try {
      await viewMessages(session, options, source === "simulated");
      for (const length of lengths) {
        const folder = folderOf(workspace, length);
        await mkdir(folder, { recursive: true });
        const stream = await startStream(session, folder, length, options);
        const { brokers } = options;
        const facts = { brokers, length, simulated: source === "simulated" };
        const deadLetters = new DeadLetters({ session, workspace, folder, id: stream.id, ...facts });
        streams.push({ length, stream, deadLetters });
      }
      const recipe = { stage: "consume", parameters: {}, source };
      const counts = await readToEnd(streams, async () => {
        const kept = [];
        for (const { deadLetters } of streams) kept.push(await deadLetters.kept());
        const passedOver = await publishPassedOver(workspace, effects, recipe, kept);
        for (const { length, stream } of streams) {
          const closed = await closedWindows(session, workspace, length);
          published.set(length, closed);
          await publishClosed(workspace, effects, { ...recipe, stream: stream.id }, { length, closed });
        }
        return passedOver;
      });
      for (const { stream } of streams) {
        const words = await stream.exception();
        if (words !== null) throw streamFailed(words);
      }
      // The streams have ended: nothing has closed since they were published last.
      const windows = [...published].map(([length, closed]) => ({ length, closed: closed.length }));
      return { days: (published.get("1d") ?? []).map(dayOfWindow), windows, ...counts };
    } finally {
      // One that has ended is left as it is; where one failed, the others do not continue alone.
      for (const { stream } of streams)
        await session
          .stream(stream.id, stream.runId)
          .stop()
          .catch(() => {});
    }
  });
}

/** The lengths of a run, ascending. The checkpoint of a version that had days alone counts as one of days. */
function lengthsOf(workspace: Workspace, named?: readonly Interval[]): FixedInterval[] {
  if (named?.includes("1M")) {
    throw inputError(
      "bad_option",
      "--window is 1M; Spark has no windows of calendar months.",
      "Use lengths up to 1w, or consume without --engine spark; candles --interval 1M folds months from days.",
    );
  }
  const known: Interval[] = [];
  for (const length of INTERVALS) {
    const isFormer = length === "1d" && existsSync(formerDays(workspace));
    if (isFormer || existsSync(folderOf(workspace, length, "checkpoint"))) known.push(length);
  }
  const lengths = named ?? (known.length > 0 ? known : DAYS);
  requireLengths(lengths, known, "data/spark_stream");
  return INTERVALS.filter((one): one is FixedInterval => one !== "1M" && lengths.includes(one));
}

/** Follows the streams; publishes when a micro-batch has ended, and at the end: all have ended, or one of them failed. */
async function readToEnd(streams: readonly LengthStream[], publish: () => Promise<PassedOver>) {
  const read = new Map<number, number>();
  let passedOver: PassedOver = { late: 0, poison: 0, tickers: 0, unknown: 0, unseen: 0 };
  for (let ended = false; !ended; ) {
    const ends = await Promise.all(streams.map((one) => hasEnded(one)));
    ended = ends.includes("failed") || ends.every((end) => end !== null);
    const all = await Promise.all(streams.map(({ stream }) => stream.progress()));
    // Each stream reads the same messages.
    for (const { batchId, sources } of all[0]) read.set(batchId, sources[0]?.numInputRows ?? 0);
    let isNew = false;
    // Nothing closes between two micro-batches, and a request to Spark uses threads of the stream.
    for (const [i, { deadLetters }] of streams.entries()) isNew = (await deadLetters.look(all[i])) || isNew;
    if (isNew || ended) passedOver = await publish();
  }
  return { read: [...read.values()].reduce((sum, rows) => sum + rows, 0), ...passedOver };
}

async function hasEnded({ stream }: LengthStream): Promise<"ended" | "failed" | null> {
  if (!(await stream.awaitEnd(PUBLISH_PAUSE_MS))) return null;
  return (await stream.exception()) === null ? "ended" : "failed";
}

/** Names the topic's messages as the view `messages`. */
async function viewMessages(
  session: SparkSession,
  { brokers, topic }: SparkConsumeOptions,
  simulated: boolean,
): Promise<void> {
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
}

async function startStream(
  session: SparkSession,
  folder: string,
  length: FixedInterval,
  { once, everySeconds = 10, latenessMs = 3_600_000 }: SparkConsumeOptions,
): Promise<SparkStream> {
  await session.view(`updates_${length}`, {
    with_watermark: {
      input: { sql: { query: updatesSql("messages", length) } },
      event_time: "ts",
      delay_threshold: `${latenessMs} milliseconds`,
    },
  });
  await session.view(`candles_${length}`, candlesSql(`updates_${length}`, length));
  return session.startStream(windowsSql(`candles_${length}`), {
    path: join(folder, "windows"),
    format: "parquet",
    checkpoint: join(folder, "checkpoint"),
    trigger: once === true ? "availableNow" : { everySeconds },
  });
}

/** Rows of a folder that a stream writes. */
function rowsIn<Row>(session: SparkSession, folder: string): Promise<Row[]> {
  return session.rows<Row>(`SELECT * FROM ${folderSql(folder)}`).catch((error) => {
    // Before the first micro-batch the folder does not exist, or is empty.
    if (/PATH_NOT_FOUND|UNABLE_TO_INFER_SCHEMA/.test(String(error.cause?.errorClass))) return [];
    throw error;
  });
}

type WindowRow = Pick<WindowCandle, "symbol" | "start" | "open" | "high" | "low" | "close" | "volume"> &
  Pick<WindowCandle, "trades" | "parts"> & {
    candle_interval: FixedInterval;
    quote_volume: number | null;
    taker_base: number | null;
    taker_quote: number | null;
  };

/** The closed windows of a length, by symbol and time; of a symbol that has candles of several lengths each once. */
async function closedWindows(
  session: SparkSession,
  workspace: Workspace,
  length: FixedInterval,
): Promise<WindowCandle[]> {
  const rows = await rowsIn<WindowRow>(session, folderOf(workspace, length, "windows"));
  const former =
    length === "1d" && existsSync(formerDays(workspace))
      ? await rowsIn<Omit<DailyCandle, "origin" | "complete">>(session, formerDays(workspace))
      : [];
  const candles = [
    ...former.map((day) => windowOfDay({ ...NO_FIGURES, ...day, origin: "speed", complete: true })),
    ...rows.map(({ candle_interval: interval, quote_volume, taker_base, taker_quote, ...row }) => {
      const amounts = { quoteVolume: quote_volume, takerBase: taker_base, takerQuote: taker_quote };
      return { ...row, ...amounts, length, interval, complete: true };
    }),
  ];
  const best = new Map<string, WindowCandle>();
  for (const candle of candles) {
    const key = `${candle.symbol} ${candle.start}`;
    const other = best.get(key);
    if (other === undefined || isBetter(candle, other)) best.set(key, candle);
  }
  return [...best.keys()].sort().map((key) => best.get(key) as WindowCandle);
}

/** Whole tables, but only when a window has closed: the number of closed windows is the version. */
async function publishClosed(
  workspace: Workspace,
  effects: Effects,
  { stream, ...recipe }: Pick<Recipe, "stage" | "parameters" | "source"> & { stream: string },
  { length, closed }: { length: FixedInterval; closed: readonly WindowCandle[] },
): Promise<void> {
  if (closed.length === 0) return;
  const inputs = [{ name: "spark_stream", version: `${stream}:${closed.length}` }];
  const whole = { ...recipe, table: streamTable(length), inputs };
  const { row } = windowTable(length);
  await publishWindows(workspace, effects, whole, { length, rows: () => closed.map(row) });
}

function streamFailed(words: string): Error {
  const line = words.split("\n").find((text) => text.trim() !== "") ?? words;
  const next = words.includes("STATE_STORE")
    ? "If an earlier version wrote its checkpoint: move data/spark_stream away, then run again; it reads the topic from its beginning."
    : "The closed windows are published. Fix the error from Spark, then run again: it continues from its checkpoint.";
  return failure("spark_stream_failed", `The stream on Spark ended: ${line.slice(0, 400)}`, next);
}
