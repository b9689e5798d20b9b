import { describe, expect, it } from "vitest";
import { outsideError } from "../core/errors.ts";
import type { EpochMs } from "../time/epoch.ts";
import { exchangeClock } from "./exchangeClock.ts";
import type { Feed } from "./feed.ts";
import { openRepairs } from "./repairs.ts";

describe("repairs", () => {
  it("asks again for each owed stretch, but not while its answer is still to come", async () => {
    const owed = [60_000, 300_000].map((from) => ({ from: from as EpochMs, to: (from + 60_000) as EpochMs }));
    const unrepaired: number[] = [];
    const feed: Feed = {
      symbol: "BTCUSDT",
      connected: () => {},
      take: () => {},
      repaired: () => 0,
      unrepaired: ({ from }) => unrepaired.push(from),
      held: 0,
      owed,
    };
    const asked: number[] = [];
    const { promise, reject } = Promise.withResolvers<never>();
    const failures: unknown[] = [];
    const repairs = openRepairs({
      exchange: {
        time: async () => 0 as EpochMs,
        minutes: (_, { from }) => {
          asked.push(from);
          return promise;
        },
      },
      clock: exchangeClock(() => 0),
      effects: {},
      fail: (error) => failures.push(error),
    });
    repairs.askAgain(feed);
    repairs.askAgain(feed);
    expect({ asked, asking: repairs.asking }).toEqual({ asked: [60_000, 300_000], asking: true });
    reject(outsideError("rest_unreachable", "Nobody answers.", "Wait."));
    await repairs.answered();
    expect({ unrepaired, failures, asking: repairs.asking }).toEqual({
      unrepaired: [60_000, 300_000],
      failures: [],
      asking: false,
    });
    repairs.askAgain(feed);
    expect(asked).toHaveLength(4);
    await repairs.answered();
  });
});
