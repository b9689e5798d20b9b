import type { Clock } from "../core/workspace.ts";

/** The exchange's clock, learnt from its frames; it stamps what is appended. */
export interface ExchangeClock {
  now: Clock;
  observe(eventTime: number): void;
}

const REMEMBERED = 32;

/**
 * Our clock plus the median of the last frames' distance from it: where this machine's clock is off by minutes,
 * the exchange's decides, and one frame from the far future moves nothing. A simulated exchange runs at any
 * speed: there the newest frame is the clock.
 */
export function exchangeClock(clock: Clock, simulated: boolean): ExchangeClock {
  if (simulated) {
    let newest = 0;
    return {
      now: () => newest || clock(),
      observe: (eventTime) => {
        newest = Math.max(newest, eventTime);
      },
    };
  }
  const distances: number[] = [];
  let offset = 0;
  return {
    now: () => clock() + offset,
    observe: (eventTime) => {
      distances.push(eventTime - clock());
      if (distances.length > REMEMBERED) distances.shift();
      offset = [...distances].sort((a, b) => a - b)[Math.floor(distances.length / 2)];
    },
  };
}
