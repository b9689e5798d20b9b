import { foldCandles } from "../../candle/foldDay.ts";
import type { EpochMs, TimeSpan } from "../../time/epoch.ts";
import {
  candlesIn,
  type FixedInterval,
  type Interval,
  intervalMs,
  nextOpenTime,
} from "../../time/interval.ts";
import type { Offset } from "../../topic/topic.ts";
import {
  BLOCK_CANDLES,
  type BlockPlace,
  type CandleBlock,
  candlesOf,
  emptyBlock,
  mergeCandle,
  missingPlaces,
  type Update,
} from "./candleBlock.ts";
import type { WindowCandle } from "./windowCandle.ts";
import { emptySource, type WindowSource } from "./windowSource.ts";

/** A last price and its event time. */
export interface LastPrice {
  price: number;
  eventTime: EpochMs;
}

/** A stretch of time of one series, `[start, end)`, while it is open. */
export interface Window {
  symbol: string;
  /** Of the series' candles. */
  interval: FixedInterval;
  length: Interval;
  start: EpochMs;
  end: EpochMs;
  /** Its candles, `BLOCK_CANDLES` after the other; null for a block without messages. */
  blocks: (CandleBlock | null)[];
  /** From tickers; the row of a window without candles. */
  price: LastPrice | null;
  /** How far each partition is to be read before the window closes; null while it is not due. */
  marks: readonly Offset[] | null;
  /** Blocks that the checkpoint has not seen yet. */
  changed: Set<number>;
  priceChanged: boolean;
  /** The origin of the row, for `explain`; it decides nothing. */
  source: WindowSource;
}

/** @param start on the grid of the length */
export function openWindow(series: Pick<Window, "symbol" | "interval" | "length">, start: EpochMs): Window {
  const { symbol, interval, length } = series;
  const blocks = Math.ceil(candlesIn(start, length, interval) / BLOCK_CANDLES);
  return {
    ...{ symbol, interval, length, start, end: nextOpenTime(start, length) },
    blocks: new Array(blocks).fill(null),
    price: null,
    marks: null,
    changed: new Set(),
    priceChanged: false,
    source: emptySource(),
  };
}

/** Marks all changes as seen. */
export function forgetChanges(window: Window): void {
  window.changed.clear();
  window.priceChanged = false;
  window.source.changed = false;
}

/** How long a block of a series' candles is, milliseconds. */
export function blockMs(interval: FixedInterval): number {
  return BLOCK_CANDLES * intervalMs(interval);
}

/** Where the candles of a window's block are. */
export function placeOf({ symbol, start, interval }: Window, block: number): BlockPlace {
  return { symbol, start: (start + block * blockMs(interval)) as EpochMs, length: intervalMs(interval) };
}

/** @see mergeCandle */
export function addCandle(window: Window, update: Update): boolean {
  const length = intervalMs(window.interval);
  const place = (update.candle.openTime - window.start) / length;
  const index = Math.floor(place / BLOCK_CANDLES);
  let block = window.blocks[index];
  if (block === null) {
    const all = (window.end - window.start) / length;
    block = emptyBlock(Math.min(BLOCK_CANDLES, all - index * BLOCK_CANDLES));
    window.blocks[index] = block;
  }
  if (!mergeCandle(block, place % BLOCK_CANDLES, update)) return false;
  window.changed.add(index);
  return true;
}

/** Keeps the latest price, the larger of two at the same instant: the order of tickers changes nothing. */
export function addPrice(window: Window, price: number, eventTime: EpochMs): void {
  const held = window.price;
  if (held !== null && (eventTime - held.eventTime || price - held.price) <= 0) return;
  window.price = { price, eventTime };
  window.priceChanged = true;
}

/**
 * The window's candle: its parts folded as the batch layer folds them; without parts the last price alone, with no
 * volume and never complete.
 * @param view `closed` counts final parts only, `open` all that is known now
 * @returns null where the window has neither
 */
export function candleOf(window: Window, view: "closed" | "open"): WindowCandle | null {
  const { symbol, length, start, interval, price } = window;
  const parts = window.blocks.flatMap((block, index) =>
    block === null ? [] : candlesOf(block, placeOf(window, index), view),
  );
  const own = { symbol, length, start, interval, parts: parts.length };
  if (parts.length > 0) {
    const { openTime: _, ...folded } = foldCandles(parts);
    return { ...own, ...folded, complete: view === "closed" };
  }
  if (price === null) return null;
  const last = price.price;
  return {
    ...own,
    ...{ open: last, high: last, low: last, close: last },
    ...{ volume: null, quoteVolume: null, trades: null, takerBase: null, takerQuote: null },
    complete: false,
  };
}

/** The candles of a window that are not final, in as few spans as possible. */
export function missingSpans(window: Window): TimeSpan[] {
  const spans: TimeSpan[] = [];
  const length = intervalMs(window.interval);
  window.blocks.forEach((block, index) => {
    const { start } = placeOf(window, index);
    const places = block === null ? Array.from({ length: BLOCK_CANDLES }, (_, i) => i) : missingPlaces(block);
    for (const place of places) {
      const from = (start + place * length) as EpochMs;
      if (from >= window.end) return;
      const last = spans.at(-1);
      const to = (from + length) as EpochMs;
      if (last !== undefined && last.to === from) last.to = to;
      else spans.push({ from, to });
    }
  });
  return spans;
}
