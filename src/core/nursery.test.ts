import { getHeapSpaceStatistics } from "node:v8";
import { describe, expect, it } from "vitest";
import { holdNursery } from "./nursery.ts";

const MiB = 1024 * 1024;
const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size;

/** Objects that survive for a while, a hundred times what a nursery holds. */
function live(watch: () => void): void {
  let kept: unknown[] = [];
  for (let i = 0; i < 6_000_000; i += 1) {
    kept.push({ i, own: [i] });
    if (kept.length < 60_000) continue;
    kept = [];
    watch();
  }
}

describe("a nursery that is held", () => {
  it("stops growing, and grows again when it is released", () => {
    const nursery = holdNursery();
    live(nursery.watch);
    const held = young();
    live(nursery.watch);
    expect(young()).toBe(held);
    expect(held).toBeLessThanOrEqual(64 * MiB);
    nursery.release();
    live(() => {});
    expect(young()).toBeGreaterThan(held as number);
  });
});
