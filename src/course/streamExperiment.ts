import type { Candle, DailyCandle, Source } from "../candle/candle.ts";
import type { ArrivalPoint } from "../charts/watermark.ts";
import type { Effects } from "../core/effects.ts";
import { inputError, throwIfAborted } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { readDays } from "../serving/readDays.ts";
import { readMinutes } from "../serving/readMinutes.ts";
import { randomStream } from "../simulator/randomStream.ts";
import { closeWindow } from "../speed/consume/closeWindows.ts";
import { applyRecord, emptyOutput, emptyState, openWindowsOf } from "../speed/consume/state.ts";
import { dayOfWindow } from "../speed/consume/windowCandle.ts";
import { addDays, type Day, dayOf, startOfDay } from "../time/day.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { encodeMessage, type KlineMessage, MESSAGE_VERSION } from "../topic/message.ts";
import { PRICE_TOPIC } from "../topic/topic.ts";

export interface StreamExperimentOptions {
  symbol: string;
  /** How many of the last complete days are played; 2 by default, 7 at most. */
  days?: number;
  /** A tenth of the messages arrives up to so many minutes late; 10 by default. */
  delayMinutes?: number;
  /** How long a day waits for late events after its end; 60 by default. */
  latenessMinutes?: number;
  /** Of the disorder. */
  seed?: number;
}

export interface StreamExperiment {
  symbol: string;
  source: Source;
  messages: number;
  /** Messages that were sent twice. */
  doubled: number;
  /** Messages that arrived after one that happened later. */
  outOfOrder: number;
  /** Events that arrived after their day had closed; kept aside, not merged. */
  late: number;
  /** The days as the stream's windows closed with them. */
  stream: DailyCandle[];
  /** The same days as the batch layer has them. */
  batch: DailyCandle[];
  /** The fields in which they differ; empty where the stream equals the batch, bit for bit. */
  differences: { day: string; field: string; stream: number | null; batch: number | null }[];
  /** What arrived from 3 hours before the end of the first day to 4 hours after it, in the order of arrival. */
  arrivals: ArrivalPoint[];
}

const DELAYED = 0.1;
const DOUBLED = 0.03;
const BEFORE = 180 * MINUTE_MS;
const AFTER = 240 * MINUTE_MS;
const FIELDS = ["open", "high", "low", "close", "volume", "quote_volume", "taker_base", "minutes"] as const;

/**
 * Replays the last complete days of the batch layer's minutes, out of order and partly twice, through the windows of
 * the speed layer's consumer. Everything is in memory: no table, topic or checkpoint is written.
 * @throws CandlebookError `too_few_days`, `stale_days`, and what reading throws (exit 2)
 */
export async function streamExperiment(
  workspace: Workspace,
  { symbol, days = 2, delayMinutes = 10, latenessMinutes = 60, seed = 1 }: StreamExperimentOptions,
  effects: Effects = {},
): Promise<StreamExperiment> {
  const { days: all, source } = await readDays(workspace, { symbol, table: "daily_batch" }, effects);
  const batch = all.filter(({ complete }) => complete).slice(-days);
  const [first] = batch;
  if (batch.length < days || first.day !== addDays(batch[batch.length - 1].day, 1 - days)) {
    throw inputError(
      "too_few_days",
      `${symbol} has no ${days} complete days in a row at its end to play.`,
      "Load more minutes, or request fewer days.",
    );
  }
  const { minutes } = await readMinutes(workspace, { symbol, day: first.day, days }, effects);
  refuseStaleDays(batch, minutes);
  const lateness = latenessMinutes * MINUTE_MS;
  const sent = disordered(minutes.flatMap(messagesOf(source)), seed, delayMinutes * MINUTE_MS);
  throwIfAborted(effects.signal);
  const { closed, late } = consumed(sent.messages, { lateness, until: batch[batch.length - 1].day, source });
  return {
    symbol,
    source,
    messages: sent.messages.length,
    doubled: sent.doubled,
    outOfOrder: sent.outOfOrder,
    late,
    stream: closed,
    batch,
    differences: differencesOf(closed, batch),
    arrivals: shown(arrivalsOf(sent.messages, lateness)),
  };
}

/** The days may be of more minutes than are clean now: `ingest` and `clean` ran again, `daily` did not. */
function refuseStaleDays(batch: readonly DailyCandle[], minutes: readonly Candle[]): void {
  const clean = Map.groupBy(minutes, ({ openTime }) => dayOf(openTime));
  const stale = batch.find(({ day, minutes: count }) => clean.get(day)?.length !== count);
  if (stale === undefined) return;
  throw inputError(
    "stale_days",
    `${stale.symbol} has ${clean.get(stale.day)?.length ?? 0} clean minutes on ${stale.day}; daily_batch counts ${stale.minutes}.`,
    "Run candlebook daily first, or candlebook run for all of it.",
  );
}

/** What the exchange would have sent of a minute: an update at its half, and its last word. */
function messagesOf(source: Source): (candle: Candle) => KlineMessage[] {
  return (candle) => {
    const { symbol, openTime, open, high, low, close, volume, trades } = candle;
    const amount = (value: number | null) => (value === null ? undefined : decimal(value));
    const whole = {
      type: "kline" as const,
      symbol,
      openTime,
      open: decimal(open),
      high: decimal(high),
      low: decimal(low),
      close: decimal(close),
      volume: decimal(volume),
      quoteVolume: amount(candle.quoteVolume),
      trades: trades ?? undefined,
      takerBase: amount(candle.takerBase),
      takerQuote: amount(candle.takerQuote),
      final: true,
      eventTime: openTime + MINUTE_MS + 12,
      ...(source === "simulated" ? { market: "simulated" as const } : {}),
      v: MESSAGE_VERSION,
    };
    const half = { ...whole, volume: decimal(volume / 2), final: false, eventTime: openTime + MINUTE_MS / 2 };
    return [half, whole];
  };
}

/** Without an exponent: the shortest text that reads back as the same number, where it has none. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20) : text;
}

interface Sent {
  arrived: number;
  message: KlineMessage;
}

function disordered(
  inOrder: readonly KlineMessage[],
  seed: number,
  longestDelay: number,
): { messages: Sent[]; doubled: number; outOfOrder: number } {
  const random = randomStream(seed, "stream experiment");
  const messages: Sent[] = [];
  let doubled = 0;
  for (const message of inOrder) {
    const arrive = () =>
      message.eventTime + 50 + (random.uniform() < DELAYED ? random.uniform() * longestDelay : 0);
    messages.push({ arrived: arrive(), message });
    if (random.uniform() >= DOUBLED) continue;
    messages.push({ arrived: arrive(), message });
    doubled += 1;
  }
  messages.sort((a, b) => a.arrived - b.arrived);
  let latest = Number.NEGATIVE_INFINITY;
  let outOfOrder = 0;
  for (const { message } of messages) {
    if (message.eventTime < latest) outOfOrder += 1;
    latest = Math.max(latest, message.eventTime);
  }
  return { messages, doubled, outOfOrder };
}

interface ConsumeRules {
  /** Milliseconds. */
  lateness: number;
  /** The last day to close. */
  until: Day;
  source: Source;
}

/** The rows of the windows when all messages are read, and how many events were late. */
function consumed(
  messages: readonly Sent[],
  { lateness, until, source }: ConsumeRules,
): { closed: DailyCandle[]; late: number } {
  const state = emptyState();
  state.partitions.push({ next: 0, seen: Number.NEGATIVE_INFINITY, digest: null });
  const output = emptyOutput();
  const rules = { topic: PRICE_TOPIC, lateness, simulated: source === "simulated" };
  const timestamp = (startOfDay(until) + 2 * DAY_MS) as EpochMs;
  for (const [offset, { message }] of messages.entries()) {
    const record = { partition: 0, offset, timestamp, key: message.symbol, value: encodeMessage(message) };
    applyRecord(state, output, record, rules);
  }
  const due = openWindowsOf(state).filter(({ start }) => dayOf(start) <= until);
  const closed = due.flatMap((window) => closeWindow(state, window) ?? []);
  return { closed: closed.map(dayOfWindow), late: state.counts.late };
}

function differencesOf(
  stream: readonly DailyCandle[],
  batch: readonly DailyCandle[],
): StreamExperiment["differences"] {
  return batch.flatMap((row) => {
    const other = stream.find(({ day }) => day === row.day);
    return FIELDS.filter((field) => other?.[field] !== row[field]).map((field) => ({
      day: row.day,
      field,
      stream: other?.[field] ?? null,
      batch: row[field],
    }));
  });
}

/** The course of the watermark, by the rule of `src/speed/consume/watermark.ts` for one partition. */
function arrivalsOf(messages: readonly Sent[], lateness: number): ArrivalPoint[] {
  let latest = Number.NEGATIVE_INFINITY;
  return messages.map(({ arrived, message }) => {
    const end = startOfDay(new Date(message.openTime).toISOString().slice(0, 10) as Day) + DAY_MS;
    const late = latest - lateness >= end;
    latest = Math.max(latest, message.eventTime);
    return { arrived, eventTime: message.eventTime, watermark: latest - lateness, late };
  });
}

/** Around the end of the first day, where a window closes. */
function shown(arrivals: readonly ArrivalPoint[]): ArrivalPoint[] {
  const end = Math.floor(arrivals[0].eventTime / DAY_MS) * DAY_MS + DAY_MS;
  return arrivals.filter(({ arrived }) => arrived > end - BEFORE && arrived < end + AFTER);
}
