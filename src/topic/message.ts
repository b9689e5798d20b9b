import { z } from "zod";
import type { Candle } from "../candle/candle.ts";
import { numericCandle } from "../candle/decimal.ts";
import { isSymbol } from "../candle/symbol.ts";
import { invalidReason, type RejectReason } from "../candle/validity.ts";
import { EARLIEST_MS, type EpochMs } from "../time/epoch.ts";
import { type FixedInterval, intervalMs, isInterval } from "../time/interval.ts";
import { type EncodedKline, parseEncodedKline } from "./klineBytes.ts";
import type { TopicRecord } from "./topic.ts";

/** Messages of a later version have a larger `v`; without one it is 1: a candle without amounts. */
export const MESSAGE_VERSION = 2;
/** Of a candle that is no minute, and has its interval: an earlier candlebook must not take it for a minute. */
export const INTERVAL_VERSION = 3;

const decimal = z.string().regex(/^\d{1,24}(?:\.\d{1,24})?$/);
const symbol = z.string().refine(isSymbol);
const instant = z.number().int();
/** Every message with simulated prices is marked, so that each reader of the topic recognizes them. */
const market = z.literal("simulated").optional();

const klineForm = z.object({
  type: z.literal("kline"),
  symbol,
  interval: z.custom<FixedInterval>((text) => typeof text === "string" && isFixed(text)).optional(),
  openTime: instant,
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
  quoteVolume: decimal.optional(),
  trades: z.number().int().min(0).optional(),
  takerBase: decimal.optional(),
  takerQuote: decimal.optional(),
  final: z.boolean(),
  eventTime: instant,
  market,
  v: z.number().optional(),
});

const tickerForm = z.object({
  type: z.literal("ticker"),
  symbol,
  price: decimal,
  eventTime: instant,
  market,
});

function isFixed(text: string): text is FixedInterval {
  return isInterval(text) && intervalMs(text) !== null;
}

const messageForm = z.discriminatedUnion("type", [klineForm, tickerForm]);

/** A message of the topic: the exchange's numbers as it wrote them. */
export type Message = z.infer<typeof messageForm>;
export type KlineMessage = z.infer<typeof klineForm>;

/** An update of one candle: its state at `eventTime`. */
export interface KlineUpdate {
  kind: "kline";
  candle: Candle;
  interval: FixedInterval;
  /** The candle's time has ended and does not change any more. */
  final: boolean;
  eventTime: EpochMs;
  simulated: boolean;
}

/** A last price. The exchange's rolling 24-hour figures are dropped: they belong to no day. */
export interface TickerUpdate {
  kind: "ticker";
  symbol: string;
  price: number;
  eventTime: EpochMs;
  simulated: boolean;
}

export type PoisonReason = "no_value" | "not_json" | "wrong_form" | "newer_version" | RejectReason;

export type Decoded =
  | KlineUpdate
  | TickerUpdate
  | { kind: "unknown"; type: string }
  | { kind: "poison"; reason: PoisonReason };

/** A message as the topic's value. */
export function encodeMessage(message: Message): string {
  return JSON.stringify(message);
}

/** Longer than any kline that `encodeMessage` writes. */
const LONGEST_ENCODED = 768;
const scratch = Buffer.alloc(3 * LONGEST_ENCODED);

/**
 * A topic's value as an update, or the reason why it is invalid. Never throws. A minute that `encodeMessage` wrote is
 * parsed from its bytes; any other value as JSON.
 */
export function decodeMessage(value: string | null): Decoded {
  if (value === null) return poison("no_value");
  const own = value.length > LONGEST_ENCODED ? null : parseEncodedKline(scratch, 0, scratch.write(value));
  return own === null ? decodeAny(value) : toEncodedUpdate(own);
}

/** The value of a record, without a string where its bytes suffice. @see decodeMessage */
export function decodeRecord(record: Pick<TopicRecord, "value" | "utf8">): Decoded {
  const { utf8 } = record;
  if (utf8 === undefined) return decodeMessage(record.value);
  const own = parseEncodedKline(utf8, 0, utf8.length);
  return own === null ? decodeAny(utf8.toString()) : toEncodedUpdate(own);
}

function toEncodedUpdate(fields: EncodedKline): Decoded {
  const { symbol, open, high, low, close, volume, trades, final, simulated } = fields;
  const { quoteVolume, takerBase, takerQuote } = fields;
  const openTime = fields.openTime as EpochMs;
  return valid({
    kind: "kline",
    candle: { symbol, openTime, open, high, low, close, volume, quoteVolume, trades, takerBase, takerQuote },
    interval: "1m",
    final,
    eventTime: fields.eventTime as EpochMs,
    simulated,
  });
}

/** The same for any JSON. */
export function decodeAny(value: string): Decoded {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return poison("not_json");
  }
  const form = messageForm.safeParse(parsed);
  if (!form.success) return explain(parsed);
  const message = form.data;
  const { v = 1 } = parsed as { v?: unknown };
  if (v !== 1 && v !== MESSAGE_VERSION && v !== INTERVAL_VERSION) return poison("newer_version");
  return message.type === "kline" ? toKline(message) : toTicker(message);
}

function toKline(message: KlineMessage): Decoded {
  const { v = 1, interval, final, market, quoteVolume, takerBase, takerQuote, ...written } = message;
  if ((v === INTERVAL_VERSION) !== (interval !== undefined)) return poison("wrong_form");
  const amounts = v === 1 ? {} : { quoteVolume, takerBase, takerQuote };
  return valid({
    kind: "kline",
    candle: numericCandle({ ...written, ...amounts }),
    interval: interval ?? "1m",
    final,
    eventTime: message.eventTime as EpochMs,
    simulated: market !== undefined,
  });
}

/** The update, or the reason why its candle is invalid. */
function valid(update: KlineUpdate): Decoded {
  const reason = invalidReason(update.candle, update.interval, EARLIEST_MS, update.eventTime);
  return reason === null ? update : poison(reason);
}

function toTicker(message: z.infer<typeof tickerForm>): Decoded {
  const price = Number(message.price);
  if (message.eventTime < EARLIEST_MS) return poison("bad_time");
  if (price <= 0) return poison("non_positive_price");
  const eventTime = message.eventTime as EpochMs;
  return {
    kind: "ticker",
    symbol: message.symbol,
    price,
    eventTime,
    simulated: message.market !== undefined,
  };
}

function explain(parsed: unknown): Decoded {
  const { type, v } = (parsed ?? {}) as { type?: unknown; v?: unknown };
  if (typeof v === "number" && v > INTERVAL_VERSION) return poison("newer_version");
  const known = type === "kline" || type === "ticker";
  return typeof type === "string" && !known ? { kind: "unknown", type } : poison("wrong_form");
}

function poison(reason: PoisonReason): Decoded {
  return { kind: "poison", reason };
}
