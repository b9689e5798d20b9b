import { expect, it } from "vitest";
import type { Candle } from "../candle/candle.ts";
import { madeUpMarket } from "../simulator/madeUpMarket.ts";
import type { EpochMs } from "../time/epoch.ts";
import { minuteChart } from "./minutes.ts";

const START = Date.UTC(2025, 0, 1);
const DAYS = 90;

it("draws ninety days of minutes still as small as a day's, with their extremes and their hole", () => {
  const market = madeUpMarket({ seed: 5, symbols: ["BTCUSDT"] });
  const rows = Array.from({ length: DAYS * 1_440 }, (_, i) => {
    const candle = market.candle("BTCUSDT", (START + i * 60_000) as EpochMs);
    return { symbol: "BTCUSDT", ...candle } as Candle;
  });
  rows[50_000] = { ...rows[50_000], close: 1_000_000, high: 1_000_000 };
  const figure = minuteChart([...rows.slice(0, 90_000), ...rows.slice(90_500)], { source: "simulated" });
  expect(figure.alt.en).toContain("500 missing");
  expect(figure.alt.en).toContain("1,000,000");
  const [{ y }] = figure.interactive.data as { y: (number | null)[] }[];
  expect(y.length).toBeLessThan(8_000);
  expect(y.filter((close) => close === null)).toHaveLength(1);
  expect(Math.max(...y.map(Number))).toBe(1_000_000);
  const svg = figure.svg();
  expect(svg.length).toBeLessThan(150_000);
  const [, line] =
    /stroke="#0072B2"[^>]*><path d="([^"]*)"|<path[^>]* d="([^"]*)"[^>]*stroke="#0072B2"/.exec(svg) ?? [];
  const heights = (line ?? "").match(/,-?[\d.]+/g)?.map((y) => Number(y.slice(1))) ?? [];
  expect(heights.length).toBeGreaterThan(900);
  expect(heights.filter((y) => y < Math.min(...heights) + 1)).toHaveLength(1);
  expect(line?.match(/M/g)).toHaveLength(2);
  const week = minuteChart(rows.slice(0, 5 * 1_440), { source: "simulated" });
  expect((week.interactive.data[0].y as number[]).length).toBe(5 * 1_440);
});
