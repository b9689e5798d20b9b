import type { Clock } from "../../core/workspace.ts";

/** The exchange's clock, estimated from its frames; its time is the timestamp of what is appended. */
export interface ExchangeClock {
  now: Clock;
  observe(eventTime: number): void;
  /** The exchange itself reports that this instant has passed: a candle from REST has ended. */
  passed(instant: number): void;
  /** From now on the newest frame is the clock: a simulated exchange runs at any speed. */
  follow(): void;
}

const REMEMBERED = 32;

/**
 * The given clock plus the median offset of the last frames from it: where this machine's clock is off by minutes,
 * the exchange's decides, and one frame from the far future changes nothing.
 */
export function exchangeClock(clock: Clock): ExchangeClock {
  const distances: number[] = [];
  let offset = 0;
  let newest = 0;
  let over = 0;
  let following = false;
  return {
    now: () => Math.max(over, following && newest > 0 ? newest : clock() + offset),
    passed: (instant) => {
      over = Math.max(over, instant);
    },
    observe: (eventTime) => {
      newest = Math.max(newest, eventTime);
      if (following) return;
      distances.push(eventTime - clock());
      if (distances.length > REMEMBERED) distances.shift();
      offset = [...distances].sort((a, b) => a - b)[Math.floor(distances.length / 2)];
    },
    follow: () => {
      following = true;
    },
  };
}
