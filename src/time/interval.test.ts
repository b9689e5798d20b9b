import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INTERVALS, intervalMs, intervalOfMs, isInterval, isOpenTime, parseInterval } from "./interval.ts";

describe("parseInterval", () => {
  it.each([
    ["1m", "1m"],
    ["1min", "1m"],
    ["1-min", "1m"],
    ["1 Minute", "1m"],
    ["5 minutes", "5m"],
    ["60min", "1h"],
    ["240m", "4h"],
    ["24h", "1d"],
    ["4H", "4h"],
    ["1D", "1d"],
    ["7d", "1w"],
    ["1W", "1w"],
    ["1M", "1M"],
    ["1mo", "1M"],
    ["1month", "1M"],
    ["monthly", "1M"],
    ["hourly", "1h"],
    ["daily", "1d"],
    ["minute", "1m"],
    ["1s", "1s"],
    ["5M", null],
    ["7m", null],
    ["60", null],
    ["m", null],
    ["M", null],
    ["", null],
    ["1x", null],
    ["constructor", null],
  ])("%j is %s", (text, interval) => {
    expect(parseInterval(text)).toBe(interval);
  });

  it("reads each interval's own spelling, and its length back", () => {
    for (const interval of INTERVALS) {
      expect(parseInterval(interval)).toBe(interval);
      expect(isInterval(interval)).toBe(true);
      const ms = intervalMs(interval);
      if (ms !== null) expect(intervalOfMs(ms)).toBe(interval);
    }
    expect([intervalOfMs(420_000), isInterval("7m"), isInterval("toString")]).toEqual([null, false, false]);
  });
});

describe("isOpenTime", () => {
  it.each([
    ["1w", "2024-01-01T00:00:00Z", true],
    ["1w", "2024-01-04T00:00:00Z", false],
    ["3d", "1970-01-04T00:00:00Z", true],
    ["3d", "1970-01-05T00:00:00Z", false],
    ["1M", "2024-02-01T00:00:00Z", true],
    ["1M", "2024-02-01T01:00:00Z", false],
    ["1M", "2024-02-02T00:00:00Z", false],
    ["4h", "2024-02-02T04:00:00Z", true],
    ["4h", "2024-02-02T05:00:00Z", false],
    ["1s", "2024-02-02T05:00:01Z", true],
  ] as const)("%s at %s: %s", (interval, time, opens) => {
    expect(isOpenTime(Date.parse(time), interval)).toBe(opens);
  });

  it("holds exactly once in each length", () => {
    const fixed = INTERVALS.filter((interval) => interval !== "1M");
    fc.assert(
      fc.property(fc.constantFrom(...fixed), fc.integer({ min: 0, max: 4e9 }), (interval, seconds) => {
        const length = intervalMs(interval);
        const first = [...Array(Math.min(length / 1000, 100)).keys()].filter((i) =>
          isOpenTime((seconds + i) * 1000, interval),
        );
        expect(first.length).toBeLessThanOrEqual(Math.ceil(100_000 / length));
        expect(isOpenTime(seconds * 1000, interval)).toBe(isOpenTime(seconds * 1000 + length, interval));
      }),
    );
  });
});
