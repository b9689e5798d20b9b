import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, type Day } from "../time/day.ts";
import { EARLIEST_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { checkBalance } from "./balance.ts";
import { type Candle, type DailyCandle, NO_AMOUNTS, NO_FIGURES } from "./candle.ts";
import { compareDuplicates, deduplicate } from "./duplicates.ts";
import { foldDays } from "./foldDay.ts";
import { compareLayers, fillCalendar, withAverages } from "./timeline.ts";
import { invalidReason } from "./validity.ts";

const MIDNIGHT = Date.UTC(2024, 1, 29) as EpochMs;
const LATEST = Date.UTC(2026, 0, 1) as EpochMs;
const candle = (overrides: Partial<Candle> = {}): Candle => ({
  symbol: "BTCUSDT",
  openTime: MIDNIGHT,
  open: 10,
  high: 12,
  low: 9,
  close: 11,
  volume: 1.5,
  trades: null,
  ...NO_AMOUNTS,
  ...overrides,
});

describe("invalidReason", () => {
  it.each([
    [{}, null],
    [{ volume: 0 }, null],
    [{ open: 10, high: 10, low: 10, close: 10 }, null],
    [{ openTime: (EARLIEST_MS - MINUTE_MS) as EpochMs }, "bad_time"],
    [{ openTime: (LATEST + MINUTE_MS) as EpochMs }, "bad_time"],
    [{ openTime: Number.NaN as EpochMs }, "bad_time"],
    [{ openTime: (MIDNIGHT + 1) as EpochMs }, "off_grid"],
    [{ close: Number.NaN }, "unreadable_number"],
    [{ volume: Number.POSITIVE_INFINITY }, "unreadable_number"],
    [{ low: 0 }, "non_positive_price"],
    [{ open: -1 }, "non_positive_price"],
    [{ volume: -0.1 }, "negative_volume"],
    [{ high: 10.5 }, "high_low_inconsistent"],
    [{ low: 10.5 }, "high_low_inconsistent"],
    [{ quoteVolume: 0, takerBase: 1, takerQuote: null }, null],
    [{ quoteVolume: Number.NaN }, "unreadable_number"],
    [{ takerBase: 1e21 }, "unreadable_number"],
    [{ takerQuote: -1e-8 }, "negative_volume"],
  ])("%j → %s", (overrides, reason) => {
    expect(invalidReason(candle(overrides), "1m", EARLIEST_MS, LATEST)).toBe(reason);
  });
});

describe("duplicates", () => {
  it("keeps more trades, then the larger volume, then the larger prices", () => {
    expect(compareDuplicates(candle({ trades: 0 }), candle({ volume: 9 }))).toBeGreaterThan(0);
    expect(compareDuplicates(candle({ volume: 2 }), candle({ close: 12 }))).toBeGreaterThan(0);
    expect(compareDuplicates(candle({ close: 11.5 }), candle({ high: 13 }))).toBeGreaterThan(0);
    expect(compareDuplicates(candle({ quoteVolume: 0 }), candle({ takerBase: 9 }))).toBeGreaterThan(0);
    expect(compareDuplicates(candle({ open: 11 }), candle({ quoteVolume: 9 }))).toBeGreaterThan(0);
    expect(compareDuplicates(candle(), candle())).toBe(0);
  });

  it("conflict where figures differ that both rows have; an amount that one lacks is no conflict", () => {
    const whole = candle({ trades: 3, quoteVolume: 16, takerBase: 1, takerQuote: 11 });
    const conflicts = (other: Candle) => deduplicate([whole, other]).conflicts;
    expect(conflicts({ ...whole, ...NO_AMOUNTS })).toBe(0);
    expect(deduplicate([{ ...whole, ...NO_AMOUNTS }, whole]).candles).toEqual([whole]);
    expect(conflicts({ ...whole, quoteVolume: 15 })).toBe(1);
    expect(conflicts({ ...whole, takerQuote: 15 })).toBe(1);
    expect(conflicts({ ...whole, trades: null })).toBe(1);
  });

  const anyCandle = fc
    .record({
      symbol: fc.constantFrom("BTCUSDT", "ETHUSDT"),
      openTime: fc.integer({ min: -5, max: 5 }).map((k) => (MIDNIGHT + k * MINUTE_MS) as EpochMs),
      volume: fc.integer({ min: 0, max: 2 }),
      trades: fc.option(fc.integer({ min: 0, max: 2 })),
      quoteVolume: fc.option(fc.integer({ min: 0, max: 1 })),
      takerBase: fc.option(fc.integer({ min: 0, max: 1 })),
    })
    .map(candle);

  it("does not depend on the order, and every row is kept or counted", () => {
    fc.assert(
      fc.property(fc.array(anyCandle, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (rows, keys) => {
        const keyed = rows.map((row) => ({ row, key: keys.next().value as number }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ row }) => row);
        const { candles, duplicates, conflicts } = deduplicate(rows);
        expect(deduplicate(shuffled)).toEqual({ candles, duplicates, conflicts });
        checkBalance({ in: rows.length, kept: candles.length, duplicates, conflicts, rejected: 0 });
      }),
    );
  });
});

describe("checkBalance", () => {
  it("refuses a row lost", () => {
    const balance = { in: 10, kept: 8, duplicates: 1, conflicts: 0, rejected: 0 };
    expect(() => checkBalance(balance)).toThrow(/don't balance/);
    expect(checkBalance({ ...balance, rejected: 1 }).rejected).toBe(1);
  });
});

describe("foldDays", () => {
  it("sums volumes of any size as whole numbers of 1e-8, to the last bit", () => {
    const volume = fc.oneof(
      fc.double({ min: 0, max: 1e3, noNaN: true }),
      fc.double({ min: 0, max: 1e20, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(volume, { minLength: 1, maxLength: 30 }), (volumes) => {
        const minutes = volumes.map((one, i) =>
          candle({ openTime: (MIDNIGHT + i * MINUTE_MS) as EpochMs, volume: one }),
        );
        const units = volumes.reduce((sum, one) => sum + BigInt(Math.round(one * 1e8)), 0n);
        expect(foldDays(minutes)[0].volume).toBe(Number(units) / 1e8);
      }),
    );
  });

  it("opens with the first minute, closes with the last, and splits at UTC midnight", () => {
    const whole = { trades: 3, quoteVolume: 1.4, takerBase: 0.05, takerQuote: 0.7 };
    const days = foldDays([
      candle({ openTime: (MIDNIGHT + MINUTE_MS) as EpochMs, close: 12, high: 20, volume: 0.1, ...whole }),
      candle({ openTime: (MIDNIGHT - MINUTE_MS) as EpochMs, close: 9.5 }),
      candle({ low: 3, volume: 0.2, ...whole, takerBase: null }),
    ]);
    expect(days).toEqual([
      {
        symbol: "BTCUSDT",
        day: "2024-02-28",
        open: 10,
        high: 12,
        low: 9,
        close: 9.5,
        volume: 1.5,
        ...NO_FIGURES,
        minutes: 1,
      },
      {
        symbol: "BTCUSDT",
        day: "2024-02-29",
        open: 10,
        high: 20,
        low: 3,
        close: 12,
        volume: 0.3,
        quote_volume: 2.8,
        trades: 6,
        // One minute lacks it: the other one's is not the day's.
        taker_base: null,
        vwap: 2.8 / 0.3,
        minutes: 2,
      },
    ]);
  });

  it("sums amounts to the same bits in any order, and none where a minute lacks it", () => {
    const amounts = fc.integer({ min: 0, max: 1e12 });
    const lacking = fc.option(amounts, { freq: 60 });
    const minute = fc.record({ volume: amounts, quoteVolume: lacking, takerBase: lacking });
    fc.assert(
      fc.property(fc.array(minute, { minLength: 1, maxLength: 50 }), (minutes) => {
        const inCoins = (units: number | null) => (units === null ? null : units / 1e8);
        const rows = minutes.map(({ volume, quoteVolume, takerBase }, i) => {
          const openTime = (MIDNIGHT + i * MINUTE_MS) as EpochMs;
          const known = { quoteVolume: inCoins(quoteVolume), takerBase: inCoins(takerBase) };
          return candle({ openTime, volume: volume / 1e8, ...known, trades: i });
        });
        const [day] = foldDays(rows);
        expect(foldDays([...rows].reverse())).toEqual([day]);
        const sum = (units: (number | null)[]) =>
          units.includes(null) ? null : (units as number[]).reduce((a, b) => a + b, 0) / 1e8;
        const quote = sum(minutes.map(({ quoteVolume }) => quoteVolume));
        const volume = sum(minutes.map((one) => one.volume)) as number;
        expect(day).toMatchObject({
          volume,
          quote_volume: quote,
          taker_base: sum(minutes.map(({ takerBase }) => takerBase)),
          trades: (minutes.length * (minutes.length - 1)) / 2,
          vwap: quote === null || volume === 0 ? null : quote / volume,
        });
      }),
    );
  });
});

describe("calendar", () => {
  const day = (offset: number, overrides: Partial<DailyCandle> = {}): DailyCandle => ({
    symbol: "BTCUSDT",
    day: addDays("2024-02-27" as Day, offset),
    open: 1,
    high: 3,
    low: 1,
    close: 2,
    volume: 5,
    ...NO_FIGURES,
    minutes: 1440,
    origin: "batch",
    complete: true,
    ...overrides,
  });

  it("serves complete before incomplete, then batch, backfill, speed, filled", () => {
    expect(compareLayers(day(0, { origin: "speed" }), day(0, { complete: false }))).toBeLessThan(0);
    expect(compareLayers(day(0, { origin: "backfill" }), day(0))).toBeGreaterThan(0);
    expect(compareLayers(day(0, { origin: "speed" }), day(0, { origin: "filled" }))).toBeLessThan(0);
  });

  it("carries the close over missing days and invents no range or volume", () => {
    const filled = fillCalendar([day(3), day(0)]);
    expect(filled.map((row) => [row.day, row.origin])).toEqual([
      ["2024-02-27", "batch"],
      ["2024-02-28", "filled"],
      ["2024-02-29", "filled"],
      ["2024-03-01", "batch"],
    ]);
    expect(filled[1]).toMatchObject({
      open: 2,
      high: 2,
      low: 2,
      close: 2,
      volume: 0,
      minutes: 0,
      complete: true,
    });
  });

  it("has no average before its window is full", () => {
    const calendar = Array.from({ length: 31 }, (_, i) => day(i, { close: i + 1 }));
    const served = withAverages(calendar);
    expect(served[5].ma7).toBeNull();
    expect(served[6].ma7).toBe(4);
    expect(served[28].ma30).toBeNull();
    expect(served[30].ma30).toBe(16.5);
  });
});
