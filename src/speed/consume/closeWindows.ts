import type { DailyCandle } from "../../candle/candle.ts";
import type { Day } from "../../time/day.ts";
import { dayOf } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import type { Offset } from "../../topic/topic.ts";
import { type DayWindow, rowOf } from "./dayWindow.ts";
import { openWindowsOf, progressOf, type StreamState } from "./state.ts";
import { latestEvent, mayClose } from "./watermark.ts";

/** Why a window is due: its symbol's watermark has passed its end, or the symbol is silent while others are not, or the caller requested it. */
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
 * The exchange's clock by the topic: when its newest message was appended. It decides about silent symbols only.
 */
export function newestAppend(state: StreamState): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const { appended } of state.symbols.values()) newest = Math.max(newest, appended);
  return newest;
}

/**
 * A symbol's window is due when its watermark (largest event time − lateness) passes the window's end. A symbol
 * that has been silent for the lateness while the exchange was not has no watermark that moves: its window is due when
 * the exchange's clock is past the end by the lateness. Silence is measured between appends, not events: a replay that
 * writes one symbol after the other is not silence.
 */
function whyDue(state: StreamState, window: DayWindow, rules: ClosingRules): Due | null {
  const progress = progressOf(state, window.symbol);
  if (latestEvent(progress) - rules.lateness >= window.end) return "watermark";
  const silent = rules.now - progress.appended >= rules.lateness;
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
): { window: DayWindow; why: Due }[] {
  const open = openWindowsOf(state);
  const { until } = rules;
  if (until !== undefined) {
    return open.filter(({ start }) => dayOf(start) <= until).map((window) => ({ window, why: "requested" }));
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

/** A day never closes before the day before it. */
function inOrder<Going extends { window: DayWindow }>(open: readonly DayWindow[], going: Going[]): Going[] {
  const windows = new Set(going.map(({ window }) => window));
  const waiting = open.filter((window) => !windows.has(window));
  return going.filter(
    ({ window }) => !waiting.some(({ symbol, start }) => symbol === window.symbol && start < window.start),
  );
}

/**
 * Removes a window from the state.
 * @returns its row; null for a day without final minutes and without a price
 */
export function closeWindow(state: StreamState, window: DayWindow): DailyCandle | null {
  const progress = progressOf(state, window.symbol);
  state.windows.get(window.symbol)?.delete(window.start);
  if (window.end > progress.closedThrough) {
    progress.closedThrough = window.end as EpochMs;
    progress.changed = true;
  }
  return rowOf(window, "closed");
}
