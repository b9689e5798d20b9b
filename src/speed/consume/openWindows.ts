import type { DailyCandle } from "../../candle/candle.ts";
import { onDatabase } from "../../core/databaseError.ts";
import type { Workspace } from "../../core/workspace.ts";
import type { EpochMs } from "../../time/epoch.ts";
import type { FixedInterval } from "../../time/interval.ts";
import { lastClosed, loadState, topicOf } from "./checkpoint.ts";
import { CHECKPOINT_FILE, checkpointPath, readCheckpointDatabase } from "./checkpointSchema.ts";
import { type Counts, emptyCounts, openCandles, type StreamState, sortedSeries } from "./state.ts";
import { ALLOWED_LATENESS_MS, latestEvent } from "./watermark.ts";
import { dayOfWindow } from "./windowCandle.ts";

/** A symbol's stream of candles of one interval in the consumer's state. */
export interface SymbolStream {
  symbol: string;
  interval: FixedInterval;
  /** Largest event time seen; null without one. */
  latestEvent: EpochMs | null;
  /** `latestEvent` minus the allowed lateness. */
  watermark: EpochMs | null;
}

/** The open part of the stream. */
export interface StreamView {
  /** One row for each open day, of its messages so far; `complete` is false. */
  open: DailyCandle[];
  symbols: SymbolStream[];
  /** Messages that were not read yet when the last batch ended. */
  lag: number;
  counts: Counts;
}

/**
 * The open windows, the watermarks and the lag after the consumer's last batch. Reads only the checkpoint, while a
 * consumer may be running.
 */
export function openWindows(workspace: Workspace, lateness = ALLOWED_LATENESS_MS): StreamView {
  const held = readStream(workspace);
  if (held === null) return { open: [], symbols: [], lag: 0, counts: emptyCounts() };
  return viewOf(held.state, lateness);
}

/** The checkpoint after one commit. */
export interface HeldStream {
  topic: string | null;
  state: StreamState;
  /** The days that closed last, the newest first. */
  closed: DailyCandle[];
}

/**
 * Reads the checkpoint, while a consumer may be running; null where there is none.
 * @param days how many closed days at most
 */
export function readStream(workspace: Workspace, days = 0): HeldStream | null {
  return onDatabase(CHECKPOINT_FILE, () => {
    const database = readCheckpointDatabase(checkpointPath(workspace));
    if (database === null) return null;
    try {
      // One transaction: all reads are of the same commit.
      database.exec("BEGIN");
      return {
        topic: topicOf(database),
        state: loadState(database),
        closed: lastClosed(database, days).map(dayOfWindow),
      };
    } finally {
      database.close();
    }
  });
}

/** @see openWindows */
export function viewOf(state: StreamState, lateness: number): StreamView {
  return {
    open: openCandles(state, "1d").map(dayOfWindow),
    symbols: symbolStreams(state, lateness),
    lag: state.lag,
    counts: { ...state.counts },
  };
}

/** The progress of each series, by symbol. */
export function symbolStreams(state: StreamState, lateness: number): SymbolStream[] {
  return sortedSeries(state).map(({ symbol, interval, seen }) => {
    const latest = latestEvent({ seen });
    const known = Number.isFinite(latest);
    return {
      symbol,
      interval,
      latestEvent: known ? (latest as EpochMs) : null,
      watermark: known ? ((latest - lateness) as EpochMs) : null,
    };
  });
}
