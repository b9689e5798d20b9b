import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";

const MiB = 1024 * 1024;

describe("a young generation with a limit", () => {
  it("stops growing, and grows again when the limit is released", async () => {
    const thread = new Worker(new URL("../../testkit/youngGeneration.ts", import.meta.url));
    const [{ held, heldStill, released }] = await once(thread, "message");
    expect(heldStill).toBe(held);
    expect(held).toBeLessThanOrEqual(64 * MiB);
    expect(released).toBeGreaterThan(held);
    await once(thread, "exit");
  });
});
