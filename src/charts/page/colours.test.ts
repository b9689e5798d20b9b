import { describe, expect, it } from "vitest";
import { dayRows } from "../../../testkit/tables.ts";
import { candleChart } from "../candles.ts";
import type { PlotlyPart } from "../figure.ts";

// Plain JavaScript of the page, which has no declarations.
const [ink, fit]: string[] = ["./ink.js", "./fit.js"];
const { inked } = (await import(ink)) as {
  inked(data: readonly PlotlyPart[], dark: boolean): PlotlyPart[];
};
const { fitted, logMarks } = (await import(fit)) as {
  fitted(data: unknown, layout: unknown, change: unknown): Record<string, [number, number]> | null;
  logMarks(axis: unknown, range: [number, number]): { dtick?: string };
};

/** Relative luminance, and the contrast of two colours: WCAG 2.2, "contrast ratio". */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const { data, layout } = candleChart(dayRows("2024-01-01", 90), { source: "csv" }).interactive;
const texts = (part: unknown) => JSON.stringify(part);

describe("a figure on a dark page", () => {
  it("has blue and ink that can be seen there, wherever a trace has its colour", () => {
    const dark = inked([...data, { line: { color: "#2b2b2b" }, fillcolor: "rgba(0,114,178,0.3)" }], true);
    const colours = new Set(texts(dark).match(/#[0-9A-Fa-f]{6}/g));
    expect(texts(dark)).not.toMatch(/#0072B2|#2b2b2b|0,114,178/);
    expect([...colours].filter((colour) => contrast(colour, "#111111") < 4.5)).toEqual([]);
  });

  it("is in its own colours again on a light page", () => {
    expect(inked(inked(data, true), false)).toEqual(data);
    expect(inked(data, false)).toEqual(data);
  });
});

describe("the price axis", () => {
  it("is fitted to the days in view, and left alone where the reader moved it himself", () => {
    const chosen = { ...layout, xaxis: { range: ["2024-01-11", "2024-01-20"] } };
    const ranges = fitted(data, chosen, { "xaxis.range": true });
    // Closes of 110 to 119, lows and highs 2 away from them.
    expect(ranges?.["yaxis.range"]).toEqual([108 - 0.65, 121 + 0.65]);
    expect(ranges?.["yaxis2.range"][0]).toBe(0);
    expect(fitted(data, chosen, { "xaxis.range": true, "yaxis.range": true })).toBeNull();
    expect(fitted(data, chosen, { title: "" })).toBeNull();
  });

  it("has fewer marks where it is logarithmic and long", () => {
    expect(logMarks({ type: "log" }, [3.4, 5.1])).toEqual({ dtick: "D2" });
    expect(logMarks({ type: "log" }, [4.8, 5.1]).dtick).toBeUndefined();
    expect(logMarks({ type: "linear" }, [0, 1])).toEqual({});
  });
});
