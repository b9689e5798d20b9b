import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invalidReason } from "../candle/validity.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS, EARLIEST_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { madeUpMarket } from "./madeUpMarket.ts";
import { foldMinutes } from "./minuteMarket.ts";

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
        expect(invalidReason(inOrder[i], MINUTE_MS, EARLIEST_MS, LATER)).toBeNull();
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
        expect(
          invalidReason(minute, MINUTE_MS, EARLIEST_MS, (LATER + 20 * 366 * DAY_MS) as EpochMs),
        ).toBeNull();
        const unit = minute.low < 1 ? 1e8 : 100;
        expect(Math.round(minute.low * unit) / unit).toBe(minute.low);
        expect(Math.round(minute.volume * 1e5) / 1e5).toBe(minute.volume);
      }),
      { numRuns: 60 },
    );
  });

  it("moves like a market: symbols together, volatility in clusters, fewer trades at weekends", () => {
    const market = madeUpMarket({ seed: 1 });
    const days = Array.from({ length: 400 }, (_, i) => (START + i * DAY_MS) as EpochMs);
    const [btc, eth] = ["BTCUSDT", "ETHUSDT"].map((symbol) =>
      days.map((day) => foldMinutes(market, symbol, { from: day, to: (day + DAY_MS) as EpochMs }, LATER)),
    );
    const returns = (rows: typeof btc) =>
      rows.slice(1).map((row, i) => Math.log((row?.close ?? 0) / (rows[i]?.close ?? 0)));
    expect(correlation(returns(btc), returns(eth))).toBeGreaterThan(0.6);
    const size = returns(btc).map(Math.abs);
    expect(correlation(size.slice(1), size.slice(0, -1))).toBeGreaterThan(0.05);
    const mean = (weekend: boolean) => {
      const rows = btc.filter((row) => [0, 6].includes(new Date(row?.openTime ?? 0).getUTCDay()) === weekend);
      return rows.reduce((sum, row) => sum + (row?.trades ?? 0), 0) / rows.length;
    };
    expect(mean(true)).toBeLessThan(0.8 * mean(false));
  });

  it("has no minute before a symbol's first day, nor in an outage of all", () => {
    const outage = { from: minuteOf(5), to: minuteOf(8) };
    const market = madeUpMarket({ seed: 1, outages: [outage], firstDay: () => "2024-06-01" as Day });
    const minutes = [...market.minutes("ETHUSDT", minuteOf(-10), minuteOf(10))];
    expect(minutes.map(({ openTime }) => (openTime - START) / MINUTE_MS)).toEqual([0, 1, 2, 3, 4, 8, 9]);
    expect(market.firstOpenTime("ETHUSDT")).toBe(startOfDay("2024-06-01" as Day));
  });
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (f: (i: number) => number) => a.reduce((sum, _, i) => sum + f(i), 0);
  const covariance = product((i) => (a[i] - ma) * (b[i] - mb));
  return covariance / Math.sqrt(product((i) => (a[i] - ma) ** 2) * product((i) => (b[i] - mb) ** 2));
}
