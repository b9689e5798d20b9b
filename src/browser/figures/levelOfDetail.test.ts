import { describe, expect, it } from "vitest";
import { dayRows } from "../../../testkit/tables.ts";
import { candleChart } from "../../charts/candles.ts";
import { inLanguage } from "../../charts/inLanguage.ts";
import { DAY_MS } from "../../time/epoch.ts";
import { atDetail } from "./levelOfDetail.ts";
import type { CandleTrace, DrawnFigure, Range, Trace } from "./plotly.ts";

/** Sixteen years. */
const LONG = 5_844;
const chartOf = (from: string, days: number) =>
  inLanguage(candleChart(dayRows(from, days), { source: "csv" }).interactive, "vi") as DrawnFigure;
const { data: traces, layout } = chartOf("2010-01-01", LONG);

const candlesOf = (all: readonly Trace[]) => all.find(({ type }) => type === "candlestick") as CandleTrace;
const volumesOf = (all: readonly Trace[]) =>
  all.find(({ yaxis }) => yaxis === "y2") as { x: string[]; y: number[] };
const first = Date.parse("2010-01-01");
/** So many days that end so many before the last. */
const view = (days: number, before = 0): Range => {
  const last = first + (LONG - 1 - before) * DAY_MS;
  return [last - (days - 1) * DAY_MS, last];
};
const within = ({ x }: CandleTrace, [from, to]: Range) =>
  x.filter((day) => Date.parse(day) >= from && Date.parse(day) <= to).length;

describe("a history of sixteen years in the page", () => {
  it.each([
    ["all", LONG, 7],
    ["five years", 1_826, 7],
    ["two years", 730, 7],
    ["a year", 365, 1],
    ["a month", 30, 1],
  ])("%s: as many candles as can be told apart, one for so many days", (_, days, step) => {
    const chosen = view(days, days === LONG ? 0 : 1_000);
    const light = atDetail(traces, layout, chosen);
    const candles = candlesOf(light);
    const instants = candles.x.map((day) => Date.parse(day));
    const steps = new Set(instants.slice(1).map((at, i) => (at - instants[i]) / DAY_MS));
    expect(steps).toEqual(new Set([step]));
    expect(within(candles, chosen)).toBeGreaterThanOrEqual(Math.floor(days / step) - 1);
    // One view to either side stands ready for the hand that drags.
    expect(within(candles, chosen)).toBeLessThanOrEqual(900);
    expect(candles.x.length).toBeLessThanOrEqual(3 * within(candles, chosen) + 3);
    expect(volumesOf(light).x).toEqual(candles.x);
  });

  it("no high, no low and no volume is lost by folding", () => {
    const [whole, light] = [traces, atDetail(traces, layout, view(LONG))];
    expect(Math.max(...candlesOf(light).high)).toBe(Math.max(...candlesOf(whole).high));
    expect(Math.min(...candlesOf(light).low)).toBe(Math.min(...candlesOf(whole).low));
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(volumesOf(light).y)).toBeCloseTo(sum(volumesOf(whole).y), 6);
  });

  it("the means and the origins stay as they are, and a short history whole", () => {
    const light = atDetail(traces, layout, view(LONG));
    expect(light.filter((trace) => traces.includes(trace))).toHaveLength(traces.length - 2);
    const short = chartOf("2024-01-01", 400);
    expect(atDetail(short.data, short.layout, [0, first + LONG * DAY_MS])).toBe(short.data);
  });
});
