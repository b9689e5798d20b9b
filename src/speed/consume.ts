import type { DailyCandle, Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError, throwIfAborted } from "../core/errors.ts";
import { holdNursery, type Nursery } from "../core/nursery.ts";
import { pause } from "../core/pause.ts";
import type { Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { readTable } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import { readClaim } from "../lake/source.ts";
import type { Day } from "../time/day.ts";
import { toIso } from "../time/epoch.ts";
import type { Offset, Topic, TopicReader, TopicRecord } from "../topic/topic.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { checkpointPath } from "./checkpointForm.ts";
import { closeWindow, dueWindows, newestAppend } from "./close.ts";
import { addMinute, type DayWindow, missingSpans, rowOf } from "./dayWindow.ts";
import type { Exchange } from "./exchange.ts";
import { type StreamView, symbolStreams, viewOf } from "./openWindows.ts";
import { openPositionTeller, type PositionTeller } from "./position.ts";
import { publishStream } from "./publish.ts";
import { describeLoss, digestOf, findLosses, type LostRange, refill, refuseLosses } from "./resume.ts";
import {
  applyRecord,
  type BatchOutput,
  type Counts,
  lagOf,
  openWindowsOf,
  type StreamState,
} from "./state.ts";
import { ALLOWED_LATENESS_MS } from "./watermark.ts";
import { noteFetched } from "./windowSource.ts";

/** A point between two writes, at which a test may end the work. */
export type ConsumeStep = "read" | "closed" | "writing" | "committed" | "published";

export interface ConsumeOptions {
  /** Read what is in the topic now, then stop. */
  once?: boolean;
  /** Read what is in the topic now, close every window up to this day, then stop. */
  until?: Day;
  /** Publish the open windows too, with `complete = false`. */
  emitOpen?: boolean;
  /** Go on at the topic's beginning where messages were lost, without them. */
  fromEarliest?: boolean;
  /** Milliseconds; default one hour. */
  lateness?: number;
  /** A batch ends with so many messages, or after so many milliseconds; default 5,000 and 10 s. */
  batch?: { messages: number; ms: number };
  /** Fills the holes of a symbol that fell silent, and of lost messages; without it they stay holes. */
  exchange?: Exchange;
  onStep?(step: ConsumeStep): void;
}

export interface ConsumeResult extends StreamView {
  /** What this run read and counted. */
  counts: Counts;
  /** Rows of the windows that this run closed. */
  closed: DailyCandle[];
  lost: LostRange[];
  /** Minutes that REST brought. */
  refilled: number;
  /** Windows that closed although REST could not be asked for what they miss. */
  unasked: number;
}

const DEFAULT_BATCH = { messages: 5_000, ms: 10_000 };
const POLL_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** On a backlog tables are published no oftener than this. */
const PUBLISH_PAUSE_MS = 5_000;

/**
 * Reads the topic into day windows and publishes each when it closes: `streaming_output`, `late_events`,
 * `poison_messages`. Windows, watermarks and offsets are committed together, so that a crash at any point, a
 * message that comes twice, and any order within the lateness leave the same rows. Without `once` and `until` it
 * runs until the signal ends it.
 * @throws CandlebookError `offsets_lost`, `other_topic`, `table_locked` (a second consumer), `mixed_markets`,
 *   `topic_unreachable` where it runs once; running on, it waits for the broker
 */
export function consume(
  workspace: Workspace,
  topic: Topic,
  options: ConsumeOptions = {},
  effects: Effects = {},
): Promise<ConsumeResult> {
  return withTableLock(workspace, "checkpoint", async () => {
    const source = await sourceOf(workspace);
    const checkpoint = openCheckpoint(checkpointPath(workspace));
    const position = openPositionTeller(topic);
    const nursery = holdNursery();
    try {
      return await run({ workspace, topic, options, effects, checkpoint, source, position, nursery });
    } finally {
      nursery.release();
      await position.settled();
      checkpoint.close();
    }
  });
}

/** Whose prices the topic's are; that of an empty workspace may be known with its first message. */
async function sourceOf(workspace: Workspace): Promise<Source> {
  return (await readClaim(workspace))?.market === "simulated" ? "simulated" : "binance";
}

interface Work {
  workspace: Workspace;
  topic: Topic;
  options: ConsumeOptions;
  effects: Effects;
  checkpoint: Checkpoint;
  source: Source;
  position: PositionTeller;
  nursery: Nursery;
}

async function run(work: Work): Promise<ConsumeResult> {
  const { topic, options, effects, checkpoint } = work;
  await inheritDays(work);
  const state = checkpoint.load();
  refuseOtherTopic(work, state);
  const before = { ...state.counts };
  const result: Result = { closed: [], lost: [], refilled: 0, unasked: 0 };
  await goOn(work, state, result);
  await publish(work, state);
  const stops = options.once === true || options.until !== undefined;
  const goal = stops ? (await topic.ranges()).map(({ end }) => end) : null;
  let retryMs = 1_000;
  for (;;) {
    let reader: TopicReader | null = null;
    try {
      reader = await topic.read(state.partitions.map(({ next }) => next));
      if (await readOn(work, state, result, reader, goal)) break;
      await goOn(work, state, result);
    } catch (error) {
      if (!(error instanceof CandlebookError)) throw error;
      if (error.code === "offset_out_of_range") await goOn(work, state, result);
      else if (error.code === "topic_unreachable" && !stops) {
        effects.progress?.({
          stage: "consume",
          note: `${error.message} Trying again in ${retryMs / 1000} s`,
        });
        await pause(retryMs, effects.signal);
        retryMs = Math.min(2 * retryMs, LONGEST_PAUSE_MS);
      } else throw error;
    } finally {
      await reader?.close();
    }
  }
  const view = viewOf(state, options.lateness ?? ALLOWED_LATENESS_MS);
  const counts = Object.fromEntries(
    Object.entries(state.counts).map(([name, value]) => [name, value - before[name as keyof Counts]]),
  ) as unknown as Counts;
  return { ...view, counts, ...result };
}

type Result = Pick<ConsumeResult, "closed" | "lost" | "refilled" | "unasked">;

/**
 * Batch after batch.
 * @returns whether all is read that was to be read; else the topic has more partitions than before
 */
async function readOn(
  work: Work,
  state: StreamState,
  result: Result,
  reader: TopicReader,
  goal: readonly Offset[] | null,
): Promise<boolean> {
  const { options, effects, topic } = work;
  let last = false;
  let publishedAt = performance.now();
  while (!last) {
    throwIfAborted(effects.signal);
    const output = await gather(work, state, reader, goal);
    options.onStep?.("read");
    const ends = (await topic.ranges()).map(({ end }) => end);
    last = goal?.every((end, partition) => state.partitions[partition].next >= end) ?? false;
    state.lag = lagOf(ends, state.partitions);
    await finishBatch(work, state, result, ends, output, last);
    tell(work, state);
    work.nursery.watch();
    const behind = state.lag > 0 && performance.now() - publishedAt < PUBLISH_PAUSE_MS;
    if (last || !behind) {
      await publish(work, state);
      publishedAt = performance.now();
    }
    if (ends.length !== state.partitions.length) return false;
  }
  return true;
}

/** Reads a batch into the state; it ends early where what was to be read is read. */
async function gather(
  work: Work,
  state: StreamState,
  reader: TopicReader,
  goal: readonly Offset[] | null,
): Promise<BatchOutput> {
  const { topic, options, effects } = work;
  const { messages, ms } = options.batch ?? DEFAULT_BATCH;
  const lateness = options.lateness ?? ALLOWED_LATENESS_MS;
  const output: BatchOutput = { closed: [], late: [], poison: [] };
  const last = new Map<number, TopicRecord>();
  const began = performance.now();
  let count = 0;
  const reached = () => goal?.every((end, partition) => state.partitions[partition].next >= end) ?? false;
  while (count < messages && performance.now() - began < ms && !reached() && !effects.signal?.aborted) {
    const records = await reader.next(POLL_MS);
    // A producer that began after this consumer has made an empty workspace its market's.
    if (records.length > 0 && state.counts.read === 0) work.source = await sourceOf(work.workspace);
    const rules = { topic: topic.id, lateness, simulated: work.source === "simulated" };
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

/** Closes what is due and commits. */
async function finishBatch(
  work: Work,
  state: StreamState,
  result: Result,
  ends: readonly Offset[],
  output: BatchOutput,
  last: boolean,
): Promise<void> {
  const { topic, options, checkpoint } = work;
  const rules = {
    lateness: options.lateness ?? ALLOWED_LATENESS_MS,
    now: newestAppend(state),
    until: last ? options.until : undefined,
  };
  const due = dueWindows(state, rules, ends);
  for (const { window, why } of due) {
    if (why === "silence") await fillHoles(work, window, result);
    const row = closeWindow(state, window);
    if (row !== null) output.closed.push(row);
  }
  options.onStep?.("closed");
  const gone = due.map(({ window }) => window);
  checkpoint.commit(topic.id, state, output, gone, () => options.onStep?.("writing"));
  options.onStep?.("committed");
  work.position.tell(state.partitions.map(({ next }) => next));
  result.closed.push(...output.closed);
}

/** Asks REST for the minutes that a silent symbol misses; where it can't be asked the window closes with its holes. */
async function fillHoles({ options, effects }: Work, window: DayWindow, result: Result): Promise<void> {
  if (options.exchange === undefined) return;
  const spans = missingSpans(window);
  if (spans.length === 0) return;
  const span = { from: spans[0].from, to: spans[spans.length - 1].to };
  try {
    for (const candle of await options.exchange.minutes(window.symbol, span, effects.signal)) {
      if (!addMinute(window, candle, true, window.end)) continue;
      noteFetched(window.source);
      result.refilled += 1;
    }
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.exit !== 3) throw error;
    result.unasked += 1;
    effects.progress?.({ stage: "consume", note: `${window.symbol} closes with holes: ${error.message}` });
  }
}

/** Puts the state where the topic can be read, and deals with what is lost. */
async function goOn(work: Work, state: StreamState, result: Result): Promise<void> {
  const { topic, options, effects, checkpoint } = work;
  const lost = await findLosses(topic, state);
  if (lost.length === 0) return;
  const note = lost.map(describeLoss).join("; ");
  effects.progress?.({ stage: "consume", note: `messages are lost: ${note}` });
  if (options.exchange !== undefined) {
    try {
      result.refilled += await refill(state, options.exchange, effects.signal);
    } catch (error) {
      if (!(error instanceof CandlebookError) || error.exit !== 3) throw error;
      if (!options.fromEarliest) refuseLosses(topic, state, lost);
    }
  } else if (!options.fromEarliest) refuseLosses(topic, state, lost);
  result.lost.push(...lost);
  checkpoint.commit(topic.id, state, { closed: [], late: [], poison: [] }, []);
}

function refuseOtherTopic({ topic, options, checkpoint }: Work, state: StreamState): void {
  const held = checkpoint.topic();
  if (held === null || held === topic.id) return;
  if (!options.fromEarliest) {
    throw inputError(
      "other_topic",
      `This workspace's checkpoint belongs to ${held}, not to ${topic.id}.`,
      "Use another workspace, or read the other topic from its beginning: --from-earliest.",
    );
  }
  state.partitions = [];
}

/** Days that an earlier checkpoint has published stay published when this one begins anew. */
async function inheritDays({ workspace, effects, checkpoint }: Work): Promise<void> {
  if (checkpoint.topic() !== null) return;
  const published = await readTable(workspace, "streaming_output");
  if (published === null || published.manifest.rows === 0) return;
  const days = await withLake(workspace, effects, (lake) =>
    lake.rows<DailyCandle>(
      `SELECT * EXCLUDE day, day::VARCHAR AS day FROM ${published.sql} WHERE complete OR minutes = 0`,
    ),
  );
  checkpoint.inherit(days);
}

async function publish(
  { workspace, effects, checkpoint, source, options }: Work,
  state: StreamState,
): Promise<void> {
  const open = options.emitOpen ? openWindowsOf(state).flatMap((window) => rowOf(window, "open") ?? []) : [];
  await publishStream(workspace, effects, checkpoint, source, open);
  options.onStep?.("published");
}

function tell({ options, effects }: Work, state: StreamState): void {
  const { lag } = state;
  const marks = symbolStreams(state, options.lateness ?? ALLOWED_LATENESS_MS)
    .flatMap(({ symbol, watermark }) => (watermark === null ? [] : [`${symbol} ${toIso(watermark)}`]))
    .slice(0, 3);
  effects.progress?.({ stage: "consume", note: `lag ${lag}, watermark ${marks.join(", ") || "none yet"}` });
}
