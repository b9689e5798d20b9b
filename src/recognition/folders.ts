import { type Interval, parseInterval } from "../time/interval.ts";
import { kindAndVenue, statedByNames } from "./names.ts";
import { type StatedKind, VAGUE_KINDS } from "./words.ts";

/** What the folders around a file state, each with the folder's name; a file's own name outweighs their pair and interval. */
export interface StatedByFolders {
  symbol: { symbol: string; folder: string } | null;
  interval: { interval: Interval; folder: string } | null;
  /** As in Binance's `futures/um`, `markPriceKlines`. */
  kind: { kind: StatedKind; folder: string } | null;
  venue: { venue: string; folder: string } | null;
}

/** Folders that state nothing of a series, and may lie between those that do. */
const NEUTRAL =
  /^(\d[\d_.-]*|data|raw|monthly|daily|klines|candles|candlesticks|ohlcv?t?|csv|zip|archive|history|historical|market[_-]?data|public)$/i;

/**
 * What the folders around a file state of its market and interval: from the innermost on, up to the first whose name is
 * something else.
 * @param folders the innermost first
 */
export function statedByFolders(folders: readonly string[]): StatedByFolders {
  const found: StatedByFolders = { symbol: null, interval: null, kind: null, venue: null };
  for (const folder of folders) {
    if (NEUTRAL.test(folder)) continue;
    const interval = parseInterval(folder);
    const { kind, venue } = kindAndVenue(folder, (word) => !VAGUE_KINDS.has(word));
    const { symbol } = statedByNames([folder]);
    if (interval === null && kind === null && venue === null && symbol === null) break;
    if (interval !== null) found.interval ??= { interval, folder };
    else if (kind === null && venue === null && symbol !== null) found.symbol ??= { symbol, folder };
    if (kind !== null) found.kind ??= { kind, folder };
    if (venue !== null) found.venue ??= { venue, folder };
  }
  return found;
}
