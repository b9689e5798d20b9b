import { type DayWindow, forgetChanges, rowOf } from "../speed/consume/dayWindow.ts";
import { candlesOf } from "../speed/consume/hourBlock.ts";
import type { StreamState } from "../speed/consume/state.ts";
import { type EpochMs, HOUR_MS } from "../time/epoch.ts";
import type { LiveSymbol } from "./picture.ts";

/**
 * The newest day of each symbol.
 * @param whole all its minutes; otherwise those of hours that changed, of symbols that changed
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

/** Marks changes as seen, and drops each symbol's days except the newest. */
export function settle(state: StreamState): void {
  for (const days of state.windows.values()) {
    const newest = Math.max(...days.keys());
    for (const [start, window] of days) {
      if (start < newest) days.delete(start);
      forgetChanges(window);
    }
  }
}
