import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { priceSeries, randomWalk } from "../../testkit/series.ts";
import type { Series } from "../forecast/forecaster.ts";
import { headOf } from "../forecast/series.ts";
import type { Day } from "../time/day.ts";
import { riskDays } from "./riskDays.ts";
import { type RiskRow, riskRows } from "./riskRows.ts";
import { reportedRows, scoreRisk } from "./scoreRisk.ts";
import { RISK_HORIZONS, RISK_MODELS } from "./variances.ts";

const DAYS = 620;

/** A walk whose days from `from` to before `to` have no data: they carry whatever price is given. */
function withGap(series: Series, from: number, to: number, price = series.close[from - 1]): Series {
  const isFilled = (i: number) => i >= from && i < to;
  const carry = (prices: Float64Array) => prices.map((own, i) => (isFilled(i) ? price : own));
  const { open, high, low, close } = series;
  const filled = close.map((_, i) => Number(isFilled(i)));
  return { ...series, open: carry(open), high: carry(high), low: carry(low), close: carry(close), filled };
}

/** What a row knew at its cutoff. */
const forecastOf = ({ realized_variance, change, ...row }: RiskRow) => row;
const walks = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  days: fc.integer({ min: 520, max: DAYS }),
});
const few = { numRuns: 4, seed: 1 };

describe("risk rows", () => {
  it("uses no day after the cutoff, bit for bit", () => {
    fc.assert(
      fc.property(walks, fc.integer({ min: 31, max: 500 }), ({ seed, days }, known) => {
        const variance = (_: number, i: number) => (i % 3 === 0 ? Number.NaN : 1e-3 + (i % 11) * 1e-4);
        const walk = randomWalk(seed, days);
        const series = { ...walk, variance: walk.close.map(variance) };
        const expected = riskRows(headOf(series, known)).map(forecastOf);
        const last = series.days[known - 1];
        const found = riskRows(series).filter(({ cutoff }) => cutoff <= last);
        expect(found.map(forecastOf)).toEqual(expected);
      }),
      few,
    );
  });

  it("has ordered quantiles, a shortfall beyond each, and a combination between its members", () => {
    fc.assert(
      fc.property(walks, ({ seed, days }) => {
        const rows = riskRows(randomWalk(seed, days));
        for (const row of rows.filter(({ var99_low }) => var99_low !== null)) {
          const { es99_low, var99_low, es95_low, var95_low, var95_high, es95_high, var99_high, es99_high } =
            row;
          const ascending = [es99_low, var99_low, var95_low, var95_high, var99_high, es99_high] as number[];
          expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
          expect(es95_low).toBeLessThanOrEqual(var95_low as number);
          expect(es95_high).toBeGreaterThanOrEqual(var95_high as number);
        }
        const at = Map.groupBy(rows, ({ cutoff, steps_ahead }) => `${cutoff} ${steps_ahead}`);
        const whole = [...at.values()].filter(({ length }) => length === RISK_MODELS.length);
        expect(whole.length).toBeGreaterThan(300);
        for (const own of whole) {
          const [combined, ...members] = own.map(({ variance }) => variance).reverse();
          expect(combined).toBeLessThanOrEqual(Math.max(...members) * (1 + 1e-12));
          expect(combined).toBeGreaterThanOrEqual(Math.min(...members) * (1 - 1e-12));
        }
      }),
      few,
    );
  });

  it("does not depend on the unit of price", () => {
    fc.assert(
      fc.property(walks, fc.constantFrom(1 / 1024, 2, 65536), ({ seed, days }, unit) => {
        const walk = randomWalk(seed, days);
        const of = (prices: Float64Array) => prices.map((price) => price * unit);
        const { open, high, low, close } = walk;
        const scaled = riskRows({ ...walk, open: of(open), high: of(high), low: of(low), close: of(close) });
        riskRows(walk).forEach(({ variance }, i) => {
          expect(scaled[i].variance / variance).toBeCloseTo(1, 4);
        });
      }),
      few,
    );
  });

  it("gets no return from a filled day, whatever price it carries", () => {
    const walk = randomWalk(5, DAYS);
    const rows = riskRows(withGap(walk, 300, 310));
    expect(riskRows(withGap(walk, 300, 310, 1e6))).toEqual(rows);
    const cutoffs = new Set(rows.map(({ cutoff }) => cutoff));
    expect(walk.days.slice(300, 311).filter((day) => cutoffs.has(day))).toEqual([]);
    const across = rows.filter(({ cutoff, ds }) => cutoff < walk.days[300] && ds >= walk.days[300]);
    expect(across.length).toBeGreaterThan(0);
    expect(across.filter((row) => row.change !== null || row.realized_variance !== null)).toEqual([]);
    expect(riskDays(withGap(walk, 300, 310)).returns).toHaveLength(DAYS - 1 - 11);
  });

  it("has the outcome of each window whose days have come", () => {
    const walk = randomWalk(7, 100);
    const row = riskRows(walk).find(
      ({ cutoff, steps_ahead }) => cutoff === walk.days[60] && steps_ahead === 7,
    );
    const returns = Array.from({ length: 7 }, (_, i) => Math.log(walk.close[61 + i] / walk.close[60 + i]));
    expect(row?.ds).toBe(walk.days[67]);
    expect(row?.change).toBeCloseTo(100 * (walk.close[67] / walk.close[60] - 1), 10);
    expect(row?.realized_variance).toBeCloseTo(
      returns.reduce((sum, value) => sum + value ** 2, 0),
      14,
    );
  });

  it("is finite for a price that never moves, and empty for a month", () => {
    const still = riskRows(priceSeries(new Float64Array(450).fill(5)));
    expect(still.length).toBeGreaterThan(0);
    for (const { variance, var95_low, es95_high } of still) {
      expect(variance).toBeGreaterThan(0);
      expect(Math.abs(var95_low ?? 0) + Math.abs(es95_high ?? 0)).toBe(0);
    }
    for (const score of scoreRisk(still).variances) expect(Number.isFinite(score.qlike)).toBe(true);
    expect(riskRows(randomWalk(1, 31))).toEqual([]);
  });
});

describe("scores of risk", () => {
  it("compare the models at the cutoffs that all have, and count windows of tests that don't overlap", () => {
    const rows = riskRows(randomWalk(9, DAYS));
    const { from, variances, tails } = scoreRisk(rows);
    expect(from).toBe(rows[0].cutoff);
    expect(variances.map(({ model, stepsAhead }) => `${model} ${stepsAhead}`)).toEqual(
      RISK_HORIZONS.flatMap((h) => RISK_MODELS.map((model) => `${model} ${h}`)),
    );
    // The last model to begin is fitted on 365 returns; a window of h days ends h days later.
    expect(variances.map(({ cutoffs }) => cutoffs)).toEqual(
      RISK_HORIZONS.flatMap((h) => RISK_MODELS.map(() => DAYS - 1 - 364 - h)),
    );
    const weekly = tails.find(
      ({ model, stepsAhead, level }) => model === "ewma" && stepsAhead === 7 && level === 95,
    );
    // The first 30 days warm up, the next 100 windows are the past of the first bound.
    expect(weekly?.windows).toBe(Math.ceil((DAYS - 1 - 30 - 106 - 7) / 7));
  });

  it("are of cutoffs after the choice, where there is a year of them", () => {
    const row = riskRows(randomWalk(1, 40))[0];
    const rows = ["2021-10-22", "2021-10-23", "2022-10-22"].map((cutoff) => ({
      ...row,
      cutoff: cutoff as Day,
    }));
    expect(reportedRows(rows)).toBe(rows);
    const more = [...rows, { ...row, cutoff: "2022-10-23" as Day }];
    expect(reportedRows(more)).toEqual(more.slice(1));
  });
});
