// Run as a thread, whose heap nothing else has enlarged: the sizes of its young generation with a limit and without.
import { getHeapSpaceStatistics } from "node:v8";
import { parentPort } from "node:worker_threads";
import { limitYoungGeneration } from "../src/core/youngGenerationLimit.ts";

const young = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;

/** Objects that survive for a while, a hundred times what the young generation holds. */
function live(check: () => void): void {
  let kept: unknown[] = [];
  for (let i = 0; i < 6_000_000; i += 1) {
    kept.push({ i, own: [i] });
    if (kept.length < 60_000) continue;
    kept = [];
    check();
  }
}

const limit = limitYoungGeneration();
live(limit.check);
const held = young();
live(limit.check);
const heldStill = young();
limit.release();
live(() => {});
parentPort?.postMessage({ held, heldStill, released: young() });
