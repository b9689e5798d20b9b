import type { Candle } from "../candle/candle.ts";
import type { EpochMs, TimeSpan } from "../time/epoch.ts";
import type { FixedInterval } from "../time/interval.ts";

/** What producer and consumer request from the exchange beside its stream. */
export interface Exchange {
  /**
   * The candles of a stretch that have ended by the exchange's own clock; fewer where it has none.
   * @throws CandlebookError where it refuses or can't be reached
   */
  candles(series: StreamSeries, span: TimeSpan, signal?: AbortSignal): Promise<Candle[]>;
  /** Its clock. */
  time(signal?: AbortSignal): Promise<EpochMs>;
}

/** The candles of one symbol and length. */
export interface StreamSeries {
  symbol: string;
  interval: FixedInterval;
}

/** The name of a series of the stream: that of minutes is the symbol, others end in ` 1h`. */
export function seriesName({ symbol, interval }: StreamSeries): string {
  return interval === "1m" ? symbol : `${symbol} ${interval}`;
}
