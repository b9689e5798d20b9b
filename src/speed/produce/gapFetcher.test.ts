import { describe, expect, it } from "vitest";
import { outsideError } from "../../core/errors.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { exchangeClock } from "./exchangeClock.ts";
import { GapFetcher } from "./gapFetcher.ts";

describe("the fetcher of gaps", () => {
  it("requests each owed span again, but not while its answer is pending", async () => {
    const owed = [60_000, 300_000].map((from) => ({ from: from as EpochMs, to: (from + 60_000) as EpochMs }));
    const unrepaired: number[] = [];
    const repair = {
      symbol: "BTCUSDT",
      repaired: () => 0,
      unrepaired: ({ from }: { from: number }) => void unrepaired.push(from),
      owed,
    };
    const requested: number[] = [];
    const { promise, reject } = Promise.withResolvers<never>();
    const failures: unknown[] = [];
    const fetcher = new GapFetcher({
      exchange: {
        time: async () => 0 as EpochMs,
        candles: (_, { from }) => {
          requested.push(from);
          return promise;
        },
      },
      interval: "1m",
      clock: exchangeClock(() => 0),
      effects: {},
      fail: (error) => failures.push(error),
    });
    fetcher.retry(repair);
    fetcher.retry(repair);
    expect({ requested, pending: fetcher.pending }).toEqual({ requested: [60_000, 300_000], pending: true });
    reject(outsideError("rest_unreachable", "Nobody answers.", "Wait."));
    await fetcher.answered();
    expect({ unrepaired, failures, pending: fetcher.pending }).toEqual({
      unrepaired: [60_000, 300_000],
      failures: [],
      pending: false,
    });
    fetcher.retry(repair);
    expect(requested).toHaveLength(4);
    await fetcher.answered();
  });
});
