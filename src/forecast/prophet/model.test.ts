import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../core/random.ts";
import { DAY_MS } from "../../time/epoch.ts";
import { makeHolidays } from "./holidays.ts";
import {
  BITCOIN_HALVINGS,
  knownFuture,
  lagged,
  type Observations,
  Prophet,
  type ProphetOptions,
} from "./prophet.ts";
import { resolveOptions } from "./prophetOptions.ts";

const DAYS = 220;
const START = Date.UTC(2022, 0, 1);

/** A bent line with a weekly wave and noise. */
function madeUp(seed: number, days = DAYS): Observations {
  const random = seededRandom(seed);
  const bend = Math.floor(days * (0.2 + 0.5 * random()));
  const slope = random() - 0.5;
  const ds = Array.from({ length: days }, (_, i) => START + i * DAY_MS);
  const y = ds.map(
    (_, i) => 50 + slope * i - slope * Math.max(0, i - bend) + 3 * Math.sin(i * 0.9) + 4 * random(),
  );
  return { ds, y };
}

function forecast(rows: Observations, options: ProphetOptions = {}, days = 20) {
  const last = Math.max(...Array.from(rows.ds));
  const ds = Array.from({ length: days }, (_, i) => last + (i + 1) * DAY_MS);
  return new Prophet({ uncertaintySamples: 200, ...options }).fit(rows).predict({ ds });
}

const seeds = fc.integer({ min: 1, max: 1e6 });
const few = { numRuns: 25 };
const near = (a: Float64Array, b: ArrayLike<number>, tolerance: number) =>
  a.forEach((v, i) => {
    expect(Math.abs(v - b[i])).toBeLessThanOrEqual(tolerance * (1 + Math.abs(b[i])));
  });

describe("properties", () => {
  it("gives the same bits for the same rows, in any order", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rows = madeUp(seed);
        const random = seededRandom(seed + 1);
        const order = [...Array(DAYS).keys()].map((i) => ({ i, key: random() }));
        order.sort((a, b) => a.key - b.key);
        const shuffled = { ds: order.map(({ i }) => rows.ds[i]), y: order.map(({ i }) => rows.y[i]) };
        const expected = forecast(rows);
        expect(forecast(rows)).toEqual(expected);
        expect(forecast(shuffled)).toEqual(expected);
      }),
      few,
    );
  });

  it("scales with y: absmax by a factor, minmax by a factor and a shift", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -40, max: 40 }), (seed, power) => {
        const rows = madeUp(seed);
        // A power of two rounds nothing: any other factor moves the inputs, and with them the place where the fit stops.
        const factor = 2 ** power;
        const times = { ...rows, y: Array.from(rows.y, (v) => v * factor) };
        expect(forecast(times).yhat.map((v) => v / factor)).toEqual(forecast(rows).yhat);
        const moved = { ...rows, y: Array.from(rows.y, (v) => 2 * v + 1000) };
        const back = forecast(moved, { scaling: "minmax" }).yhatUpper!.map((v) => (v - 1000) / 2);
        near(back, forecast(rows, { scaling: "minmax" }).yhatUpper!, 1e-6);
      }),
      few,
    );
  });

  it("does not mind when it is: whole weeks later, the same forecast", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -500, max: 500 }), (seed, weeks) => {
        const rows = madeUp(seed);
        const later = { ...rows, ds: Array.from(rows.ds, (v) => v + weeks * 7 * DAY_MS) };
        near(forecast(later).yhat, forecast(rows).yhat, 1e-6);
      }),
      few,
    );
  });

  it("ends at a maximum: no small step of any parameter raises the posterior", () => {
    const fitted = new Prophet({ seasonalityMode: "multiplicative" }).fit(madeUp(3));
    const best = fitted.estimate.objective;
    const again = new Prophet({ seasonalityMode: "multiplicative", changepointPriorScale: 0.0501 }).fit(
      madeUp(3),
    );
    expect(again.estimate.objective).toBeGreaterThan(best);
    expect(fitted.estimate.rounds).toBeLessThan(30);
  });

  it("sees nothing of the rows to predict but their dates and known columns", () => {
    const rows = madeUp(4);
    const columns = { x: Array.from(rows.ds, (_, i) => i % 5) };
    const fitted = new Prophet({ regressors: [{ name: "x", availability: lagged(3) }] }).fit({
      ...rows,
      columns,
    });
    const ds = [1, 2, 3].map((i) => rows.ds[DAYS - 1] + i * DAY_MS);
    const without = fitted.predict({ ds });
    expect(fitted.predict({ ds, columns: { x: [1e9, -1e9, 0] } })).toEqual(without);
  });
});

describe("holidays, seasonalities, regressors, changepoints", () => {
  it("gives each day of a holiday's window its own feature, at any time of the day", () => {
    const [block] = makeHolidays(resolveOptions({ holidays: BITCOIN_HALVINGS }));
    expect(block.width).toBe(15);
    const ds = [
      "2024-04-12T23:59Z",
      "2024-04-13T00:00Z",
      "2024-04-20T13:00Z",
      "2024-04-27T23:00Z",
      "2024-04-28T00:00Z",
    ];
    const matrix = new Float64Array(5 * 15);
    const rows = {
      ds: Float64Array.from(ds, (text) => Date.parse(text)),
      cap: null,
      floor: null,
      columns: {},
    };
    block.fill(rows, matrix, 15, 0);
    const hits = [...matrix.entries()]
      .filter(([, v]) => v === 1)
      .map(([at]) => [Math.floor(at / 15), at % 15]);
    expect(hits).toEqual([
      [1, 0],
      [2, 7],
      [3, 14],
    ]);
  });

  it("finds a holiday's effect and keeps it for the next one", () => {
    const rows = madeUp(5);
    const holidays = ["2022-02-01", "2022-04-10", "2022-08-14"].map((ds) => ({ holiday: "sale", ds }));
    const y = Array.from(rows.y, (v, i) =>
      holidays.some(({ ds }) => Date.parse(ds) === rows.ds[i]) ? v + 40 : v,
    );
    const { components } = forecast({ ...rows, y }, { holidays });
    const day = (Date.parse("2022-08-14") - START) / DAY_MS - DAYS;
    expect(components.sale[day]).toBeGreaterThan(30);
    expect(components.holidays).toEqual(components.sale);
    expect(components.sale[day + 1]).toBe(0);
  });

  it("adds seasonalities and regressors without touching the model it started from", () => {
    const base = new Prophet({ weeklySeasonality: false });
    const more = base
      .addSeasonality({ name: "monthly", period: 30.5, fourierOrder: 3 })
      .addRegressor({ name: "x", availability: knownFuture });
    expect(base.options).toEqual({ weeklySeasonality: false });
    const rows = madeUp(6);
    const columns = { x: Array.from(rows.ds, (_, i) => i % 3) };
    expect(more.fit({ ...rows, columns }).modes).toEqual({ monthly: "additive", x: "additive" });
    expect(
      base.addSeasonality({ name: "weekly", period: 7, fourierOrder: 2 }).fit(rows).problem.features.width,
    ).toBe(4);
  });

  it("takes changepoints from the user, in any order, or none", () => {
    const rows = madeUp(7);
    const given = new Prophet({ changepoints: ["2022-05-01", "2022-03-01", "2022-05-01"] }).fit(rows);
    expect(given.changepoints).toEqual([Date.UTC(2022, 2, 1), Date.UTC(2022, 4, 1)]);
    expect(new Prophet({ changepoints: [] }).fit(rows).changepoints).toEqual([]);
    expect(new Prophet({ nChangepoints: 0 }).fit(rows).changepoints).toEqual([]);
    expect(new Prophet().fit(madeUp(7, 10)).changepoints).toHaveLength(7);
  });
});
