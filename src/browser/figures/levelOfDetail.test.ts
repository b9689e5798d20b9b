import { describe, expect, it } from "vitest";
import { dayRows } from "../../../testkit/tables.ts";
import { candleChart } from "../../charts/candles.ts";
import { inLanguage } from "../../charts/inLanguage.ts";
import { DAY_MS, HOUR_MS } from "../../time/epoch.ts";
import { atDetail } from "./levelOfDetail.ts";
import type { CandleTrace, DrawnFigure, Range, Trace } from "./plotlyTypes.ts";

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
  x.map((day) => Date.parse(String(day))).filter((at) => at >= from && at <= to).length;

it("hours are folded where they are too narrow", () => {
  const hours = Array.from({ length: 24 * 400 }, (_, i) => ({
    ...{ symbol: "BTCUSDT", interval: "1h" as const, open_time: new Date(first + i * HOUR_MS).toISOString() },
    ...{
      open: 1,
      high: 3,
      low: 1,
      close: 2,
      volume: 1,
      vwap: null,
      quote_volume: null,
      taker_base: null,
      taker_quote: null,
      trades: null,
    },
    ...{ parts: 1, expected: 1, origin: "batch" as const, complete: true, made_from: "1h" },
  }));
  const figure = inLanguage(candleChart(hours, { source: "csv" }).interactive, "en") as DrawnFigure;
  const stepOf = (days: number) => {
    const to = first + 200 * DAY_MS;
    const light = atDetail(figure.data, figure.layout, [to - days * DAY_MS, to]);
    const { x, text } = candlesOf(light);
    return [(Number(x[2]) - Number(x[1])) / HOUR_MS, text[1], volumesOf(light).y[1]];
  };
  expect(stepOf(10)).toEqual([1, "1 of 1 parts from 1h, batch", 1]);
  expect(stepOf(50)).toEqual([4, "4h", 4]);
  expect(stepOf(100)).toEqual([24, "whole day", 24]);
  expect(stepOf(1_000)).toEqual([168, "whole week", 168]);
});

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
    const instants = candles.x.map((day) => Date.parse(String(day)));
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
