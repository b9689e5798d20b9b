import { describe, expect, it } from "vitest";
import { OffsetReporter } from "./offsetReporter.ts";

describe("the report of offsets to the broker", () => {
  it("is made once for the same offsets; while one is pending only the newest wait", async () => {
    const reported: string[] = [];
    const reporter = new OffsetReporter({
      reportOffsets: async (next) => {
        reported.push(next.join());
        await new Promise(setImmediate);
      },
    });
    for (const n of [1, 2, 3, 3]) reporter.report([n, 0]);
    await reporter.settled();
    reporter.report([3, 0]);
    reporter.report([4, 0]);
    await reporter.settled();
    expect(reported).toEqual(["1,0", "3,0", "4,0"]);
  });

  it("throws nothing where it fails, and is tried again", async () => {
    let tries = 0;
    const reporter = new OffsetReporter({
      reportOffsets: async () => {
        tries += 1;
        throw new Error("no coordinator");
      },
    });
    for (let i = 0; i < 2; i += 1) {
      reporter.report([7]);
      await reporter.settled();
    }
    expect(tries).toBe(2);
  });

  it("does nothing where the topic accepts no offsets", async () => {
    const reporter = new OffsetReporter({});
    reporter.report([7]);
    await expect(reporter.settled()).resolves.toBeUndefined();
  });
});
