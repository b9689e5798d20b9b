import { describe, expect, it } from "vitest";
import { dayRows } from "../../../testkit/tables.ts";
import { candleChart } from "../../charts/candles.ts";
import { layoutColours, traceColours } from "./darkColours.ts";
import type { DrawnFigure } from "./plotlyTypes.ts";

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

const { data, layout } = candleChart(dayRows("2024-01-01", 90), { source: "csv" }).interactive as DrawnFigure;
const texts = (part: unknown) => JSON.stringify(part);

describe("a figure on a dark page", () => {
  it("has blue and ink that can be seen there, wherever a trace has its colour", () => {
    const dark = traceColours(
      [...data, { line: { color: "#2b2b2b" }, fillcolor: "rgba(0,114,178,0.3)" }],
      "dark",
    );
    const colours = new Set(texts(dark).match(/#[0-9A-Fa-f]{6}/g));
    expect(texts(dark)).not.toMatch(/#0072B2|#2b2b2b|0,114,178/);
    expect([...colours].filter((colour) => contrast(colour, "#111111") < 4.5)).toEqual([]);
    const { font, annotations } = layoutColours(layout, "dark");
    const [ink, faint] = [font, annotations?.[0].font] as { color: string }[];
    expect(contrast(ink.color, "#111111")).toBeGreaterThan(4.5);
    expect(contrast(faint.color, "#111111")).toBeGreaterThan(4.5);
  });

  it("is in its own colours again on a light page", () => {
    expect(traceColours(traceColours(data, "dark"), "light")).toEqual(data);
    expect(traceColours(data, "light")).toEqual(data);
    const light = layoutColours(layout, "light");
    expect(layoutColours(layoutColours(layout, "dark"), "light")).toEqual(light);
    expect(light.annotations).toEqual(layout.annotations);
  });
});
