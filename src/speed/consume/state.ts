import { dayOf } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { type FixedInterval, floorToInterval, type Interval, nextOpenTime } from "../../time/interval.ts";
import { type Decoded, decodeRecord, type KlineUpdate, type TickerUpdate } from "../../topic/message.ts";
import type { Offset, TopicRecord } from "../../topic/topic.ts";
import { seriesName } from "../exchange.ts";
import {
  FUTURE_TOLERANCE_MS,
  isLate,
  latestEvent,
  newSeries,
  observe,
  type PartitionProgress,
  type Series,
  setOf,
  type WindowSet,
} from "./watermark.ts";
import { addCandle, addPrice, candleOf, openWindow, type Window } from "./window.ts";
import { isBetter, type WindowCandle } from "./windowCandle.ts";
import { noteRecord } from "./windowSource.ts";

/** Messages read since the checkpoint was created. */
export interface Counts {
  read: number;
  klines: number;
  tickers: number;
  /** Messages of unknown types. */
  unknown: number;
  poison: number;
  /** Events that are late for a window, of each window that they are late for. */
  late: number;
  /** Klines of an interval of which no window is a multiple. */
  unfit: number;
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
  /** Length of the candle; null for a ticker. */
  candle_interval: FixedInterval | null;
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
  /** Length of the window. */
  window_interval: Interval;
  /** The window where it is a day, else null. */
  window_day: string | null;
  /** The series' watermark when it arrived. */
  watermark: number;
  topic: string;
  partition: number;
  offset: number;
}

/** The state of the consumer: what a checkpoint holds. */
export interface StreamState {
  /** Lengths of the windows. */
  lengths: readonly Interval[];
  /** By `seriesName`. */
  series: Map<string, Series>;
  partitions: PartitionProgress[];
  counts: Counts;
  /** Messages of the topic that were not read yet when the last batch ended. */
  lag: number;
}

/** What a batch adds to the tables: rows that never change again. */
export interface BatchOutput {
  closed: WindowCandle[];
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
  unfit: 0,
});

export const emptyOutput = (): BatchOutput => ({ closed: [], late: [], poison: [] });

/** The lengths of windows where none are named. */
export const DAYS: readonly Interval[] = ["1d"];

export const emptyState = (lengths = DAYS): StreamState => ({
  lengths,
  series: new Map(),
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
  { topic, lateness }: StreamRules,
): void {
  const kline = update.kind === "kline";
  const series = kline
    ? seriesOf(state, update.candle.symbol, update.interval)
    : seriesOf(state, update.symbol, "1m");
  const { eventTime } = update;
  const { partition, offset } = record;
  const time = kline ? update.candle.openTime : eventTime;
  state.counts[kline ? "klines" : "tickers"] += 1;
  if (kline && series.sets.length === 0) state.counts.unfit += 1;
  for (const set of series.sets) {
    const start = floorToInterval(time, set.length);
    if (start < set.begins) continue;
    const end = set.open.get(start)?.end ?? nextOpenTime(start, set.length);
    if (isLate(set, series.seen[partition], end, lateness)) {
      state.counts.late += 1;
      const watermark = latestEvent(series) - lateness;
      output.late.push(
        lateEvent(update, { length: set.length, start }, { watermark, topic, partition, offset }),
      );
      continue;
    }
    const window = windowOf(series, set, start);
    if (kline) addCandle(window, update);
    else addPrice(window, update.price, eventTime);
    noteRecord(window.source, record);
  }
  observe(series, partition, eventTime, record.timestamp);
  const progress = state.partitions[partition];
  if (eventTime > progress.seen) progress.seen = eventTime;
}

/** The series of a symbol and interval; added if need be. */
export function seriesOf(state: StreamState, symbol: string, interval: FixedInterval): Series {
  const key = seriesName({ symbol, interval });
  let series = state.series.get(key);
  if (series === undefined) {
    series = newSeries(symbol, interval, state.lengths);
    state.series.set(key, series);
  }
  return series;
}

/** A window of a series; opened if need be. */
export function windowOf({ symbol, interval }: Series, { length, open }: WindowSet, start: EpochMs): Window {
  let window = open.get(start);
  if (window === undefined) {
    window = openWindow({ symbol, interval, length }, start);
    open.set(start, window);
  }
  return window;
}

/** How many messages of the topic are not in the state. @param ends of the topic's partitions */
export function lagOf(ends: readonly Offset[], partitions: readonly PartitionProgress[]): number {
  return ends.reduce((sum, end, i) => sum + Math.max(0, end - (partitions[i]?.next ?? 0)), 0);
}

/** The series of a state, by symbol. */
export function sortedSeries({ series }: Pick<StreamState, "series">): Series[] {
  return [...series.keys()].sort().map((key) => series.get(key) as Series);
}

/** All open windows, by symbol, length and start. */
export function openWindowsOf(state: StreamState): Window[] {
  return sortedSeries(state).flatMap(({ sets }) =>
    sets.flatMap(({ open }) => [...open.values()].sort((a, b) => a.start - b.start)),
  );
}

/** The candles of the open windows of a length so far; of a symbol that has several series each window once. */
export function openCandles(state: StreamState, length: Interval): WindowCandle[] {
  const best = new Map<string, WindowCandle>();
  const closed = closedThrough(state, length);
  for (const window of openWindowsOf(state)) {
    if (window.length !== length || window.end <= (closed.get(window.symbol) ?? 0)) continue;
    const candle = candleOf(window, "open");
    const key = `${window.symbol} ${window.start}`;
    const other = best.get(key);
    if (candle !== null && (other === undefined || isBetter(candle, other))) best.set(key, candle);
  }
  return [...best.values()];
}

/** The end of the last window of a length that any series of a symbol has closed, by symbol. */
function closedThrough({ series }: StreamState, length: Interval): Map<string, number> {
  const latest = new Map<string, number>();
  for (const one of series.values()) {
    const end = setOf(one, length)?.closedThrough ?? 0;
    latest.set(one.symbol, Math.max(end, latest.get(one.symbol) ?? 0));
  }
  return latest;
}

function lateEvent(
  update: Update,
  { length, start }: Pick<Window, "length" | "start">,
  place: Pick<LateEvent, "watermark" | "topic" | "partition" | "offset">,
): LateEvent {
  const window = { window_interval: length, window_day: length === "1d" ? dayOf(start) : null };
  if (update.kind === "ticker") {
    return {
      type: "ticker",
      symbol: update.symbol,
      candle_interval: null,
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
      ...window,
      ...place,
    };
  }
  const { symbol, openTime, open, high, low, close, volume, trades } = update.candle;
  const { quoteVolume, takerBase, takerQuote } = update.candle;
  return {
    type: "kline",
    symbol,
    candle_interval: update.interval,
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
    ...window,
    ...place,
  };
}
