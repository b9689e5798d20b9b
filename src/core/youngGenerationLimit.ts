import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Keeps the memory of a long-running call from growing with its length. */
export interface YoungGenerationLimit {
  /** To be called from time to time. */
  check(): void;
  /** The call has ended; V8 may enlarge its young generation again. */
  release(): void;
}

/** Enough for the objects of the time between two checks; twice as much saves no time. */
const LARGEST_BYTES = 16 * 1024 * 1024;

let holders = 0;

/**
 * V8 doubles the young generation of its heap whenever as much as fits into it has survived there since it last grew,
 * by however little at a time: a call that retains nothing, but runs for long, ends up with 130 MB of it, and with as
 * much again that dead objects hold outside the heap. Long-running callers cap it here. The setting is the process's:
 * of several callers the last one to release it restores it.
 */
export function limitYoungGeneration(): YoungGenerationLimit {
  holders += 1;
  let capped = false;
  return {
    check: () => {
      if (capped) return;
      const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
      if (young === undefined || young.space_size < LARGEST_BYTES) return;
      capped = true;
      setFlagsFromString("--semi-space-growth-factor=1");
    },
    release: () => {
      holders -= 1;
      if (holders === 0) setFlagsFromString("--semi-space-growth-factor=2");
    },
  };
}
