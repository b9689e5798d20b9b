import { getHeapSpaceStatistics } from "node:v8";
import { describe, expect, it } from "vitest";
import { limitYoungGeneration } from "./youngGenerationLimit.ts";

const MiB = 1024 * 1024;
const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size;

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

describe("a young generation with a limit", () => {
  it("stops growing, and grows again when the limit is released", () => {
    const limit = limitYoungGeneration();
    live(limit.check);
    const held = young();
    live(limit.check);
    expect(young()).toBe(held);
    expect(held).toBeLessThanOrEqual(64 * MiB);
    limit.release();
    live(() => {});
    expect(young()).toBeGreaterThan(held as number);
  });
});
