import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  candlesIn,
  divides,
  floorToInterval,
  INTERVALS,
  intervalMs,
  intervalName,
  intervalOfMs,
  isInterval,
  isOpenTime,
  nextOpenTime,
  parseInterval,
} from "./interval.ts";

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

describe("the grid", () => {
  const instant = fc.integer({ min: 1_230_768_000_000, max: 4_102_444_800_000 });
  const interval = fc.constantFrom(...INTERVALS);

  it("has each instant in exactly one candle", () => {
    fc.assert(
      fc.property(instant, interval, (ms, one) => {
        const [open, next] = [floorToInterval(ms, one), nextOpenTime(ms, one)];
        expect(open <= ms && ms < next).toBe(true);
        expect([isOpenTime(open, one), isOpenTime(next, one)]).toEqual([true, true]);
        expect([floorToInterval(next - 1, one), nextOpenTime(open, one)]).toEqual([open, next]);
        const length = intervalMs(one);
        if (length !== null) expect(next - open).toBe(length);
      }),
    );
  });

  it("has whole candles of an interval in those that it divides, by any route", () => {
    fc.assert(
      fc.property(instant, interval, interval, (ms, finer, coarser) => {
        if (!divides(finer, coarser)) return;
        const open = floorToInterval(ms, coarser);
        expect(floorToInterval(floorToInterval(ms, finer), coarser)).toBe(open);
        expect(isOpenTime(open, finer)).toBe(true);
        if (finer !== "1M") expect(Number.isInteger(candlesIn(ms, coarser, finer))).toBe(true);
        for (const third of INTERVALS) {
          if (divides(coarser, third)) expect(divides(finer, third)).toBe(true);
        }
      }),
    );
  });

  it.each([
    ["1M", "2024-02-29T12:00Z", "2024-02-01T00:00Z", "2024-03-01T00:00Z"],
    ["1M", "2024-12-31T23:59Z", "2024-12-01T00:00Z", "2025-01-01T00:00Z"],
    ["1w", "2025-01-01T00:00Z", "2024-12-30T00:00Z", "2025-01-06T00:00Z"],
    ["4h", "2025-01-01T07:59Z", "2025-01-01T04:00Z", "2025-01-01T08:00Z"],
  ] as const)("%s: %s is in the candle from %s to %s", (one, ms, open, next) => {
    const at = Date.parse(ms);
    expect([floorToInterval(at, one), nextOpenTime(at, one)]).toEqual([Date.parse(open), Date.parse(next)]);
  });

  it.each([
    ["1m", "1h", true],
    ["1d", "1w", true],
    ["1d", "1M", true],
    ["1s", "1M", true],
    ["4h", "6h", false],
    ["3d", "1w", false],
    ["3d", "1M", false],
    ["1w", "1M", false],
    ["1M", "1w", false],
    ["1h", "1m", false],
    ["1M", "1M", true],
  ] as const)("%s divides %s: %s", (finer, coarser, expected) => {
    expect(divides(finer, coarser)).toBe(expected);
  });

  it("counts the days of months, and names intervals apart without capitals", () => {
    const days = [1, 2, 4].map((month) => candlesIn(Date.UTC(2024, month - 1, 15), "1M", "1d"));
    expect(days).toEqual([31, 29, 30]);
    expect(new Set(INTERVALS.map((one) => intervalName(one).toLowerCase())).size).toBe(INTERVALS.length);
    expect(INTERVALS.map((one) => parseInterval(intervalName(one)))).toEqual(INTERVALS);
  });
});
