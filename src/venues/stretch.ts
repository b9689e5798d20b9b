import { DAY_MS, type EpochMs } from "../time/epoch.ts";
import { type FixedInterval, intervalMs } from "../time/interval.ts";
import type { FetchedCandle, Rest } from "./venue.ts";

/** Candles of one symbol and interval that open in [from, to). */
export interface Stretch {
  symbol: string;
  interval: FixedInterval;
  from: number;
  to: number;
}

/** How far after the range a candle is searched that proves the range empty. */
const PROOF_MS = 3_650 * DAY_MS;

/**
 * Reads a range page by page. Each page begins after the last candle of the previous one, so it always ends. An empty
 * response alone proves nothing: the next request omits the range's end, and a candle after it proves that the venue
 * has none in the range.
 * @param emptyAnswers number of empty responses in a row that end it
 * @returns candles in order of time, each once; `denied` if empty responses ended it
 */
export async function fetchStretch(
  rest: Rest,
  { symbol, interval, from, to }: Stretch,
  emptyAnswers: number,
): Promise<{ candles: FetchedCandle[]; denied: boolean }> {
  const candles: FetchedCandle[] = [];
  let at = from;
  let empty = 0;
  while (at < to && empty < emptyAnswers) {
    const end = empty === 0 ? to : to + PROOF_MS;
    const page = await rest.candles(symbol, interval, at as EpochMs, (end - 1) as EpochMs);
    const last = page.at(-1);
    empty = last === undefined ? empty + 1 : 0;
    if (last !== undefined) at = last.openTime + intervalMs(interval);
    for (const candle of page) if (candle.openTime < to) candles.push(candle);
  }
  return { candles, denied: empty === emptyAnswers };
}
