import { delay } from "../core/delay.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { monotonicClock } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import { simulatedSeedOf } from "../lake/marketClaim.ts";
import { readStream, viewOf } from "../speed/consume/openWindows.ts";
import { findLosses } from "../speed/consume/resume.ts";
import { applyRecord, emptyOutput, emptyState, lagOf, type StreamState } from "../speed/consume/state.ts";
import { ALLOWED_LATENESS_MS, latestEvent } from "../speed/consume/watermark.ts";
import { producersOf } from "../speed/produce/producerStates.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { Topic, TopicReader, TopicRecord } from "../topic/topic.ts";
import { changedDays, openDays, settle } from "./openDays.ts";
import type { LivePicture } from "./picture.ts";

export interface FollowOptions {
  /** The consumer's; default one hour. */
  lateness?: number;
}

/** A stream that is followed. */
export interface Following {
  /** All that is known now. */
  picture(): LivePicture;
  /** Calls back with changes, a few times a second. @returns ends the calls */
  onChange(listener: (change: LivePicture) => void): () => void;
  /** Resolves after `close`; rejects where the topic can never be read. */
  done: Promise<void>;
  close(): Promise<void>;
}

const TICK_MS = 250;
/** Checkpoint and producer states are read at most this often. */
const LOOK_MS = 500;
const CLOSED_DAYS = 8;
const RETRY_MS = 2_000;

/**
 * Follows the stream without changing it: it starts with the windows of the checkpoint and reads the topic from its
 * offsets, so that the open day is complete from the start; where no consumer has committed yet, from the topic's
 * beginning. It retries a topic that can't be reached.
 */
export async function followStream(
  workspace: Workspace,
  topic: Topic,
  options: FollowOptions = {},
  effects: Effects = {},
): Promise<Following> {
  const status = new StreamStatus(workspace, topic, options.lateness ?? ALLOWED_LATENESS_MS);
  await status.refresh().catch(() => {});
  return new StreamFollower(workspace, topic, status, effects.signal);
}

class StreamFollower implements Following {
  readonly done: Promise<void>;
  readonly #workspace: Workspace;
  readonly #topic: Topic;
  readonly #status: StreamStatus;
  readonly #listeners = new Set<(change: LivePicture) => void>();
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  #simulated = false;
  #state = emptyState();
  /** The reason why the picture does not change; null if it does. */
  #problem: string | null = null;

  constructor(workspace: Workspace, topic: Topic, status: StreamStatus, signal: AbortSignal | undefined) {
    this.#workspace = workspace;
    this.#topic = topic;
    this.#status = status;
    this.#signal = AbortSignal.any([this.#ending.signal, ...(signal ? [signal] : [])]);
    this.done = this.#run();
    // Callers that wait for it receive the error; without one it must not end the process.
    this.done.catch(() => {});
  }

  picture(): LivePicture {
    return this.#pictureOf("everything");
  }

  onChange(listener: (change: LivePicture) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.done;
  }

  #pictureOf(scope: "everything" | "changes"): LivePicture {
    const whole = scope === "everything";
    return {
      whole,
      simulated: this.#simulated,
      now: latestOf(this.#state),
      symbols: whole ? openDays(this.#state) : changedDays(this.#state),
      ...this.#status.current,
      problem: this.#problem,
    };
  }

  #publish(scope: "everything" | "changes"): void {
    const change = this.#pictureOf(scope);
    settle(this.#state);
    for (const listener of this.#listeners) listener(change);
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        await this.#read();
      } catch (error) {
        if (!(error instanceof CandlebookError)) throw error;
        if (error.code === "offset_out_of_range") continue;
        this.#problem = `${error.message} Trying again.`;
        this.#publish("changes");
        await delay(RETRY_MS, this.#signal).catch(() => {});
      }
    }
  }

  /** Reads until the signal is aborted or the topic has more partitions than before. */
  async #read(): Promise<void> {
    await this.#refreshMarket();
    this.#state = await startOf(this.#workspace, this.#topic);
    const { partitions } = this.#state;
    const reader = await this.#topic.read(partitions.map(({ next }) => next));
    try {
      this.#publish("everything");
      let published = monotonicClock();
      while (!this.#signal.aborted) {
        this.#apply(await this.#nextRecords(reader));
        this.#problem = null;
        if (monotonicClock() - published < TICK_MS) continue;
        await this.#status.refresh();
        this.#publish("changes");
        published = monotonicClock();
        if (this.#status.partitions > partitions.length) return;
      }
    } finally {
      await reader.close();
    }
  }

  /** An empty workspace gets its market from the producer, which may start later than the page. */
  async #nextRecords(reader: TopicReader): Promise<TopicRecord[]> {
    const records = await reader.next(TICK_MS);
    if (records.length > 0 && !this.#simulated) await this.#refreshMarket();
    return records;
  }

  async #refreshMarket(): Promise<void> {
    this.#simulated = (await simulatedSeedOf(this.#workspace)) !== null;
  }

  #apply(records: readonly TopicRecord[]): void {
    const simulated = this.#simulated;
    const rules = { topic: this.#topic.id, lateness: Number.POSITIVE_INFINITY, simulated };
    // Closed rows and dead letters are the consumer's.
    const dropped = emptyOutput();
    for (const record of records) {
      applyRecord(this.#state, dropped, record, rules);
      this.#state.partitions[record.partition].next = record.offset + 1;
    }
  }
}

/** The state of the checkpoint, with offsets that the topic has; an empty one for a topic that it does not know, or without days. */
async function startOf(workspace: Workspace, topic: Topic): Promise<StreamState> {
  const held = readStream(workspace);
  const isHeld = held?.topic === topic.id && held.state.lengths.includes("1d");
  const state = isHeld ? held.state : emptyState();
  await findLosses(topic, state);
  settle(state);
  return state;
}

function latestOf(state: StreamState): EpochMs | null {
  const latest = Math.max(...[...state.series.values()].map(latestEvent));
  return Number.isFinite(latest) ? (latest as EpochMs) : null;
}

/** The status of consumer and producers, and when each producer last wrote its state. */
class StreamStatus {
  current: Pick<LivePicture, "consumer" | "producers"> = { consumer: null, producers: [] };
  partitions = 0;
  readonly #workspace: Workspace;
  readonly #topic: Topic;
  readonly #lateness: number;
  readonly #beats = new Map<string, { beat: number; at: number }>();
  #refreshed = Number.NEGATIVE_INFINITY;

  constructor(workspace: Workspace, topic: Topic, lateness: number) {
    this.#workspace = workspace;
    this.#topic = topic;
    this.#lateness = lateness;
  }

  async refresh(): Promise<void> {
    const now = monotonicClock();
    if (now - this.#refreshed < LOOK_MS) return;
    this.#refreshed = now;
    const held = readStream(this.#workspace, CLOSED_DAYS);
    const ends = (await this.#topic.ranges()).map(({ end }) => end);
    this.partitions = ends.length;
    const behind = lagOf(ends, held?.topic === this.#topic.id ? held.state.partitions : []);
    const producers = producersOf(this.#workspace).map((producer) => {
      const last = this.#beats.get(producer.symbol);
      const at = last?.beat === producer.beat ? last.at : now;
      this.#beats.set(producer.symbol, { beat: producer.beat, at });
      return { ...producer, silent: Math.floor((now - at) / 1_000) };
    });
    const consumer =
      held === null ? null : { ...viewOf(held.state, this.#lateness), behind, closed: held.closed };
    this.current = { consumer, producers };
  }
}
