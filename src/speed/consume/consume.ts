import type { DailyCandle, Source } from "../../candle/candle.ts";
import { delay } from "../../core/delay.ts";
import type { Effects } from "../../core/effects.ts";
import { CandlebookError, inputError, throwIfAborted } from "../../core/errors.ts";
import { monotonicClock } from "../../core/machine.ts";
import type { Workspace } from "../../core/workspace.ts";
import { limitYoungGeneration, type YoungGenerationLimit } from "../../core/youngGenerationLimit.ts";
import { withTableLock } from "../../lake/lock.ts";
import { readClaim } from "../../lake/marketClaim.ts";
import { readTable } from "../../lake/read.ts";
import { streamTable } from "../../lake/seriesTables.ts";
import { withLake } from "../../lake/session.ts";
import type { Day } from "../../time/day.ts";
import { toIso } from "../../time/epoch.ts";
import type { Interval } from "../../time/interval.ts";
import type { Offset, Topic, TopicReader, TopicRecord } from "../../topic/topic.ts";
import { type Exchange, seriesName } from "../exchange.ts";
import { growingInput } from "./appendTable.ts";
import { type Checkpoint, type ClosedWindow, openCheckpoint } from "./checkpoint.ts";
import { checkpointPath } from "./checkpointSchema.ts";
import { closeWindow, dueWindows, newestAppend } from "./closeWindows.ts";
import { OffsetReporter } from "./offsetReporter.ts";
import { type StreamView, symbolStreams, viewOf } from "./openWindows.ts";
import { publishStream } from "./publishStream.ts";
import { describeLoss, digestOf, findLosses, type LostRange, refill, refuseLosses } from "./resume.ts";
import {
  applyRecord,
  type BatchOutput,
  type Counts,
  DAYS,
  emptyOutput,
  emptyState,
  lagOf,
  openCandles,
  type StreamState,
} from "./state.ts";
import { publishedWindows } from "./streamTables.ts";
import { ALLOWED_LATENESS_MS } from "./watermark.ts";
import { addCandle, missingSpans, type Window } from "./window.ts";
import { dayOfWindow } from "./windowCandle.ts";
import { setLengths } from "./windowLengths.ts";
import { noteFetched } from "./windowSource.ts";

/** A point between two writes, at which a test may end the work. */
export type ConsumeStep = "read" | "closed" | "writing" | "committed" | "published";

export interface ConsumeOptions {
  /** Lengths of the windows; default: those of the checkpoint, days where there is none. */
  windows?: readonly Interval[];
  /** Read what is in the topic now, then stop. */
  once?: boolean;
  /** Read what is in the topic now, close every window that ends with this day or before, then stop. */
  until?: Day;
  /** Publish the open windows too, with `complete = false`. */
  emitOpen?: boolean;
  /** Where messages were lost, continue without them at the topic's beginning. */
  fromEarliest?: boolean;
  /** Milliseconds; default one hour. */
  lateness?: number;
  /** The size of a batch, messages or milliseconds, whichever is reached first; default 5,000 and 10 s. */
  batch?: { messages: number; ms: number };
  /** Fills the gaps of a symbol that fell silent, and of lost messages; without it they remain gaps. */
  exchange?: Exchange;
  onStep?(step: ConsumeStep): void;
}

export interface ConsumeResult extends StreamView {
  /** What this run read and counted. */
  counts: Counts;
  /** Rows of the days that this run closed. */
  closed: DailyCandle[];
  /** How many windows of each length this run closed. */
  windows: { length: Interval; closed: number }[];
  lost: LostRange[];
  /** Candles fetched over REST. */
  refilled: number;
  /** Windows closed with gaps because REST did not answer. */
  unasked: number;
}

const DEFAULT_BATCH = { messages: 5_000, ms: 10_000 };
const POLL_MS = 250;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5_000;
/** While the consumer is behind, tables are published at most this often. */
const PUBLISH_EVERY_MS = 5_000;

/**
 * Reads the topic into windows and publishes each when it closes: `streaming_output` of days,
 * `streaming_output_<interval>` of other lengths, `late_events`, `poison_messages`. Windows, watermarks and offsets are committed together, so that a crash at any point, a duplicate
 * message, and any order within the lateness lead to the same rows. Without `once` and `until` it runs until the
 * signal aborts it.
 * @throws CandlebookError `offsets_lost`, `other_topic`, `other_windows`, `table_locked` (a second consumer), `mixed_markets`,
 *   `topic_unreachable` with `once` or `until`; otherwise it retries
 */
export function consume(
  workspace: Workspace,
  topic: Topic,
  options: ConsumeOptions = {},
  effects: Effects = {},
): Promise<ConsumeResult> {
  return withTableLock(workspace, "checkpoint", async () => {
    const source = await sourceOf(workspace);
    const consumer = new Consumer({ workspace, topic, options, effects, source });
    try {
      return await consumer.run();
    } finally {
      await consumer.close();
    }
  });
}

/** The market of the topic; that of an empty workspace may be known with its first message only. */
async function sourceOf(workspace: Workspace): Promise<Source> {
  return (await readClaim(workspace))?.market === "simulated" ? "simulated" : "binance";
}

interface Setup {
  workspace: Workspace;
  topic: Topic;
  options: ConsumeOptions;
  effects: Effects;
  source: Source;
}

/** One run of the consumer, from the checkpoint that it opens to the one that it leaves. */
class Consumer {
  readonly #workspace: Workspace;
  readonly #topic: Topic;
  readonly #options: ConsumeOptions;
  readonly #effects: Effects;
  readonly #lateness: number;
  readonly #checkpoint: Checkpoint;
  readonly #reporter: OffsetReporter;
  readonly #memory: YoungGenerationLimit;
  readonly #result: Pick<ConsumeResult, "closed" | "lost" | "refilled" | "unasked">;
  readonly #closed = new Map<Interval, number>();
  #source: Source;
  #state: StreamState = emptyState();
  /** Where to stop, by partition; null where it runs on. */
  #goal: readonly Offset[] | null = null;
  #retryMs = FIRST_RETRY_MS;

  constructor({ workspace, topic, options, effects, source }: Setup) {
    this.#workspace = workspace;
    this.#topic = topic;
    this.#options = options;
    this.#effects = effects;
    this.#source = source;
    this.#lateness = options.lateness ?? ALLOWED_LATENESS_MS;
    this.#checkpoint = openCheckpoint(checkpointPath(workspace));
    this.#reporter = new OffsetReporter(topic);
    this.#memory = limitYoungGeneration();
    this.#result = { closed: [], lost: [], refilled: 0, unasked: 0 };
  }

  async run(): Promise<ConsumeResult> {
    const { windows } = this.#options;
    await this.#inheritWindows(windows ?? DAYS);
    this.#state = this.#checkpoint.load();
    this.#refuseOtherTopic();
    if (windows !== undefined) setLengths(this.#state, windows, this.#checkpoint.lengths());
    const before = { ...this.#state.counts };
    await this.#resume();
    await this.#publish();
    const { once, until } = this.#options;
    if (once || until !== undefined) this.#goal = (await this.#topic.ranges()).map(({ end }) => end);
    await this.#readToGoal();
    const counts = Object.fromEntries(
      Object.entries(this.#state.counts).map(([name, value]) => [name, value - before[name as keyof Counts]]),
    ) as unknown as Counts;
    const closed = this.#state.lengths.map((length) => ({ length, closed: this.#closed.get(length) ?? 0 }));
    return { ...viewOf(this.#state, this.#lateness), counts, ...this.#result, windows: closed };
  }

  async close(): Promise<void> {
    this.#memory.release();
    await this.#reporter.settled();
    this.#checkpoint.close();
  }

  /** Reads until the goal is reached; it opens a new reader where messages were lost or the broker did not answer. */
  async #readToGoal(): Promise<void> {
    for (;;) {
      let reader: TopicReader | null = null;
      try {
        reader = await this.#topic.read(this.#state.partitions.map(({ next }) => next));
        if (await this.#readBatches(reader)) return;
        await this.#resume();
      } catch (error) {
        await this.#recover(error);
      } finally {
        await reader?.close();
      }
    }
  }

  /** @throws the error where reading again does not help */
  async #recover(error: unknown): Promise<void> {
    if (!(error instanceof CandlebookError)) throw error;
    if (error.code === "offset_out_of_range") return this.#resume();
    if (error.code !== "topic_unreachable" || this.#goal !== null) throw error;
    this.#note(`${error.message} Trying again in ${this.#retryMs / 1000} s`);
    await delay(this.#retryMs, this.#effects.signal);
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  /** @returns whether the goal is reached; else the topic has more partitions than before */
  async #readBatches(reader: TopicReader): Promise<boolean> {
    let last = false;
    let publishedAt = monotonicClock();
    while (!last) {
      throwIfAborted(this.#effects.signal);
      const output = await this.#readBatch(reader);
      this.#options.onStep?.("read");
      const ends = (await this.#topic.ranges()).map(({ end }) => end);
      last = this.#goalReached;
      this.#state.lag = lagOf(ends, this.#state.partitions);
      await this.#finishBatch(output, ends, last ? this.#options.until : undefined);
      this.#noteProgress();
      this.#memory.check();
      const behind = this.#state.lag > 0 && monotonicClock() - publishedAt < PUBLISH_EVERY_MS;
      if (last || !behind) {
        await this.#publish();
        publishedAt = monotonicClock();
      }
      if (ends.length !== this.#state.partitions.length) return false;
    }
    return true;
  }

  get #goalReached(): boolean {
    const { partitions } = this.#state;
    return this.#goal?.every((end, partition) => partitions[partition].next >= end) ?? false;
  }

  /** Reads a batch into the state; it ends early at the goal. */
  async #readBatch(reader: TopicReader): Promise<BatchOutput> {
    const { messages, ms } = this.#options.batch ?? DEFAULT_BATCH;
    const state = this.#state;
    const output = emptyOutput();
    const last = new Map<number, TopicRecord>();
    const began = monotonicClock();
    let count = 0;
    const full = () => count >= messages || monotonicClock() - began >= ms;
    while (!full() && !this.#goalReached && !this.#effects.signal?.aborted) {
      const records = await reader.next(POLL_MS);
      // A producer that started after this consumer has given an empty workspace its market.
      if (records.length > 0 && state.counts.read === 0) this.#source = await sourceOf(this.#workspace);
      const simulated = this.#source === "simulated";
      const rules = { topic: this.#topic.id, lateness: this.#lateness, simulated };
      for (const record of records) {
        applyRecord(state, output, record, rules);
        state.partitions[record.partition].next = record.offset + 1;
        last.set(record.partition, record);
        count += 1;
      }
    }
    for (const [partition, record] of last) state.partitions[partition].digest = digestOf(record);
    return output;
  }

  /** Closes what is due and commits. @param until close everything up to this day */
  async #finishBatch(output: BatchOutput, ends: readonly Offset[], until: Day | undefined): Promise<void> {
    const { onStep } = this.#options;
    const state = this.#state;
    const due = dueWindows(state, { lateness: this.#lateness, now: newestAppend(state), until }, ends);
    for (const { window, why } of due) {
      if (why === "silence") await this.#fillGaps(window);
      const candle = closeWindow(state, window);
      if (candle !== null) output.closed.push(candle);
    }
    onStep?.("closed");
    const gone = due.map(({ window }) => window);
    const commit = { topic: this.#topic.id, state, output, gone };
    const closed = this.#checkpoint.commit(commit, () => onStep?.("writing"));
    onStep?.("committed");
    this.#reporter.report(state.partitions.map(({ next }) => next));
    this.#countClosed(closed);
  }

  #countClosed(windows: readonly ClosedWindow[]): void {
    const days = this.#result.closed;
    for (const { candle, replaces } of windows) {
      if (!replaces) this.#closed.set(candle.length, (this.#closed.get(candle.length) ?? 0) + 1);
      if (candle.length !== "1d") continue;
      const row = dayOfWindow(candle);
      const held = replaces
        ? days.findLastIndex(({ symbol, day }) => symbol === row.symbol && day === row.day)
        : -1;
      if (held < 0) days.push(row);
      else days[held] = row;
    }
  }

  /** Fetches the candles that a silent series lacks; where REST does not answer the window closes with its gaps. */
  async #fillGaps(window: Window): Promise<void> {
    const { exchange } = this.#options;
    if (exchange === undefined) return;
    const spans = missingSpans(window);
    if (spans.length === 0) return;
    const span = { from: spans[0].from, to: spans[spans.length - 1].to };
    try {
      for (const candle of await exchange.candles(window, span, this.#effects.signal)) {
        if (!addCandle(window, { candle, final: true, eventTime: window.end })) continue;
        noteFetched(window.source);
        this.#result.refilled += 1;
      }
    } catch (error) {
      if (!(error instanceof CandlebookError) || error.exit !== 3) throw error;
      this.#result.unasked += 1;
      this.#note(`${window.symbol} closes with gaps: ${error.message}`);
    }
  }

  /** Moves the state to where the topic can be read, and deals with what is lost. */
  async #resume(): Promise<void> {
    const { exchange, fromEarliest } = this.#options;
    const topic = this.#topic;
    const state = this.#state;
    const lost = await findLosses(topic, state);
    if (lost.length === 0) return;
    this.#note(`messages are lost: ${lost.map(describeLoss).join("; ")}`);
    if (exchange !== undefined) {
      try {
        this.#result.refilled += await refill(state, exchange, this.#effects.signal);
      } catch (error) {
        if (!(error instanceof CandlebookError) || error.exit !== 3) throw error;
        if (!fromEarliest) refuseLosses(topic, state, lost);
      }
    } else if (!fromEarliest) refuseLosses(topic, state, lost);
    this.#result.lost.push(...lost);
    this.#checkpoint.commit({ topic: topic.id, state, output: emptyOutput(), gone: [] });
  }

  #refuseOtherTopic(): void {
    const held = this.#checkpoint.topic();
    if (held === null || held === this.#topic.id) return;
    if (!this.#options.fromEarliest) {
      throw inputError(
        "other_topic",
        `This workspace's checkpoint belongs to ${held}, not to ${this.#topic.id}.`,
        "Use another workspace, or read the other topic from its beginning: --from-earliest.",
      );
    }
    this.#state.partitions = [];
  }

  /**
   * A new checkpoint keeps the windows that an earlier one published; an older copy in a checkpoint's place, those that
   * it had published itself.
   */
  async #inheritWindows(lengths: readonly Interval[]): Promise<void> {
    const isNew = this.#checkpoint.topic() === null;
    for (const length of this.#checkpoint.lengths() ?? lengths) {
      if (!isNew && !(await this.#isOlder(length))) continue;
      if (!isNew) this.#note("data/checkpoint.db is older than the published windows, which are kept");
      const published = await readTable(this.#workspace, streamTable(length));
      if (published === null || published.manifest.rows === 0) continue;
      const candles = await withLake(this.#workspace, this.#effects, (lake) =>
        publishedWindows(lake, published.sql, length),
      );
      this.#checkpoint.inherit(candles.filter(({ complete, parts }) => complete || parts === 0));
    }
  }

  /** Whether the checkpoint had more closed windows when it published; a commit is on the disk before it is published. */
  async #isOlder(length: Interval): Promise<boolean> {
    const published = await readTable(this.#workspace, streamTable(length)).catch(() => null);
    const [input] = published?.manifest.inputs.map(growingInput) ?? [];
    return input?.id === this.#checkpoint.id && input.upTo > this.#checkpoint.closedChange(length);
  }

  async #publish(): Promise<void> {
    const lengths = this.#options.emitOpen ? this.#state.lengths : [];
    const open = lengths.flatMap((length) => openCandles(this.#state, length));
    const from = { checkpoint: this.#checkpoint, source: this.#source, open };
    await publishStream(this.#workspace, this.#effects, from);
    this.#options.onStep?.("published");
  }

  #noteProgress(): void {
    const marks = symbolStreams(this.#state, this.#lateness)
      .flatMap(({ watermark, ...series }) =>
        watermark === null ? [] : [`${seriesName(series)} ${toIso(watermark)}`],
      )
      .slice(0, 3);
    this.#note(`lag ${this.#state.lag}, watermark ${marks.join(", ") || "none yet"}`);
  }

  #note(note: string): void {
    this.#effects.progress?.({ stage: "consume", note });
  }
}
