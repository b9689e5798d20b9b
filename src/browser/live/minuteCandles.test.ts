import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveMinute } from "../../live/picture.ts";
import { HOUR_MS, MINUTE_MS } from "../../time/epoch.ts";
import { foldMinutes, priceMarks, timeMarks } from "./minuteCandles.ts";

const START = Date.UTC(2025, 5, 3);
const minuteAt = (place: number): LiveMinute => [
  START + place * MINUTE_MS,
  100 + place,
  102 + place,
  99 + place,
  101 + place,
  2,
];

describe("the minutes of an open day", () => {
  it.each([
    [10, 1],
    [96, 1],
    [97, 2],
    [600, 10],
    [1_440, 15],
  ])("%d of them are drawn by %d in a candle", (count, step) => {
    const { candles, step: length } = foldMinutes(Array.from({ length: count }, (_, i) => minuteAt(i)));
    expect(length).toBe(step * MINUTE_MS);
    expect(candles).toHaveLength(Math.ceil(count / step));
    expect(candles[0]).toEqual({
      time: START,
      open: 100,
      high: 101 + step,
      low: 99,
      close: 100 + step,
      volume: 2 * step,
    });
  });

  it("are folded alike in any order, with none lost and room for all", () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 1_439 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(places, (some) => {
        const folded = foldMinutes(some.map(minuteAt));
        expect(foldMinutes([...some].sort((a, b) => a - b).map(minuteAt))).toEqual(folded);
        const { candles, step, from, to } = folded;
        expect(candles.reduce((sum, { volume }) => sum + volume, 0)).toBe(2 * some.length);
        expect(candles.every(({ time }) => time >= from && time + step <= to)).toBe(true);
        expect((to - from) / step).toBeGreaterThanOrEqual(30);
        expect((to - from) / step).toBeLessThanOrEqual(97);
      }),
    );
  });
});

describe("the marks", () => {
  it("are round prices within the candles, with the digits that they need", () => {
    expect(priceMarks(118_204, 118_395)).toEqual({ marks: [118_250, 118_300, 118_350], digits: 0 });
    const { marks, digits } = priceMarks(0.1201, 0.1259);
    expect([marks.map((mark) => mark.toFixed(digits)), digits]).toEqual([["0.122", "0.124"], 3]);
    expect(priceMarks(100, 100).marks).toEqual([100]);
  });

  it("are round times, eight at most", () => {
    const marks = timeMarks(START + 7 * MINUTE_MS, START + 2 * HOUR_MS);
    expect(marks.map((time) => (time - START) / MINUTE_MS)).toEqual([15, 30, 45, 60, 75, 90, 105]);
    expect(timeMarks(START, START + 24 * HOUR_MS)).toHaveLength(8);
  });
});
