import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, type Day, dayOf, daysBetween, parseDay, startOfDay } from "./day.ts";
import { type EpochMs, epochToMs, parseInstant, toIso } from "./epoch.ts";

describe("epochToMs", () => {
  it.each([
    [1_747_699_200, 1_747_699_200_000],
    [1_325_412_060.0, 1_325_412_060_000],
    [1_735_597_680_000, 1_735_597_680_000],
    [1_735_689_600_000_000, 1_735_689_600_000],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [-1, null],
    [1_735_689_600_000_000_000, 1_735_689_600_000],
    [1_735_689_659_999_999, 1_735_689_659_999],
    [1_735_689_659.999999, 1_735_689_659_999],
    [1e20, null],
  ])("reads %d as %s", (value, ms) => {
    expect(epochToMs(value)).toBe(ms);
  });

  it("tells seconds, milliseconds and microseconds of one instant apart, from 2009 to 2100", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_230_768_000, max: 4_102_444_800 }), (seconds) => {
        const ms = seconds * 1000;
        expect([seconds, ms, ms * 1000].map(epochToMs)).toEqual([ms, ms, ms]);
      }),
    );
  });
});

describe("instants", () => {
  it.each([
    ["2025-05-20", 1_747_699_200_000],
    ["2025-05-20T07:00:00+07:00", 1_747_699_200_000],
    ["2025-05-20T00:00:00.5Z", 1_747_699_200_500],
    ["2025-05-20T00:00:00", null],
    ["20 May 2025", null],
  ])("reads %s as %s", (text, ms) => {
    expect(parseInstant(text)).toBe(ms);
  });

  it("writes ISO in UTC", () => {
    expect(toIso(1_747_699_200_000 as EpochMs)).toBe("2025-05-20T00:00:00.000Z");
  });
});

describe("days", () => {
  it("are UTC days, whatever the machine's zone", () => {
    expect(dayOf(parseInstant("2025-05-20T23:59:59.999Z") as EpochMs)).toBe("2025-05-20");
    expect(dayOf(parseInstant("2025-05-20T00:00:00Z") as EpochMs)).toBe("2025-05-20");
  });

  it("knows leap days and refuses days that never were", () => {
    expect(addDays("2024-02-28" as Day, 1)).toBe("2024-02-29");
    expect(parseDay("2024-02-29")).toBe("2024-02-29");
    expect(parseDay("2023-02-29")).toBeNull();
    expect(parseDay("2024-2-9")).toBeNull();
  });

  it("adds and counts consistently", () => {
    const day = fc.integer({ min: 0, max: 30_000 }).map((count) => addDays("1990-01-01" as Day, count));
    fc.assert(
      fc.property(day, fc.integer({ min: -5_000, max: 5_000 }), (from, count) => {
        expect(daysBetween(from, addDays(from, count))).toBe(count);
        expect(dayOf(startOfDay(from))).toBe(from);
      }),
    );
  });
});
