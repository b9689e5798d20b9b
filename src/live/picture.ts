import type { DailyCandle } from "../candle/candle.ts";
import { type DayWindow, forgetChanges, rowOf } from "../speed/dayWindow.ts";
import { candlesOf } from "../speed/minutes.ts";
import type { StreamView } from "../speed/openWindows.ts";
import type { ProducerState } from "../speed/producers.ts";
import type { StreamState } from "../speed/state.ts";
import { type EpochMs, HOUR_MS } from "../time/epoch.ts";

/** Open time, open, high, low, close, volume of one minute; the last one may still change. */
export type LiveMinute = [number, number, number, number, number, number];

/** A symbol's open day as the topic tells it. */
export interface LiveSymbol {
  symbol: string;
  /** The day so far; null where nothing is known but that it began. */
  row: DailyCandle | null;
  /** The last price that a ticker told. */
  price: number | null;
  /** In a whole picture all of the day, in a change those hours that changed. */
  minutes: LiveMinute[];
}

/** The consumer as its last commit left it. */
export interface LiveConsumer extends StreamView {
  /** Messages that the topic has and the checkpoint has not. */
  behind: number;
  /** The days that closed last, the newest first. */
  closed: DailyCandle[];
}

/** What the page shows; a change has the symbols that changed and everything else as a picture has it. */
export interface LivePicture {
  whole: boolean;
  simulated: boolean;
  /** The largest event time in the topic. */
  now: EpochMs | null;
  symbols: LiveSymbol[];
  /** Null where none has committed yet. */
  consumer: LiveConsumer | null;
  /** `silent`: seconds since the producer last gave a sign of life. */
  producers: (ProducerState & { silent: number })[];
  /** Why the picture stands still, in a sentence; null where it does not. */
  problem: string | null;
}

/**
 * The newest day of each symbol.
 * @param whole all its minutes, else those of the hours that changed, and only symbols of which something did
 */
export function openDays(state: StreamState, whole: boolean): LiveSymbol[] {
  const symbols = [...state.windows.keys()].sort();
  return symbols.flatMap((symbol) => {
    const days = [...(state.windows.get(symbol)?.values() ?? [])];
    if (days.length === 0) return [];
    const window = days.reduce((newest, day) => (day.start > newest.start ? day : newest));
    const changed = window.changed.size > 0 || window.priceChanged;
    return whole || changed ? [liveSymbol(window, whole)] : [];
  });
}

function liveSymbol(window: DayWindow, whole: boolean): LiveSymbol {
  const { symbol, start, hours, price, changed } = window;
  const minutes = hours.flatMap((block, hour) =>
    block === null || !(whole || changed.has(hour))
      ? []
      : candlesOf(block, symbol, (start + hour * HOUR_MS) as EpochMs, true),
  );
  return {
    symbol,
    row: rowOf(window, "open"),
    price: price?.price ?? null,
    minutes: minutes.map(({ openTime, open, high, low, close, volume }) => [
      openTime,
      open,
      high,
      low,
      close,
      volume,
    ]),
  };
}

/** Forgets what a change has told, and each symbol's days but the newest. */
export function settle(state: StreamState): void {
  for (const days of state.windows.values()) {
    const newest = Math.max(...days.keys());
    for (const [start, window] of days) {
      if (start < newest) days.delete(start);
      forgetChanges(window);
    }
  }
}
