import { describe, expect, it } from "vitest";
import { gapAtlas } from "./gapAtlas.ts";
import { inLanguage } from "./inLanguage.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2021, 8, 29, 7);

const gaps = [
  { symbol: "BTCUSDT", from: START, to: START + 2 * HOUR, label: "exchange_outage", source: "both lack it" },
  { symbol: "ETHUSDT", from: START, to: START + 2 * HOUR, label: "exchange_outage", source: "both lack it" },
  {
    symbol: "ETHUSDT",
    from: START + 900 * HOUR,
    to: START + 901 * HOUR,
    label: "unexplained",
    source: "<b>asked</b>",
  },
];

describe("the gap atlas", () => {
  it("has every gap under its label, counted, with its evidence as text", () => {
    const figure = gapAtlas(gaps, { source: "csv" });
    const traces = inLanguage(figure.interactive.data, "en") as {
      name: string;
      base: number[];
      x: number[];
      y: number[];
      customdata: string[];
    }[];
    expect(traces.map(({ name }) => name)).toEqual([
      "exchange outage: 2 gaps, 240 minutes",
      "unexplained: 1 gap, 60 minutes",
    ]);
    // Two hours are less than a three hundredth of the picture: they are drawn wider.
    expect([traces[0].base, traces[0].y]).toEqual([
      [START, START],
      [0, 1],
    ]);
    expect(Math.min(...traces[0].x)).toBeCloseTo((901 * HOUR) / 300, 3);
    expect(traces[0].customdata[0]).toBe("BTCUSDT, 2021-09-29 07:00: 120 minutes. both lack it");
    expect(traces[1].customdata[0]).not.toContain("<b>");
    const { xaxis, yaxis } = figure.interactive.layout as Record<string, { range: [number, number] }>;
    expect(xaxis.range[0] < START && xaxis.range[1] > START + 901 * HOUR).toBe(true);
    expect(yaxis).toMatchObject({ range: [1.5, -0.5], ticktext: [{ en: "BTCUSDT" }, { en: "ETHUSDT" }] });
    const svg = figure.svg();
    expect(svg.match(/<rect[^>]*/g)?.length).toBeGreaterThanOrEqual(3);
    expect(svg).toContain("exchange outage");
  });

  it("says that there is none where there is none", () => {
    const figure = gapAtlas([], { source: "csv" });
    expect(figure.interactive.data).toEqual([]);
    expect(figure.svg()).toContain("There is none.");
  });
});
