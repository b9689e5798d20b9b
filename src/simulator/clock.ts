import type { EpochMs } from "../time/epoch.ts";

/** The exchange's clock: returns its time, and calls back whenever time may have passed. */
export interface SimulatorClock {
  now(): EpochMs;
  /** @returns stops the calls */
  onTick(listener: () => void): () => void;
}

/** A clock that a test moves by hand. */
export interface ManualClock extends SimulatorClock {
  advance(ms: number): void;
}

export function manualClock(start: number): ManualClock {
  const listeners = new Set<() => void>();
  let now = start;
  return {
    now: () => now as EpochMs,
    onTick: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advance: (ms) => {
      now += ms;
      for (const listener of listeners) listener();
    },
  };
}

const TICK_MS = 20;

/**
 * A clock that starts at an instant and runs `speed` times as fast as real time.
 * @param elapsed real milliseconds since any fixed moment
 */
export function runningClock(start: number, speed: number, elapsed: () => number): SimulatorClock {
  const began = elapsed();
  return {
    now: () => Math.floor(start + (elapsed() - began) * speed) as EpochMs,
    onTick: (listener) => {
      const timer = setInterval(listener, TICK_MS);
      return () => clearInterval(timer);
    },
  };
}
