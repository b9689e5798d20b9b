import { addDays, type Day, startOfDay } from "../../time/day.ts";
import type { Offset } from "../../topic/topic.ts";
import { openWindowsOf, type StreamState, seriesOf } from "./state.ts";
import { latestEvent, mayClose, setOf, type WindowSet } from "./watermark.ts";
import { candleOf, type Window } from "./window.ts";
import type { WindowCandle } from "./windowCandle.ts";

/** Why a window is due: its series' watermark has passed its end, or the series is silent while others are not, or the caller requested it. */
export type Due = "watermark" | "silence" | "requested";

/** What decides that a window is due. */
export interface ClosingRules {
  lateness: number;
  /** The exchange's clock, against which silence is measured; −Infinity where it is unknown. */
  now: number;
  /** Close everything up to this day: all of it has arrived. */
  until?: Day;
}

/**
 * The exchange's clock by the topic: when its newest message was appended. It decides about silent series only.
 */
export function newestAppend(state: StreamState): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const { appended } of state.series.values()) newest = Math.max(newest, appended);
  return newest;
}

/**
 * A series' window is due when its watermark (largest event time − lateness) passes the window's end. A series
 * that has been silent for the lateness while the exchange was not has no watermark that moves: its window is due when
 * the exchange's clock is past the end by the lateness. Silence is measured between appends, not events: a replay that
 * writes one series after the other is not silence.
 */
function whyDue(state: StreamState, window: Window, rules: ClosingRules): Due | null {
  const series = seriesOf(state, window.symbol, window.interval);
  if (latestEvent(series) - rules.lateness >= window.end) return "watermark";
  const silent = rules.now - series.appended >= rules.lateness;
  return silent && rules.now - rules.lateness >= window.end ? "silence" : null;
}

/**
 * The windows that may close now. A window that becomes due gets its marks.
 * @param ends of the partitions now
 */
export function dueWindows(
  state: StreamState,
  rules: ClosingRules,
  ends: readonly Offset[],
): { window: Window; why: Due }[] {
  const open = openWindowsOf(state);
  const { until } = rules;
  if (until !== undefined) {
    const last = startOfDay(addDays(until, 1));
    return open.filter(({ end }) => end <= last).map((window) => ({ window, why: "requested" }));
  }
  const due = open.flatMap((window) => {
    const why = whyDue(state, window, rules);
    return why === null ? [] : [{ window, why }];
  });
  for (const { window } of due) window.marks ??= ends;
  const closable = due.filter(({ window, why }) =>
    mayClose(why === "silence" ? Infinity : window.end, window.marks ?? ends, state.partitions),
  );
  return inOrder(open, closable);
}

/** A window never closes before the one before it, of the same series and length. */
function inOrder<Going extends { window: Window }>(open: readonly Window[], going: Going[]): Going[] {
  const windows = new Set(going.map(({ window }) => window));
  const keyOf = ({ symbol, interval, length }: Window) => `${symbol} ${interval} ${length}`;
  const waiting = new Map<string, number>();
  // The open ones are in the order of their starts: the first of each that waits.
  for (const window of open) {
    const key = keyOf(window);
    if (!windows.has(window) && !waiting.has(key)) waiting.set(key, window.start);
  }
  return going.filter(
    ({ window }) => window.start < (waiting.get(keyOf(window)) ?? Number.POSITIVE_INFINITY),
  );
}

/**
 * Removes a window from the state.
 * @returns its candle; null for a window without final parts and without a price
 */
export function closeWindow(state: StreamState, window: Window): WindowCandle | null {
  const series = seriesOf(state, window.symbol, window.interval);
  const set = setOf(series, window.length) as WindowSet;
  set.open.delete(window.start);
  if (window.end > set.closedThrough) {
    set.closedThrough = window.end;
    series.changed = true;
  }
  return candleOf(window, "closed");
}
