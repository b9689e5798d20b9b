import type { Candle } from "../candle/candle.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { MinuteSpan } from "./dayWindow.ts";

/** What the speed layer asks the exchange beside its stream. */
export interface Exchange {
  /**
   * The minutes of a stretch that are over by the exchange's own clock; fewer where it has none.
   * @throws CandlebookError where it refuses or can't be reached
   */
  minutes(symbol: string, span: MinuteSpan, signal?: AbortSignal): Promise<Candle[]>;
  /** Its clock. */
  time(signal?: AbortSignal): Promise<EpochMs>;
}
