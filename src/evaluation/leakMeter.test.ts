import { describe, expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import type { Series } from "../forecast/forecaster.ts";
import { mean } from "../forecast/returns.ts";
import { addDays, type Day, daysBetween } from "../time/day.ts";
import { type FeatureFunction, measureLeak, requireNoLeak } from "./leakMeter.ts";

const series = randomWalk(1, 400);

const at = (history: Series, day: Day, lag = 0) =>
  history.close[daysBetween(history.days[0], day) - lag] ?? Number.NaN;

/** Mean close of the `count` days that end `lag` days before each day. */
const average =
  (count: number, lag: number): FeatureFunction =>
  (history, days) => ({
    [`ma${count}`]: days.map((day) =>
      mean(Array.from({ length: count }, (_, i) => at(history, day, lag + i))),
    ),
  });

describe("the leak meter", () => {
  it("lets pass what is made from the calendar or lagged by the horizon", () => {
    const honest: FeatureFunction = (history, days) => ({
      weekday: days.map((day) => daysBetween("1970-01-01" as Day, day) % 7),
      lagged: days.map((day) => at(history, day, 30)),
      ...average(7, 30)(history, days),
    });
    expect(measureLeak(honest, series)).toEqual({ leaks: [], cutoffs: 12 });
    expect(() => requireNoLeak(honest, series)).not.toThrow();
  });

  it("names the column and the first day of an average that includes the day itself", () => {
    const { leaks } = measureLeak(average(7, 0), series);
    expect(leaks).toHaveLength(1);
    const [{ column, day, cutoff, withoutFuture }] = leaks;
    expect({ column, day, withoutFuture }).toEqual({
      column: "ma7",
      day: addDays(cutoff, 1),
      withoutFuture: Number.NaN,
    });
    expect(() => requireNoLeak(average(7, 0), series)).toThrow(
      expect.objectContaining({ code: "feature_leaks", exit: 2, message: expect.stringContaining("ma7") }),
    );
  });

  it("finds a lag that is shorter than the horizon, on its first day past the lag", () => {
    const [{ day, cutoff }] = measureLeak(average(7, 10), series).leaks;
    expect(day).toBe(addDays(cutoff, 11));
    expect(measureLeak(average(7, 10), series, { horizon: 10 }).leaks).toEqual([]);
  });

  it("finds a scale that is taken from the whole history, on the first day of all", () => {
    const scaled: FeatureFunction = (history, days) => {
      const top = Math.max(...history.close);
      return { scaled: days.map((day) => at(history, day, 40) / top), weekday: days.map((_, i) => i % 7) };
    };
    // A walk that rises in its second half: the early cutoffs have seen a lower top.
    const rising = { ...series, close: series.close.map((price, i) => price * (1 + i / 100)) };
    const { leaks } = measureLeak(scaled, rising);
    expect(leaks.map(({ column }) => column)).toEqual(["scaled"]);
    expect(leaks[0].day).toBe(addDays(series.days[0], 40));
  });

  it("refuses columns of another length, and histories without a cutoff", () => {
    const short: FeatureFunction = () => ({ one: [1] });
    expect(() => measureLeak(short, series)).toThrow(expect.objectContaining({ code: "feature_length" }));
    expect(() => measureLeak(average(7, 0), randomWalk(1, 20))).toThrow(
      expect.objectContaining({ code: "series_too_short" }),
    );
  });
});
