import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Candle, DailyCandle } from "../src/candle/candle.ts";
import { foldCandles, foldDays } from "../src/candle/foldDay.ts";
import { seededRandom } from "../src/core/random.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { DAY_FIELDS } from "../src/lake/columns.ts";
import type { Published } from "../src/lake/publish.ts";
import { readTable, type TableVersion } from "../src/lake/read.ts";
import { type StreamTable, streamTable } from "../src/lake/seriesTables.ts";
import { withLake } from "../src/lake/session.ts";
import { withAmounts } from "../src/simulator/withAmounts.ts";
import { publishWindows } from "../src/speed/consume/streamTables.ts";
import { type WindowRow, windowRow } from "../src/speed/consume/windowCandle.ts";
import { klineToMessage } from "../src/speed/produce/toMessage.ts";
import { type EpochMs, MINUTE_MS } from "../src/time/epoch.ts";
import { type FixedInterval, floorToInterval, type Interval } from "../src/time/interval.ts";
import { openEmbeddedTopic } from "../src/topic/embedded.ts";
import { encodeMessage, type KlineMessage, type Message } from "../src/topic/message.ts";
import type { OutgoingMessage, Topic } from "../src/topic/topic.ts";

const cents = (value: number) => Math.round(value * 100) / 100;

/** Minutes of a random walk, in the exchange's decimals: prices to 0.01, volumes to 0.00001. */
export function madeUpMinutes(seed: number, symbol: string, start: number, count: number): Candle[] {
  const random = seededRandom(seed);
  let price = 100 + random() * 60_000;
  return Array.from({ length: count }, (_, minute) => {
    const open = cents(price);
    price = Math.max(1, price * (1 + (random() - 0.5) / 200));
    const close = cents(price);
    return withAmounts({
      symbol,
      openTime: (start + minute * MINUTE_MS) as EpochMs,
      open,
      close,
      high: cents(Math.max(open, close) * (1 + random() / 1000)),
      low: cents(Math.min(open, close) * (1 - random() / 1000)),
      volume: Math.round(random() * 1e7) / 1e5,
      trades: Math.floor(random() * 2_000),
    });
  });
}

/** A minute as the stream's message; of version 1 where the candle lacks an amount. */
export function klineMessage(
  candle: Candle,
  final: boolean,
  eventTime: number,
  interval: FixedInterval = "1m",
): KlineMessage {
  const amount = (value: number | null) => value?.toFixed(8);
  const update = {
    symbol: candle.symbol,
    interval,
    openTime: candle.openTime,
    open: candle.open.toFixed(2),
    high: candle.high.toFixed(2),
    low: candle.low.toFixed(2),
    close: candle.close.toFixed(2),
    volume: candle.volume.toFixed(5),
    quoteVolume: amount(candle.quoteVolume),
    trades: candle.trades ?? undefined,
    takerBase: amount(candle.takerBase),
    takerQuote: amount(candle.takerQuote),
    final,
    eventTime,
  };
  return klineToMessage(update, {});
}

/** What the stream says of a minute: an open state now and then, the final one just after its end, a ticker. */
export function messagesOf(candle: Candle, random: () => number): Message[] {
  const messages: Message[] = [];
  if (random() < 0.3) {
    const partial = { ...candle, close: candle.open, volume: cents(candle.volume / 2), trades: 1 };
    messages.push(klineMessage(partial, false, candle.openTime + Math.floor(random() * MINUTE_MS)));
  }
  if (random() < 0.1) {
    const eventTime = candle.openTime + Math.floor(random() * MINUTE_MS);
    messages.push({ type: "ticker", symbol: candle.symbol, price: candle.close.toFixed(2), eventTime });
  }
  messages.push(klineMessage(candle, true, candle.openTime + MINUTE_MS + Math.floor(random() * 40)));
  return messages;
}

/** A message, and when it would come were there no disorder; without `at` that is its event time. */
type Arriving = Message | { message: Message; at: number };

/** Delays each message by up to `delayMs` and sends some twice; the order changes, nothing is lost. */
export function disorder(messages: readonly Arriving[], seed: number, delayMs: number): Message[] {
  const random = seededRandom(seed);
  return messages
    .map((item) => ("message" in item ? item : { message: item, at: item.eventTime }))
    .flatMap((item) => (random() < 0.05 ? [item, item] : [item]))
    .map(({ message, at }) => ({ message, arrival: at + random() * delayMs }))
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ message }) => message);
}

/** Messages as the topic takes them, with their symbol as key or with none. */
export function outgoing(messages: readonly Message[], keyed = true): OutgoingMessage[] {
  return messages.map((message) => ({
    key: keyed ? message.symbol : null,
    value: encodeMessage(message),
  }));
}

/** What the batch layer would make of these minutes, as rows of the speed layer. */
export function expectedDays(candles: readonly Candle[]): DailyCandle[] {
  return foldDays(candles).map((day) => ({ ...day, origin: "speed", complete: true }));
}

/** What the batch layer would make of these candles as windows of a length, as their table has them. */
export function expectedWindows(
  candles: readonly Candle[],
  length: Interval,
  interval: FixedInterval = "1m",
): WindowRow[] {
  const groups = Map.groupBy(
    candles,
    ({ symbol, openTime }) => `${symbol} ${floorToInterval(openTime, length)}`,
  );
  return [...groups.values()].map((parts) => {
    const { openTime, ...figures } = foldCandles(parts);
    const own = { length, start: floorToInterval(openTime, length), interval, parts: parts.length };
    return windowRow({ ...figures, ...own, complete: true });
  });
}

/** Publishes rows as the stream's windows of a length, a new version each time. */
export function putWindows(
  workspace: Workspace,
  length: Interval,
  rows: readonly WindowRow[],
): Promise<Published> {
  const inputs = [{ name: "test", version: randomUUID() }];
  const recipe = {
    table: streamTable(length),
    stage: "consume",
    parameters: {},
    inputs,
    source: "csv" as const,
  };
  return publishWindows(workspace, {}, recipe, { length, rows: () => rows });
}

/** The rows of the stream's windows of a length that are no days, in their order. */
export async function publishedCandles(
  workspace: Workspace,
  length: Interval,
  table?: StreamTable,
): Promise<WindowRow[]> {
  const version = await readTable(workspace, streamTable(length, table));
  if (version === null) return [];
  const fields = "* REPLACE (epoch_ms(open_time)::DOUBLE AS open_time, trades::DOUBLE AS trades)";
  return withLake(workspace, {}, (lake) => lake.rows<WindowRow>(`SELECT ${fields} FROM ${version.sql}`));
}

/** A daily table's rows, in its order. */
export async function publishedDays(
  workspace: Workspace,
  table = "streaming_output",
): Promise<DailyCandle[]> {
  const version = await readTable(workspace, table);
  if (version === null) return [];
  return withLake(workspace, {}, (lake) =>
    lake.rows<DailyCandle>(`SELECT ${DAY_FIELDS} FROM ${version.sql}`),
  );
}

/** A day's stream in the order of its events: updates, final minutes, tickers. */
export function streamOf(candles: readonly Candle[]): Message[] {
  const random = seededRandom(1);
  return candles.flatMap((candle) => messagesOf(candle, random)).sort((a, b) => a.eventTime - b.eventTime);
}

/** A published table's rows, as the engine gives them. */
export async function tableRows<Row>(workspace: Workspace, table: string): Promise<Row[]> {
  const version = await readTable(workspace, table);
  if (version === null) return [];
  return withLake(workspace, {}, (lake) => lake.rows<Row>(`SELECT * FROM ${version.sql}`));
}

/** The workspace's embedded topic. @param clock stamps what is appended; default the workspace's */
export function embeddedTopic(
  workspace: Workspace,
  {
    partitions = 1,
    clock = workspace.clock,
    retainMs,
  }: { partitions?: number; clock?: () => number; retainMs?: number } = {},
): Topic {
  const path = join(workspace.root, "data", "topic.db");
  return openEmbeddedTopic({ path, name: "crypto-prices", partitions, clock, retainMs });
}

/** Where the days of `streaming_output` come from, by what is published beside them. */
export async function publishedSources(workspace: Workspace) {
  const { folder, manifest } = (await readTable(workspace, "streaming_output")) as TableVersion;
  const lines = readFileSync(join(folder, "_sources.jsonl"), "utf8").trim().split("\n");
  const { topic, days: open } = manifest.facts;
  return { topic, open, closed: lines.map((line) => JSON.parse(line)) };
}
