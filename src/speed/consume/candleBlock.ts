import type { Candle } from "../../candle/candle.ts";
import { compareDuplicates } from "../../candle/duplicates.ts";
import type { EpochMs } from "../../time/epoch.ts";
import type { KlineUpdate } from "../../topic/message.ts";

/** The candles of a block at most. */
export const BLOCK_CANDLES = 60;

/**
 * The numbers of one candle in a block: open, high, low, close, volume, trades, event time, state, quote volume, taker
 * base, taker quote; -1 where a figure is not known.
 */
const FIELDS = 11;
/** As many of them had the blocks of checkpoints up to form 3, all of 60 candles. */
const FORMER_FIELDS = 8;
const EVENT_TIME = 6;
const KNOWN = 7;
const AMOUNTS = 8;
const OPEN = 1;
const FINAL = 2;

/**
 * Consecutive candles of one symbol, 11 numbers each. The checkpoint writes blocks: one is small enough to be rewritten
 * with every batch, and a day of single rows is not.
 */
export type CandleBlock = Float64Array;

/** Where the candles of a block are. */
export interface BlockPlace {
  symbol: string;
  /** Open time of the first. */
  start: EpochMs;
  /** Length of each, milliseconds. */
  length: number;
}

/** An update of one candle. */
export type Update = Pick<KlineUpdate, "candle" | "final" | "eventTime">;

export function emptyBlock(candles: number): CandleBlock {
  return new Float64Array(candles * FIELDS);
}

/**
 * Merges an update of a candle into its block. The order of updates changes nothing: a final one replaces an open one; of
 * two open ones the later event is kept, of two final ones the more complete candle, as among the batch layer's
 * duplicates.
 * @param place of the candle in the block, from 0
 * @returns whether the block changed
 */
export function mergeCandle(block: CandleBlock, place: number, update: Update): boolean {
  const { candle, final, eventTime } = update;
  const at = place * FIELDS;
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

/** The updates of a block's candles, in their order: each as it is known now. */
export function updatesOf(block: CandleBlock, place: BlockPlace): Update[] {
  return candlesOf(block, place, "open").map((candle) => {
    const at = ((candle.openTime - place.start) / place.length) * FIELDS;
    return { candle, final: block[at + KNOWN] === FINAL, eventTime: block[at + EVENT_TIME] as EpochMs };
  });
}

/**
 * The candles of a block in their order.
 * @param view `open`: those too that are not final yet
 */
export function candlesOf(
  block: CandleBlock,
  { symbol, start, length }: BlockPlace,
  view: "closed" | "open",
): Candle[] {
  const candles: Candle[] = [];
  const least = view === "open" ? OPEN : FINAL;
  for (let at = 0, openTime = start as number; at < block.length; at += FIELDS, openTime += length) {
    if (block[at + KNOWN] >= least) candles.push(candleAt(block, at, symbol, openTime as EpochMs));
  }
  return candles;
}

/** Which candles of a block are not final, by their places. */
export function missingPlaces(block: CandleBlock): number[] {
  const missing: number[] = [];
  for (let at = 0; at < block.length; at += FIELDS) if (block[at + KNOWN] < FINAL) missing.push(at / FIELDS);
  return missing;
}

/** A block as the checkpoint's bytes, little-endian, and back. */
export function blockBytes(block: CandleBlock): Uint8Array {
  return new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
}

/** @see blockBytes */
export function blockOf(bytes: Uint8Array): CandleBlock {
  const held = new Float64Array(bytes.slice().buffer);
  if (held.length !== BLOCK_CANDLES * FORMER_FIELDS) return held;
  const block = emptyBlock(BLOCK_CANDLES).fill(-1);
  for (let minute = 0; minute < BLOCK_CANDLES; minute += 1) {
    const former = held.subarray(minute * FORMER_FIELDS, (minute + 1) * FORMER_FIELDS);
    block.set(former, minute * FIELDS);
  }
  return block;
}

function candleAt(block: CandleBlock, at: number, symbol: string, openTime: EpochMs): Candle {
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
