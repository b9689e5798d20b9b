import { seededRandom } from "../src/core/random.ts";
import type { Series } from "../src/forecast/forecaster.ts";
import { addDays, type Day } from "../src/time/day.ts";

/** Days from 2020-01-01 that are nothing but these closes. */
export function priceSeries(close: Iterable<number>, symbol = "TESTUSDT"): Series {
  const prices = Float64Array.from(close);
  return {
    symbol,
    days: Array.from(prices, (_, i) => addDays("2020-01-01" as Day, i)),
    open: prices,
    high: prices,
    low: prices,
    close: prices,
  };
}

/** A made-up market: 48 steps a day of a Gaussian random walk on log price, volatility in slow waves. */
export function randomWalk(seed: number, days: number, symbol = "TESTUSDT"): Series {
  const random = seededRandom(seed);
  const series = priceSeries(new Float64Array(days), symbol);
  const [open, high, low, close] = Array.from({ length: 4 }, () => new Float64Array(days));
  let price = 100 * Math.exp(random() * 4);
  for (let day = 0; day < days; day += 1) {
    const sigma = (0.03 + 0.02 * Math.sin(day / 40)) / Math.sqrt(48);
    open[day] = price;
    high[day] = price;
    low[day] = price;
    for (let step = 0; step < 48; step += 1) {
      // The sum of three uniforms is close enough to a bell, and cheap.
      price *= Math.exp(sigma * 2 * (random() + random() + random() - 1.5));
      high[day] = Math.max(high[day], price);
      low[day] = Math.min(low[day], price);
    }
    close[day] = price;
  }
  return { ...series, open, high, low, close };
}

/** The series with the days from `from` to before `to` filled: no source has them, the close is carried forward. */
export function withGap(series: Series, from: number, to: number): Series {
  const isFilled = (i: number) => i >= from && i < to;
  const carry = (prices: Float64Array) =>
    prices.map((price, i) => (isFilled(i) ? series.close[from - 1] : price));
  const filled = series.close.map((_, i) => (isFilled(i) ? 1 : (series.filled?.[i] ?? 0)));
  const { open, high, low, close } = series;
  return { ...series, open: carry(open), high: carry(high), low: carry(low), close: carry(close), filled };
}

/** A random walk of 400 days, of which the minutes of the last 100 are known. */
export function seriesWithVariance(): Series {
  const walk = randomWalk(3, 400);
  return { ...walk, variance: walk.close.map((_, i) => (i < 300 ? Number.NaN : 0.001 + i * 1e-7)) };
}
