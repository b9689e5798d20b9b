import type { Candle } from "../candle/candle.ts";
import type { EpochMs } from "../time/epoch.ts";

/** A range of minutes, `to` excluded. */
export interface MinuteSpan {
  from: EpochMs;
  to: EpochMs;
}

/** What producer and consumer request from the exchange beside its stream. */
export interface Exchange {
  /**
   * The minutes of a span that have ended by the exchange's own clock; fewer where it has none.
   * @throws CandlebookError where it refuses or can't be reached
   */
  minutes(symbol: string, span: MinuteSpan, signal?: AbortSignal): Promise<Candle[]>;
  /** Its clock. */
  time(signal?: AbortSignal): Promise<EpochMs>;
}
