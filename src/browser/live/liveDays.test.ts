import { expect, it } from "vitest";
import type { DailyCandle } from "../../candle/candle.ts";
import type { LiveMinute, LiveSymbol } from "../../live/picture.ts";
import { LiveDays } from "./liveDays.ts";

const minute = (time: number, close: number): LiveMinute => [time, 1, 9, 1, close, 5];
const symbolOf = (symbol: string, day: string, minutes: LiveMinute[]): LiveSymbol => ({
  symbol,
  row: { symbol, day } as DailyCandle,
  price: null,
  minutes,
});
const shown = (days: LiveDays) =>
  days.takeChanges().map(({ symbol, minutes }) => [symbol, [...minutes.values()].map((one) => one[4])]);

it("a change adds minutes to a day and replaces those that it has again; only what changed is drawn", () => {
  const days = new LiveDays();
  days.apply({
    whole: true,
    symbols: [
      symbolOf("B", "2025-01-01", [minute(0, 1)]),
      symbolOf("A", "2025-01-01", [minute(0, 1), minute(1, 2)]),
    ],
  });
  expect(shown(days)).toEqual([
    ["A", [1, 2]],
    ["B", [1]],
  ]);
  days.apply({ whole: false, symbols: [symbolOf("A", "2025-01-01", [minute(1, 3), minute(2, 4)])] });
  expect(shown(days)).toEqual([["A", [1, 3, 4]]]);
  expect(shown(days)).toEqual([]);
});

it("a new day begins without the minutes of the day before", () => {
  const days = new LiveDays();
  days.apply({ whole: true, symbols: [symbolOf("A", "2025-01-01", [minute(0, 1)])] });
  days.apply({ whole: false, symbols: [symbolOf("A", "2025-01-02", [minute(9, 2)])] });
  expect(shown(days)).toEqual([["A", [2]]]);
});

it("a whole picture replaces everything, symbols too", () => {
  const days = new LiveDays();
  days.apply({
    whole: true,
    symbols: [symbolOf("A", "2025-01-01", [minute(0, 1)]), symbolOf("B", "2025-01-01", [])],
  });
  days.apply({ whole: true, symbols: [symbolOf("A", "2025-01-01", [minute(1, 2)])] });
  expect(shown(days)).toEqual([["A", [2]]]);
  expect([days.has("A"), days.has("B"), days.has(undefined)]).toEqual([true, false, false]);
});
