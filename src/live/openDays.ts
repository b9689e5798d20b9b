import { candlesOf } from "../speed/consume/candleBlock.ts";
import { openWindowsOf, type StreamState } from "../speed/consume/state.ts";
import { candleOf, forgetChanges, placeOf, type Window } from "../speed/consume/window.ts";
import { dayOfWindow } from "../speed/consume/windowCandle.ts";
import type { LiveSymbol } from "./picture.ts";

/** The newest day of each symbol, with all its candles. */
export function openDays(state: StreamState): LiveSymbol[] {
  return newestDays(state).map((window) => liveSymbol(window, () => true));
}

/** The newest day of each symbol that changed, with the candles of the blocks that changed. */
export function changedDays(state: StreamState): LiveSymbol[] {
  return newestDays(state)
    .filter(({ changed, priceChanged }) => changed.size > 0 || priceChanged)
    .map((window) => liveSymbol(window, (block) => window.changed.has(block)));
}

/** One window for each symbol: of its newest days the one of the finest candles. */
function newestDays(state: StreamState): Window[] {
  const newest = new Map<string, Window>();
  for (const window of openWindowsOf(state)) {
    if (window.length !== "1d") continue;
    const held = newest.get(window.symbol);
    const isEmpty = held?.blocks.every((block) => block === null);
    if (held === undefined || isEmpty || window.start > held.start) newest.set(window.symbol, window);
  }
  return [...newest.values()];
}

function liveSymbol(window: Window, isWanted: (block: number) => boolean): LiveSymbol {
  const { symbol, blocks, price } = window;
  const row = candleOf(window, "open");
  const candles = blocks.flatMap((block, index) =>
    block === null || !isWanted(index) ? [] : candlesOf(block, placeOf(window, index), "open"),
  );
  return {
    symbol,
    row: row === null ? null : dayOfWindow(row),
    price: price?.price ?? null,
    minutes: candles.map(({ openTime, open, high, low, close, volume }) => [
      openTime,
      open,
      high,
      low,
      close,
      volume,
    ]),
  };
}

/** Marks changes as seen, and drops the windows of each series and length except the newest. */
export function settle(state: StreamState): void {
  for (const window of openWindowsOf(state)) forgetChanges(window);
  for (const { open } of [...state.series.values()].flatMap(({ sets }) => sets)) {
    const newest = Math.max(...open.keys());
    for (const start of open.keys()) if (start < newest) open.delete(start);
  }
}
