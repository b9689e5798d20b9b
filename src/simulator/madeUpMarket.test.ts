import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invalidReason } from "../candle/validity.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS, EARLIEST_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { madeUpMarket } from "./madeUpMarket.ts";
import { foldMinutes } from "./minuteMarket.ts";
import { characterOf, FIRST_DAY_NUMBER, logCloses, marketDays } from "./walk.ts";

const START = Date.UTC(2024, 5, 1) as EpochMs;
const LATER = Date.UTC(2040, 0, 1) as EpochMs;
const minuteOf = (count: number) => (START + count * MINUTE_MS) as EpochMs;

describe("the made-up market", () => {
  it("tells the same minute whatever was asked before, and valid ones only", () => {
    const inOrder = [...madeUpMarket({ seed: 7 }).minutes("BTCUSDT", START, (START + 3 * DAY_MS) as EpochMs)];
    expect(inOrder).toHaveLength(3 * 1440);
    const market = madeUpMarket({ seed: 7 });
    fc.assert(
      fc.property(fc.nat(3 * 1440 - 1), (i) => {
        expect(market.candle("BTCUSDT", minuteOf(i))).toEqual(inOrder[i]);
        expect(invalidReason(inOrder[i], "1m", EARLIEST_MS, LATER)).toBeNull();
      }),
    );
    expect(madeUpMarket({ seed: 8 }).candle("BTCUSDT", START)).not.toEqual(inOrder[0]);
  });

  it("goes on without a jump from minute to minute and from day to day", () => {
    const minutes = [...madeUpMarket({ seed: 3 }).minutes("ETHUSDT", START, (START + 2 * DAY_MS) as EpochMs)];
    const jumps = minutes.slice(1).filter((minute, i) => minute.open !== minutes[i].close);
    expect(jumps).toEqual([]);
  });

  it("keeps prices of any size on the exchange's ticks and above 0", () => {
    const symbols = ["PEPEUSDT", "SHIBUSDT", "XRPUSDT", "BTCUSDT", "AAAUSDT", "ZZZUSDT"];
    const market = madeUpMarket({ seed: 5, symbols, firstDay: () => "2009-01-03" as Day });
    fc.assert(
      fc.property(fc.constantFrom(...symbols), fc.integer({ min: 14_250, max: 29_000 }), (symbol, day) => {
        const minute = market.candle(symbol, (day * DAY_MS + 600 * MINUTE_MS) as EpochMs);
        if (minute === null) throw new Error("no minute");
        expect(invalidReason(minute, "1m", EARLIEST_MS, (LATER + 20 * 366 * DAY_MS) as EpochMs)).toBeNull();
        const unit = minute.low < 1 ? 1e8 : 100;
        expect(Math.round(minute.low * unit) / unit).toBe(minute.low);
        expect(Math.round(minute.volume * 1e5) / 1e5).toBe(minute.volume);
      }),
      { numRuns: 60 },
    );
  });

  it("moves like a market: symbols together, fewer trades at weekends", () => {
    const market = madeUpMarket({ seed: 1 });
    const days = Array.from({ length: 400 }, (_, i) => (START + i * DAY_MS) as EpochMs);
    const [btc, eth] = ["BTCUSDT", "ETHUSDT"].map((symbol) =>
      days.map((day) => foldMinutes(market, symbol, { from: day, to: (day + DAY_MS) as EpochMs }, LATER)),
    );
    const returns = (rows: typeof btc) =>
      rows.slice(1).map((row, i) => Math.log((row?.close ?? 0) / (rows[i]?.close ?? 0)));
    expect(correlation(returns(btc), returns(eth))).toBeGreaterThan(0.6);
    const mean = (weekend: boolean) => {
      const rows = btc.filter((row) => [0, 6].includes(new Date(row?.openTime ?? 0).getUTCDay()) === weekend);
      return rows.reduce((sum, row) => sum + (row?.trades ?? 0), 0) / rows.length;
    };
    expect(mean(true)).toBeLessThan(0.8 * mean(false));
  });

  /**
   * Measured over all five years (1,826 days) in the exchange's recorded days of 2017-08-17 to 2025-08-21: standard
   * deviation and kurtosis of the daily log return, share of days that move more than 5 %, mean autocorrelation of the
   * moves' size over ten days, largest fall. The largest rise is that of either symbol.
   */
  it.each([
    [
      "BTCUSDT",
      {
        deviation: [0.027, 0.042],
        kurtosis: [6.3, 29.6],
        large: [0.071, 0.168],
        clusters: [0.077, 0.109],
        fall: [-0.503, -0.167],
      },
    ],
    [
      "ETHUSDT",
      {
        deviation: [0.037, 0.054],
        kurtosis: [6.3, 23.3],
        large: [0.134, 0.252],
        clusters: [0.082, 0.138],
        fall: [-0.591, -0.191],
      },
    ],
  ])("moves in five years as any five recorded years of %s did", (symbol, recorded) => {
    const levels = logCloses(1, symbol, characterOf(symbol), marketDays(1));
    const first = startOfDay("2021-07-01" as Day) / DAY_MS - FIRST_DAY_NUMBER;
    const found = movesOf(levels.slice(first, first + 1826));
    const outside = Object.entries(recorded).filter(([name, [low, high]]) => {
      const value = found[name as keyof typeof recorded];
      return !(value >= low && value <= high);
    });
    expect(outside).toEqual([]);
    expect(found.rise).toBeGreaterThan(0.135);
    expect(found.rise).toBeLessThan(0.234);
  });

  it("halts one symbol alone", () => {
    const halt = { symbol: "ETHUSDT", from: minuteOf(5), to: minuteOf(8) };
    const market = madeUpMarket({ seed: 1, outages: [halt] });
    expect(market.candle("ETHUSDT", minuteOf(6))).toBeNull();
    expect(market.candle("BTCUSDT", minuteOf(6))).not.toBeNull();
  });

  it("has no minute before a symbol's first day, nor in an outage of all", () => {
    const outage = { from: minuteOf(5), to: minuteOf(8) };
    const market = madeUpMarket({ seed: 1, outages: [outage], firstDay: () => "2024-06-01" as Day });
    const minutes = [...market.minutes("ETHUSDT", minuteOf(-10), minuteOf(10))];
    expect(minutes.map(({ openTime }) => (openTime - START) / MINUTE_MS)).toEqual([0, 1, 2, 3, 4, 8, 9]);
    expect(market.firstOpenTime("ETHUSDT")).toBe(startOfDay("2024-06-01" as Day));
  });
});

/** What the daily log returns of some log prices are like. */
function movesOf(levels: Float64Array) {
  const returns = [...levels.slice(1)].map((level, i) => level - levels[i]);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const middle = mean(returns);
  const deviation = Math.sqrt(mean(returns.map((value) => (value - middle) ** 2)));
  const size = returns.map(Math.abs);
  const lags = Array.from({ length: 10 }, (_, i) => correlation(size.slice(i + 1), size.slice(0, -i - 1)));
  return {
    deviation,
    kurtosis: mean(returns.map((value) => (value - middle) ** 4)) / deviation ** 4,
    large: mean(size.map((value) => Number(value > 0.05))),
    clusters: mean(lags),
    rise: Math.max(...returns),
    fall: Math.min(...returns),
  };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (f: (i: number) => number) => a.reduce((sum, _, i) => sum + f(i), 0);
  const covariance = product((i) => (a[i] - ma) * (b[i] - mb));
  return covariance / Math.sqrt(product((i) => (a[i] - ma) ** 2) * product((i) => (b[i] - mb) ** 2));
}
