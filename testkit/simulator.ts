import type { ManualClock } from "../src/simulator/clock.ts";
import {
  manualClock,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "../src/simulator/server.ts";
import type { Network } from "../src/venues/http.ts";

/** An exchange that stands still in time but for the pauses of those who wait. */
export interface Exchange {
  simulator: Simulator;
  clock: ManualClock;
  /** Pauses take no real time: they move the exchange's clock. */
  network: Network;
  /** How long was waited in all, milliseconds. */
  waited(): number;
}

/**
 * Starts a simulated exchange for a test, which passes for the real one unless told otherwise; `close` it afterwards.
 * @param timeoutMs how long one request may take, in real time
 */
export async function startExchange(
  now: number,
  options: Omit<SimulatorOptions, "clock"> = {},
  timeoutMs = 30_000,
): Promise<Exchange> {
  const clock = manualClock(now);
  const simulator = await startSimulator({ madeUp: false, ...options, clock });
  let waited = 0;
  return {
    simulator,
    clock,
    network: {
      now: clock.now,
      random: () => 0.5,
      timeoutMs,
      wait: async (ms) => {
        waited += ms;
        clock.advance(ms);
      },
    },
    waited: () => waited,
  };
}
