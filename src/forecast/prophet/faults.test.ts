import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../time/epoch.ts";
import { knownFuture, lagged, type Observations, Prophet, type ProphetOptions } from "./prophet.ts";

const rowsOf = (y: number[], step = DAY_MS): Observations => ({ ds: y.map((_, i) => i * step), y });
const series = (days: number, value: (i: number) => number) =>
  rowsOf(Array.from({ length: days }, (_, i) => value(i)));

function nextDays(rows: Observations, options: ProphetOptions = {}, days = 10) {
  const last = Math.max(...Array.from(rows.ds));
  const ds = Array.from({ length: days }, (_, i) => last + (i + 1) * DAY_MS);
  return new Prophet({ uncertaintySamples: 100, ...options }).fit(rows).predict({ ds });
}

describe("hard series get a right answer", () => {
  it.each([0, 5, -3, 1e-8, 1e8])("constant %d", (value) => {
    const { yhat, yhatLower, yhatUpper } = nextDays(series(100, () => value));
    const width = 1e-6 * Math.max(1, Math.abs(value));
    for (const values of [yhat, yhatLower!, yhatUpper!]) {
      for (const v of values) expect(Math.abs(v - value)).toBeLessThan(width);
    }
  });

  it("a straight line and two points go on straight", () => {
    expect(nextDays(series(100, (i) => i + 1)).yhat[9]).toBeCloseTo(110, 6);
    expect(nextDays(rowsOf([1, 2])).yhat[9]).toBeCloseTo(12, 6);
    expect(nextDays(rowsOf([3, 1, 2])).yhat.every(Number.isFinite)).toBe(true);
  });

  it.each([1e-8, 1e8])("prices about %d", (price) => {
    const at = (i: number) => 1 + 0.001 * i + 0.01 * Math.sin(i * i);
    const plain = nextDays(series(400, at));
    const scaled = nextDays(series(400, (i) => price * at(i)));
    expect(Math.abs(scaled.yhat[9] / price - plain.yhat[9])).toBeLessThan(1e-9);
  });

  it("one huge spike", () => {
    const { yhat, yhatLower } = nextDays(series(1000, (i) => (i === 500 ? 1e12 : 100 + i / 10)));
    expect([...yhat, ...yhatLower!].every(Number.isFinite)).toBe(true);
  });

  it("more features than rows, and features that are nearly the same", () => {
    const forced = { yearlySeasonality: true, weeklySeasonality: true } as const;
    for (const seasonalityMode of ["additive", "multiplicative"] as const) {
      const { yhat } = nextDays(rowsOf([3, 1, 4, 1, 5]), { ...forced, seasonalityMode });
      expect(yhat.every(Number.isFinite)).toBe(true);
    }
  });

  it("a missing y is left out", () => {
    const wave = (i: number) => 10 + Math.sin(i) + i / 50;
    const rows = series(120, (i) => (i % 10 === 3 ? Number.NaN : wave(i)));
    const kept = [...Array(120).keys()].filter((i) => i % 10 !== 3);
    const without = { ds: kept.map((i) => i * DAY_MS), y: kept.map(wave) };
    expect(nextDays(rows)).toEqual(nextDays(without));
  });

  it("several values on a date", () => {
    const rows = series(200, (i) => 10 + i / 20 + Math.sin(i * i));
    const twice = {
      ds: [...Array.from(rows.ds), ...Array.from(rows.ds)],
      y: [...Array.from(rows.y), ...Array.from(rows.y)],
    };
    const { yhat } = nextDays(twice);
    const once = nextDays(rows).yhat;
    yhat.forEach((v, i) => {
      expect(Math.abs(v - once[i])).toBeLessThan(0.5);
    });
  });

  it("logistic growth outside its capacity", () => {
    const fitted = new Prophet({ growth: "logistic" }).fit({ ...series(100, (i) => 2 * i - 50), cap: 100 });
    const { yhat } = fitted.predict({ ds: [150 * DAY_MS], cap: 100 });
    expect(yhat.every(Number.isFinite)).toBe(true);
  });
});

describe("what can't be used is refused, with the reason", () => {
  const good = series(50, (i) => i + Math.sin(i));
  const fails = (code: string, message: RegExp, run: () => unknown) => {
    expect(run).toThrow(expect.objectContaining({ code, exit: 2, message: expect.stringMatching(message) }));
  };

  it.each<[string, Observations, RegExp]>([
    ["one row", rowsOf([1]), /only 1 row/],
    ["no rows", rowsOf([]), /only 0 row/],
    ["all NaN", rowsOf([Number.NaN, Number.NaN]), /only 0 row/],
    ["infinite", rowsOf([1, Number.POSITIVE_INFINITY, 2]), /infinite in row 1/],
    ["equal dates", { ds: [5, 5, 5], y: [1, 2, 3] }, /all 3 rows have the same date/],
    ["a bad date", { ds: [1, Number.NaN, 3], y: [1, 2, 3] }, /ds is not a date in row 1/],
    ["lengths", { ds: [1, 2], y: [1, 2, 3] }, /y has 3 rows, ds has 2/],
    [
      "a bad column",
      { ds: [1, 2], y: [1, 2], columns: { x: [1, Number.NaN] } },
      /x is not a number in row 1/,
    ],
  ])("%s", (_, rows, message) => {
    fails("prophet_history", message, () => new Prophet().fit(rows));
  });

  it.each<[ProphetOptions, RegExp]>([
    [{ nChangepoints: -1 }, /nChangepoints is -1/],
    [{ changepointRange: 1.5 }, /changepointRange is 1.5/],
    [{ changepointPriorScale: 0 }, /changepointPriorScale is 0/],
    [{ seasonalityPriorScale: Number.NaN }, /seasonalityPriorScale is NaN/],
    [{ intervalWidth: 1 }, /intervalWidth is 1/],
    [{ uncertaintySamples: 0.5 }, /uncertaintySamples is 0.5/],
    [{ seasonalities: [{ name: "a", period: 0, fourierOrder: 1 }] }, /a.period is 0/],
    [{ seasonalities: [{ name: "a", period: 7, fourierOrder: 0 }] }, /a.fourierOrder is 0/],
    [{ holidays: [{ holiday: "h", ds: "2022-01-01", lowerWindow: 1 }] }, /h.lowerWindow/],
    [{ holidays: [{ holiday: "h", ds: "2022-02-30" }] }, /2022-02-30 of holiday h/],
    [
      { holidays: [1, 2].map((priorScale) => ({ holiday: "h", ds: "2022-02-01", priorScale })) },
      /h.priorScale is 2/,
    ],
  ])("option %j", (options, message) => {
    fails("prophet_option", message, () => new Prophet(options).fit(good));
  });

  it("names that clash, columns that are missing, conditions that are not 0 or 1", () => {
    const monthly = { name: "trend", period: 30, fourierOrder: 2 };
    fails("prophet_name", /trend/, () => new Prophet({ seasonalities: [monthly] }).fit(good));
    const regressors = [{ name: "x", availability: knownFuture }];
    fails("prophet_column", /no column x/, () => new Prophet({ regressors }).fit(good));
    const seasonalities = [{ name: "s", period: 9, fourierOrder: 1, conditionName: "on" }];
    const columns = { on: Array.from(good.ds, () => 2) };
    fails("prophet_column", /on holds 2/, () => new Prophet({ seasonalities }).fit({ ...good, columns }));
  });

  it("a regressor that is not known at the cutoff", () => {
    for (const availability of [undefined, { kind: "sameDay" }, lagged(0), lagged(1.5)]) {
      const regressors = [{ name: "ma7", availability: availability as typeof knownFuture }];
      const rows = { ...good, columns: { ma7: good.y } };
      fails("regressor_availability", /ma7 is neither known/, () => new Prophet({ regressors }).fit(rows));
    }
    const regressors = [{ name: "ma7", availability: lagged(60) }];
    const rows = { ...good, columns: { ma7: good.y } };
    fails("prophet_history", /0 have a value 60 days before/, () => new Prophet({ regressors }).fit(rows));
  });

  it("changepoints outside the history, a capacity below the floor, nothing to predict", () => {
    fails("prophet_changepoints", /1999-01-01/, () =>
      new Prophet({ changepoints: ["1999-01-01"] }).fit(good),
    );
    const logistic = new Prophet({ growth: "logistic" });
    fails("prophet_cap", /no cap/, () => logistic.fit(good));
    fails("prophet_cap", /cap is 1 where the floor is 5/, () => logistic.fit({ ...good, cap: 1, floor: 5 }));
    const fitted = new Prophet().fit(good);
    fails("prophet_history", /no rows to predict/, () => fitted.predict({ ds: [] }));
    fails("prophet_option", /levels is 1/, () => fitted.predict({ ds: [DAY_MS] }, { levels: [1] }));
  });
});
