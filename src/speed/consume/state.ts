import type { DailyCandle } from "../../candle/candle.ts";
import { DAY_MS, type EpochMs } from "../../time/epoch.ts";
import { type Decoded, decodeRecord, type KlineUpdate, type TickerUpdate } from "../../topic/message.ts";
import type { Offset, TopicRecord } from "../../topic/topic.ts";
import { addMinute, addPrice, type DayWindow, openWindow } from "./dayWindow.ts";
import {
  FUTURE_TOLERANCE_MS,
  isLate,
  latestEvent,
  newProgress,
  observe,
  type PartitionProgress,
  type SymbolProgress,
} from "./watermark.ts";
import { noteRecord } from "./windowSource.ts";

/** Messages read since the checkpoint was created. */
export interface Counts {
  read: number;
  klines: number;
  tickers: number;
  /** Messages of unknown types. */
  unknown: number;
  poison: number;
  late: number;
}

/** A dead letter: a message that is invalid or must not count. */
export interface PoisonMessage {
  topic: string;
  partition: number;
  offset: number;
  reason: string;
  raw: string | null;
}

/** An event that arrived after its window had closed: the message's fields, and its place in the topic. */
export interface LateEvent {
  type: "kline" | "ticker";
  symbol: string;
  open_time: number | null;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number;
  volume: number | null;
  quote_volume: number | null;
  trades: number | null;
  taker_base: number | null;
  taker_quote: number | null;
  final: boolean | null;
  event_time: number;
  window_day: string;
  /** The symbol's watermark when it arrived. */
  watermark: number;
  topic: string;
  partition: number;
  offset: number;
}

/** The state of the consumer: what a checkpoint holds. */
export interface StreamState {
  /** Windows by symbol, then by start. */
  windows: Map<string, Map<number, DayWindow>>;
  symbols: Map<string, SymbolProgress>;
  partitions: PartitionProgress[];
  counts: Counts;
  /** Messages of the topic that were not read yet when the last batch ended. */
  lag: number;
}

/** What a batch adds to the tables: rows that never change again. */
export interface BatchOutput {
  closed: DailyCandle[];
  late: LateEvent[];
  poison: PoisonMessage[];
}

export interface StreamRules {
  /** Of the topic. */
  topic: string;
  lateness: number;
  /** Whether the workspace holds a simulated market: simulated prices count nowhere else. */
  simulated: boolean;
}

export const emptyCounts = (): Counts => ({
  read: 0,
  klines: 0,
  tickers: 0,
  unknown: 0,
  poison: 0,
  late: 0,
});

export const emptyState = (): StreamState => ({
  windows: new Map(),
  symbols: new Map(),
  partitions: [],
  counts: emptyCounts(),
  lag: 0,
});

/** Applies one record to the state. The same records in another order, or twice, lead to the same windows. */
export function applyRecord(
  state: StreamState,
  output: BatchOutput,
  record: TopicRecord,
  rules: StreamRules,
): void {
  state.counts.read += 1;
  const update = decodeRecord(record);
  if (update.kind === "unknown") {
    state.counts.unknown += 1;
    return;
  }
  const reason = deadLetterReason(update, record, rules);
  if (reason !== null) {
    const { partition, offset, value } = record;
    state.counts.poison += 1;
    output.poison.push({ topic: rules.topic, partition, offset, reason, raw: value });
    return;
  }
  applyUpdate(state, output, { update: update as Update, record }, rules);
}

/** Why a message is a dead letter; null where it counts, or is of an unknown type. */
export function deadLetterReason(
  update: Decoded,
  { timestamp }: Pick<TopicRecord, "timestamp">,
  rules: Pick<StreamRules, "simulated">,
): string | null {
  if (update.kind === "poison") return update.reason;
  if (update.kind === "unknown") return null;
  if (update.simulated && !rules.simulated) return "other_market";
  return update.eventTime > timestamp + FUTURE_TOLERANCE_MS ? "far_future" : null;
}

type Update = KlineUpdate | TickerUpdate;

function applyUpdate(
  state: StreamState,
  output: BatchOutput,
  { update, record }: { update: Update; record: TopicRecord },
  rules: StreamRules,
): void {
  const kline = update.kind === "kline";
  const symbol = kline ? update.candle.symbol : update.symbol;
  const { eventTime } = update;
  const time = kline ? update.candle.openTime : eventTime;
  const start = (time - (time % DAY_MS)) as EpochMs;
  const end = (start + DAY_MS) as EpochMs;
  const progress = progressOf(state, symbol);
  state.counts[kline ? "klines" : "tickers"] += 1;
  if (isLate(progress, record.partition, end, rules.lateness)) {
    state.counts.late += 1;
    const { partition, offset } = record;
    const watermark = latestEvent(progress) - rules.lateness;
    output.late.push(lateEvent(update, start, { watermark, topic: rules.topic, partition, offset }));
  } else {
    const window = windowOf(state, symbol, start);
    if (kline) addMinute(window, update.candle, update.final, eventTime);
    else addPrice(window, update.price, eventTime);
    noteRecord(window.source, record);
  }
  observe(progress, record.partition, eventTime, record.timestamp);
  const partition = state.partitions[record.partition];
  if (eventTime > partition.seen) partition.seen = eventTime;
}

export function progressOf(state: StreamState, symbol: string): SymbolProgress {
  let progress = state.symbols.get(symbol);
  if (progress === undefined) {
    progress = newProgress();
    state.symbols.set(symbol, progress);
  }
  return progress;
}

/** The window of a day; opened if need be. */
export function windowOf(state: StreamState, symbol: string, start: EpochMs): DayWindow {
  let days = state.windows.get(symbol);
  if (days === undefined) {
    days = new Map();
    state.windows.set(symbol, days);
  }
  let window = days.get(start);
  if (window === undefined) {
    window = openWindow(symbol, start);
    days.set(start, window);
  }
  return window;
}

/** How many messages of the topic are not in the state. @param ends of the topic's partitions */
export function lagOf(ends: readonly Offset[], partitions: readonly PartitionProgress[]): number {
  return ends.reduce((sum, end, i) => sum + Math.max(0, end - (partitions[i]?.next ?? 0)), 0);
}

/** All open windows, by symbol and day. */
export function openWindowsOf(state: StreamState): DayWindow[] {
  const symbols = [...state.windows.keys()].sort();
  return symbols.flatMap((symbol) =>
    [...(state.windows.get(symbol) as Map<number, DayWindow>).values()].sort((a, b) => a.start - b.start),
  );
}

function lateEvent(
  update: Update,
  start: EpochMs,
  place: Pick<LateEvent, "watermark" | "topic" | "partition" | "offset">,
): LateEvent {
  const window_day = new Date(start).toISOString().slice(0, 10);
  if (update.kind === "ticker") {
    return {
      type: "ticker",
      symbol: update.symbol,
      open_time: null,
      open: null,
      high: null,
      low: null,
      close: update.price,
      volume: null,
      quote_volume: null,
      trades: null,
      taker_base: null,
      taker_quote: null,
      final: null,
      event_time: update.eventTime,
      window_day,
      ...place,
    };
  }
  const { symbol, openTime, open, high, low, close, volume, trades } = update.candle;
  const { quoteVolume, takerBase, takerQuote } = update.candle;
  return {
    type: "kline",
    symbol,
    open_time: openTime,
    open,
    high,
    low,
    close,
    volume,
    quote_volume: quoteVolume,
    trades,
    taker_base: takerBase,
    taker_quote: takerQuote,
    final: update.final,
    event_time: update.eventTime,
    window_day,
    ...place,
  };
}
