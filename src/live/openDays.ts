import { type DayWindow, forgetChanges, rowOf } from "../speed/consume/dayWindow.ts";
import { candlesOf } from "../speed/consume/hourBlock.ts";
import type { StreamState } from "../speed/consume/state.ts";
import { type EpochMs, HOUR_MS } from "../time/epoch.ts";
import type { LiveSymbol } from "./picture.ts";

/** The newest day of each symbol, with all its minutes. */
export function openDays(state: StreamState): LiveSymbol[] {
  return newestWindows(state).map((window) => liveSymbol(window, () => true));
}

/** The newest day of each symbol that changed, with the minutes of the hours that changed. */
export function changedDays(state: StreamState): LiveSymbol[] {
  return newestWindows(state)
    .filter(({ changed, priceChanged }) => changed.size > 0 || priceChanged)
    .map((window) => liveSymbol(window, (hour) => window.changed.has(hour)));
}

function newestWindows(state: StreamState): DayWindow[] {
  const symbols = [...state.windows.keys()].sort();
  return symbols.flatMap((symbol) => {
    const days = [...(state.windows.get(symbol)?.values() ?? [])];
    return days.length === 0 ? [] : [days.reduce((newest, day) => (day.start > newest.start ? day : newest))];
  });
}

function liveSymbol(window: DayWindow, isWanted: (hour: number) => boolean): LiveSymbol {
  const { symbol, start, hours, price } = window;
  const minutes = hours.flatMap((block, hour) =>
    block === null || !isWanted(hour)
      ? []
      : candlesOf(block, symbol, (start + hour * HOUR_MS) as EpochMs, "open"),
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
