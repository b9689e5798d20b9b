import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { pause } from "../core/pause.ts";
import type { Workspace } from "../core/workspace.ts";
import { simulatedSeedOf } from "../lake/source.ts";
import { readStream, viewOf } from "../speed/openWindows.ts";
import { producersOf } from "../speed/producers.ts";
import { findLosses } from "../speed/resume.ts";
import { applyRecord, type BatchOutput, emptyState, lagOf, type StreamState } from "../speed/state.ts";
import { ALLOWED_LATENESS_MS, latestEvent } from "../speed/watermark.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { Topic } from "../topic/topic.ts";
import { openDays, settle } from "./openDays.ts";
import type { LivePicture } from "./picture.ts";

export interface FollowOptions {
  /** The consumer's; default one hour. */
  lateness?: number;
}

/** The stream as it goes on. */
export interface Following {
  /** All that is known now. */
  picture(): LivePicture;
  /** Calls back with what changed, a few times a second. @returns ends the calls */
  onChange(listener: (change: LivePicture) => void): () => void;
  /** Resolves when it was ended; rejects where the topic can never be read. */
  done: Promise<void>;
  close(): Promise<void>;
}

const TICK_MS = 250;
/** The consumer's and the producers' word is looked up no oftener than this. */
const LOOK_MS = 500;
const CLOSED_DAYS = 8;
const RETRY_MS = 2_000;

/**
 * Follows the stream without touching it: begins with the windows of the checkpoint and reads the topic on from its
 * offsets, so that the open day is whole whenever one begins; where no consumer has committed yet, from the topic's
 * beginning. A topic that can't be reached is asked again and again.
 */
export async function followStream(
  workspace: Workspace,
  topic: Topic,
  options: FollowOptions = {},
  effects: Effects = {},
): Promise<Following> {
  const listeners = new Set<(change: LivePicture) => void>();
  const watch = await openWatch(workspace, topic, options.lateness ?? ALLOWED_LATENESS_MS);
  const rules = { topic: topic.id, lateness: Number.POSITIVE_INFINITY, simulated: false };
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, ...(effects.signal ? [effects.signal] : [])]);
  let state = emptyState();
  let problem: string | null = null;

  const picture = (whole: boolean): LivePicture => ({
    whole,
    simulated: rules.simulated,
    now: latestOf(state),
    symbols: openDays(state, whole),
    ...watch.told(),
    problem,
  });
  const tell = (whole = false) => {
    const change = picture(whole);
    settle(state);
    for (const listener of listeners) listener(change);
  };
  const readOn = async () => {
    // An empty workspace takes its market from the producer, which may begin later than the page.
    const isSimulated = async () => (await simulatedSeedOf(workspace)) !== null;
    rules.simulated = await isSimulated();
    state = await beginning(workspace, topic);
    const reader = await topic.read(state.partitions.map(({ next }) => next));
    try {
      tell(true);
      let told = performance.now();
      while (!signal.aborted) {
        const aside: BatchOutput = { closed: [], late: [], poison: [] };
        const records = await reader.next(TICK_MS);
        if (records.length > 0 && !rules.simulated) rules.simulated = await isSimulated();
        for (const record of records) {
          applyRecord(state, aside, record, rules);
          state.partitions[record.partition].next = record.offset + 1;
        }
        problem = null;
        if (performance.now() - told < TICK_MS) continue;
        await watch.look();
        tell();
        told = performance.now();
        if (watch.partitions() > state.partitions.length) return;
      }
    } finally {
      await reader.close();
    }
  };
  const go = async () => {
    while (!signal.aborted) {
      try {
        await readOn();
      } catch (error) {
        if (!(error instanceof CandlebookError)) throw error;
        if (error.code === "offset_out_of_range") continue;
        problem = `${error.message} It is asked again.`;
        tell();
        await pause(RETRY_MS, signal).catch(() => {});
      }
    }
  };
  const done = go();
  // Whoever waits for it learns of it; until somebody does it must not end the process.
  done.catch(() => {});
  return {
    picture: () => picture(true),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    done,
    close: async () => {
      ending.abort();
      await done;
    },
  };
}

/** What the checkpoint holds, with offsets that the topic has; of a topic that it does not know, nothing. */
async function beginning(workspace: Workspace, topic: Topic): Promise<StreamState> {
  const held = readStream(workspace);
  const state = held?.topic === topic.id ? held.state : emptyState();
  await findLosses(topic, state);
  settle(state);
  return state;
}

function latestOf(state: StreamState): EpochMs | null {
  const latest = Math.max(...[...state.symbols.values()].map(latestEvent));
  return Number.isFinite(latest) ? (latest as EpochMs) : null;
}

/** Looks at what consumer and producers have left, and when each producer last gave a sign of life. */
async function openWatch(workspace: Workspace, topic: Topic, lateness: number) {
  const alive = new Map<string, { beat: number; at: number }>();
  let looked = Number.NEGATIVE_INFINITY;
  let partitions = 0;
  let told: Pick<LivePicture, "consumer" | "producers"> = { consumer: null, producers: [] };
  const look = async () => {
    const now = performance.now();
    if (now - looked < LOOK_MS) return;
    looked = now;
    const held = readStream(workspace, CLOSED_DAYS);
    const ends = (await topic.ranges()).map(({ end }) => end);
    partitions = ends.length;
    const behind = lagOf(ends, held?.topic === topic.id ? held.state.partitions : []);
    const producers = producersOf(workspace).map((producer) => {
      const last = alive.get(producer.symbol);
      const at = last?.beat === producer.beat ? last.at : now;
      alive.set(producer.symbol, { beat: producer.beat, at });
      return { ...producer, silent: Math.floor((now - at) / 1_000) };
    });
    const consumer = held === null ? null : { ...viewOf(held.state, lateness), behind, closed: held.closed };
    told = { consumer, producers };
  };
  await look().catch(() => {});
  return { look, told: () => told, partitions: () => partitions };
}
