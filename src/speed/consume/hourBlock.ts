import type { Candle } from "../../candle/candle.ts";
import { compareDuplicates } from "../../candle/duplicates.ts";
import { type EpochMs, HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";

/**
 * The numbers of one minute in a block: open, high, low, close, volume, trades, event time, state, quote volume, taker
 * base, taker quote; -1 where a figure is not known.
 */
const FIELDS = 11;
/** As many of them had the blocks of checkpoints up to form 3. */
const FORMER_FIELDS = 8;
const EVENT_TIME = 6;
const KNOWN = 7;
const AMOUNTS = 8;
const OPEN = 1;
const FINAL = 2;

/**
 * The minutes of one hour of one symbol, 60 × 11 numbers. The checkpoint writes blocks: an hour is small enough to be
 * rewritten with every batch, and a day of single rows is not.
 */
export type HourBlock = Float64Array;

export function emptyHour(): HourBlock {
  return new Float64Array(60 * FIELDS);
}

/**
 * Merges an update of a minute into its hour. The order of updates changes nothing: a final one replaces an open one; of
 * two open ones the later event is kept, of two final ones the more complete candle, as among the batch layer's
 * duplicates.
 * @returns whether the block changed
 */
export function mergeMinute(block: HourBlock, candle: Candle, final: boolean, eventTime: EpochMs): boolean {
  const at = minuteOfHour(candle.openTime) * FIELDS;
  const known = block[at + KNOWN];
  const knows = final ? FINAL : OPEN;
  if (known > knows) return false;
  if (known === knows) {
    const older = final ? 0 : eventTime - block[at + EVENT_TIME];
    const better = older || compareDuplicates(candle, candleAt(block, at, candle.symbol, candle.openTime));
    if (better <= 0) return false;
  }
  block[at] = candle.open;
  block[at + 1] = candle.high;
  block[at + 2] = candle.low;
  block[at + 3] = candle.close;
  block[at + 4] = candle.volume;
  block[at + 5] = candle.trades ?? -1;
  block[at + EVENT_TIME] = eventTime;
  block[at + KNOWN] = knows;
  block[at + AMOUNTS] = candle.quoteVolume ?? -1;
  block[at + AMOUNTS + 1] = candle.takerBase ?? -1;
  block[at + AMOUNTS + 2] = candle.takerQuote ?? -1;
  return true;
}

/**
 * The candles of an hour in their order.
 * @param start of the hour
 * @param view `open`: those too that are not final yet
 */
export function candlesOf(
  block: HourBlock,
  symbol: string,
  start: EpochMs,
  view: "closed" | "open",
): Candle[] {
  const candles: Candle[] = [];
  const least = view === "open" ? OPEN : FINAL;
  for (let minute = 0; minute < 60; minute += 1) {
    const at = minute * FIELDS;
    if (block[at + KNOWN] < least) continue;
    candles.push(candleAt(block, at, symbol, (start + minute * MINUTE_MS) as EpochMs));
  }
  return candles;
}

/** Which minutes of an hour are not final, 0 to 59. */
export function missingMinutes(block: HourBlock): number[] {
  const missing: number[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    if (block[minute * FIELDS + KNOWN] < FINAL) missing.push(minute);
  }
  return missing;
}

/** A block as the checkpoint's bytes, little-endian, and back. */
export function blockBytes(block: HourBlock): Uint8Array {
  return new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
}

/** @see blockBytes */
export function blockOf(bytes: Uint8Array): HourBlock {
  const held = new Float64Array(bytes.slice().buffer);
  if (held.length !== 60 * FORMER_FIELDS) return held;
  const block = emptyHour().fill(-1);
  for (let minute = 0; minute < 60; minute += 1) {
    const former = held.subarray(minute * FORMER_FIELDS, (minute + 1) * FORMER_FIELDS);
    block.set(former, minute * FIELDS);
  }
  return block;
}

function minuteOfHour(openTime: EpochMs): number {
  return (openTime % HOUR_MS) / MINUTE_MS;
}

function candleAt(block: HourBlock, at: number, symbol: string, openTime: EpochMs): Candle {
  const known = (place: number) => (block[at + place] < 0 ? null : block[at + place]);
  return {
    symbol,
    openTime,
    open: block[at],
    high: block[at + 1],
    low: block[at + 2],
    close: block[at + 3],
    volume: block[at + 4],
    quoteVolume: known(AMOUNTS),
    trades: known(5),
    takerBase: known(AMOUNTS + 1),
    takerQuote: known(AMOUNTS + 2),
  };
}
