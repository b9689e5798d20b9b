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
  it("has every hole under its label, counted, with its evidence as text", () => {
    const figure = gapAtlas(gaps, { source: "csv" });
    const traces = inLanguage(figure.interactive.data, "en") as {
      name: string;
      x: unknown[];
      text: string[];
    }[];
    expect(traces.map(({ name }) => name)).toEqual([
      "the exchange stood still: 2 holes, 240 minutes",
      "unexplained: 1 holes, 60 minutes",
    ]);
    expect(traces[0].x.filter((value) => value === null)).toHaveLength(2);
    expect(traces[0].text[0]).toBe("BTCUSDT, 2021-09-29 07:00: 120 minutes. both lack it");
    expect(traces[1].text[0]).not.toContain("<b>");
    const { xaxis, yaxis } = figure.interactive.layout as Record<string, { range: [string, string] }>;
    expect(xaxis.range[0] < "2021-09-29 07:00" && xaxis.range[1] > "2021-11-05 20:00").toBe(true);
    expect(yaxis.range).toEqual([1.6, -0.6]);
    const svg = figure.svg();
    expect(svg.match(/<rect[^>]*/g)?.length).toBeGreaterThanOrEqual(3);
    expect(svg).toContain("the exchange stood still");
  });

  it("says that there is none where there is none", () => {
    const figure = gapAtlas([], { source: "csv" });
    expect(figure.interactive.data).toEqual([]);
    expect(figure.svg()).toContain("There is none.");
  });
});
