import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Keeps a long work's memory from growing with its length. */
export interface Nursery {
  /** To be called now and then. */
  watch(): void;
  /** The work is over; V8 does as it likes again. */
  release(): void;
}

/** Enough for what is on its way between two calls; twice as much saves no time. */
const LARGEST_BYTES = 16 * 1024 * 1024;

let watching = 0;

/**
 * V8 doubles the part of the heap where objects begin their life whenever as much as fits into it has survived
 * there since it last grew, by however little at a time: a work that holds nothing, but goes on for long, ends up
 * with 130 MB of it, and with as much again that dead objects hold outside the heap. Whoever goes on for long has
 * it stop here. The setting is the process's: while several watch, the last one to leave releases it.
 */
export function holdNursery(): Nursery {
  watching += 1;
  let held = false;
  return {
    watch: () => {
      if (held) return;
      const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
      if (young === undefined || young.space_size < LARGEST_BYTES) return;
      held = true;
      setFlagsFromString("--semi-space-growth-factor=1");
    },
    release: () => {
      watching -= 1;
      if (watching === 0) setFlagsFromString("--semi-space-growth-factor=2");
    },
  };
}
