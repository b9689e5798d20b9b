import { type Candle, type DailyCandle, NO_FIGURES } from "../../candle/candle.ts";
import { foldDay } from "../../candle/foldDay.ts";
import { dayOf } from "../../time/day.ts";
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";
import type { Offset } from "../../topic/topic.ts";
import type { MinuteSpan } from "../exchange.ts";
import { candlesOf, emptyHour, type HourBlock, mergeMinute, missingMinutes } from "./hourBlock.ts";
import { emptySource, type WindowSource } from "./windowSource.ts";

/** A last price and its event time. */
export interface LastPrice {
  price: number;
  eventTime: EpochMs;
}

/** One UTC day of one symbol, `[start, end)`, while it is open. */
export interface DayWindow {
  symbol: string;
  start: EpochMs;
  end: EpochMs;
  /** 24, null for an hour without messages. */
  hours: (HourBlock | null)[];
  /** From tickers; the row of a day without minutes. */
  price: LastPrice | null;
  /** How far each partition is to be read before the window closes; null while it is not due. */
  marks: readonly Offset[] | null;
  /** Hours that the checkpoint has not seen yet. */
  changed: Set<number>;
  priceChanged: boolean;
  /** The origin of the row, for `explain`; it decides nothing. */
  source: WindowSource;
}

export function openWindow(symbol: string, start: EpochMs): DayWindow {
  return {
    symbol,
    start,
    end: (start + DAY_MS) as EpochMs,
    hours: new Array(24).fill(null),
    price: null,
    marks: null,
    changed: new Set(),
    priceChanged: false,
    source: emptySource(),
  };
}

/** Marks all changes as seen. */
export function forgetChanges(window: DayWindow): void {
  window.changed.clear();
  window.priceChanged = false;
  window.source.changed = false;
}

/** @see mergeMinute */
export function addMinute(window: DayWindow, candle: Candle, final: boolean, eventTime: EpochMs): boolean {
  const hour = Math.floor((candle.openTime - window.start) / HOUR_MS);
  let block = window.hours[hour];
  if (block === null) {
    block = emptyHour();
    window.hours[hour] = block;
  }
  if (!mergeMinute(block, candle, final, eventTime)) return false;
  window.changed.add(hour);
  return true;
}

/** Keeps the latest price, the larger of two at the same instant: the order of tickers changes nothing. */
export function addPrice(window: DayWindow, price: number, eventTime: EpochMs): void {
  const held = window.price;
  if (held !== null && (eventTime - held.eventTime || price - held.price) <= 0) return;
  window.price = { price, eventTime };
  window.priceChanged = true;
}

/**
 * The window's row: its minutes folded as the batch layer folds them; without minutes the last price alone,
 * with no volume and never complete.
 * @param view `closed` counts final minutes only, `open` all that is known now
 * @returns null where the window holds neither
 */
export function rowOf(window: DayWindow, view: "closed" | "open"): DailyCandle | null {
  const { symbol, start, price } = window;
  const candles = window.hours.flatMap((block, hour) =>
    block === null ? [] : candlesOf(block, symbol, (start + hour * HOUR_MS) as EpochMs, view),
  );
  if (candles.length > 0) return { ...foldDay(candles), origin: "speed", complete: view === "closed" };
  if (price === null) return null;
  const last = price.price;
  return {
    symbol,
    day: dayOf(start),
    open: last,
    high: last,
    low: last,
    close: last,
    volume: null,
    ...NO_FIGURES,
    minutes: 0,
    origin: "speed",
    complete: false,
  };
}

/** The minutes of a window that are not final, in as few spans as possible. */
export function missingSpans(window: DayWindow): MinuteSpan[] {
  const spans: MinuteSpan[] = [];
  window.hours.forEach((block, hour) => {
    const start = window.start + hour * HOUR_MS;
    const minutes =
      block === null ? Array.from({ length: 60 }, (_, minute) => minute) : missingMinutes(block);
    for (const minute of minutes) {
      const from = (start + minute * MINUTE_MS) as EpochMs;
      const last = spans.at(-1);
      const to = (from + MINUTE_MS) as EpochMs;
      if (last !== undefined && last.to === from) last.to = to;
      else spans.push({ from, to });
    }
  });
  return spans;
}
