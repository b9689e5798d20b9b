import { describe, expect, it } from "vitest";
import { dayRows } from "../../../testkit/tables.ts";
import { candleChart } from "../../charts/candles.ts";
import { autoscaled, changesDays, logMarks, visibleRange } from "./autoscale.ts";
import { axisOf, type DrawnFigure } from "./plotlyTypes.ts";

const { data, layout } = candleChart(dayRows("2024-01-01", 90), { source: "csv" }).interactive as DrawnFigure;

describe("the value axes", () => {
  const chosen: DrawnFigure["layout"] = { ...layout, xaxis: { range: ["2024-01-11", "2024-01-20"] } };

  it("are scaled to the days in view", () => {
    const scaled = autoscaled({ data, layout: chosen });
    // Closes of 110 to 119, lows and highs 2 away from them.
    expect(axisOf(scaled, "yaxis").range).toEqual([108 - 0.65, 121 + 0.65]);
    expect(axisOf(scaled, "yaxis2").range?.[0]).toBe(0);
    expect(axisOf(scaled, "yaxis3")).toEqual(layout.yaxis3);
  });

  it("are scaled to both ends of bars that do not begin at 0", () => {
    const bars = { x: ["2024-01-11", "2024-01-15", "2024-02-01"], y: [5, 10, 900], base: [100, 90, 0] };
    const { yaxis } = autoscaled({ data: [bars], layout: { ...chosen, meta: { autoscale: ["yaxis"] } } });
    expect(yaxis).toMatchObject({ range: [90 - 0.75, 105 + 0.75] });
  });

  it("are left alone where the chart does not ask for it, or no value is in view", () => {
    expect(autoscaled({ data, layout: { ...chosen, meta: {} } })).toEqual({ ...chosen, meta: {} });
    const empty = { ...chosen, xaxis: { range: ["2030-01-01", "2030-02-01"] as [string, string] } };
    expect(autoscaled({ data, layout: empty })).toEqual(empty);
  });

  it("follow the days that the reader chooses, and not where the reader moved the value axis too", () => {
    expect(changesDays({ "xaxis.range": true })).toBe(true);
    expect(changesDays({ "xaxis.range[0]": "2024-01-11", "xaxis.range[1]": "2024-01-20" })).toBe(true);
    expect(changesDays({ "xaxis.autorange": true })).toBe(true);
    expect(changesDays({ "xaxis.range": true, "yaxis.range": true })).toBe(false);
    expect(changesDays({ title: "" })).toBe(false);
  });

  it("have fewer marks where they are logarithmic and long", () => {
    expect(logMarks({ type: "log" }, [3.4, 5.1])).toEqual({ dtick: "D2" });
    expect(logMarks({ type: "log" }, [4.8, 5.1]).dtick).toBeUndefined();
    expect(logMarks({ type: "linear" }, [0, 1])).toEqual({});
  });
});

describe("the days in view", () => {
  it("are the axis's range in UTC, or all days of all traces", () => {
    const range: [string, string] = ["2024-01-10 12:00", "2024-01-20 12:00:00.5"];
    expect(visibleRange({ xaxis: { range } }, data)).toEqual([
      Date.UTC(2024, 0, 10, 12),
      Date.UTC(2024, 0, 20, 12) + 500,
    ]);
    const traces = [
      ...[{ x: [null] }, { x: ["2024-02-01", "2024-02-03"] }, {}, { x: ["2024-01-31", null] }],
      { x: [1, 365], xaxis: "x2" },
    ];
    expect(visibleRange({ xaxis: { range, autorange: true } }, traces)).toEqual([
      Date.UTC(2024, 0, 31),
      Date.UTC(2024, 1, 3),
    ]);
  });
});
