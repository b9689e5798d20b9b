import { type Interval, parseInterval } from "../time/interval.ts";
import { statedByNames } from "./names.ts";

/** What the folders around a file state, each with the folder's name; a file's own name outweighs them. */
export interface StatedByFolders {
  symbol: { symbol: string; folder: string } | null;
  interval: { interval: Interval; folder: string } | null;
  /** The folder that states futures, as in Binance's `futures/um`; null where none does. */
  futures: string | null;
}

/** Folders that state nothing of a series, and may lie between those that do. */
const NEUTRAL =
  /^(\d[\d_.-]*|data|raw|spot|um|cm|monthly|daily|klines|candles|candlesticks|ohlcv?t?|csv|zip|archive|history|historical|market[_-]?data|public)$/i;
const FUTURES = /^(futures?|perps?|perpetuals?|swaps?)$/i;

/**
 * What the folders around a file state of its market and interval: from the innermost on, up to the first whose name is
 * something else.
 * @param folders the innermost first
 */
export function statedByFolders(folders: readonly string[]): StatedByFolders {
  const found: StatedByFolders = { symbol: null, interval: null, futures: null };
  for (const folder of folders) {
    const interval = parseInterval(folder);
    const { symbol } = statedByNames([folder]);
    if (NEUTRAL.test(folder)) continue;
    if (FUTURES.test(folder)) found.futures ??= folder;
    else if (interval !== null) found.interval ??= { interval, folder };
    else if (symbol !== null) found.symbol ??= { symbol, folder };
    else break;
  }
  return found;
}
