import { describe, expect, it } from "vitest";
import { sameText } from "../core/text.ts";
import type { Description, Mark } from "./description.ts";
import { inLanguage } from "./inLanguage.ts";
import { makeFigure } from "./make.ts";

const named = (label: string) => ({ label: { en: label, vi: `vi ${label}` }, colour: "#0072B2" });
const points = [
  { x: "2024-01-01", y: 1 },
  { x: "2024-01-02", y: null },
  { x: "2024-01-03", y: 4 },
];
const words = sameText("<b>pointed at</b>");
const OVER_DAYS: Mark[] = [
  {
    kind: "band",
    ...named("band"),
    opacity: 0.3,
    points: points.map(({ x }, i) => ({ x, low: i, high: i + 5 })),
  },
  { kind: "line", ...named("line"), points, dots: 2, fill: 0.1, step: "after" },
  { kind: "line", ...named("hidden"), points, unlisted: true },
  { kind: "points", ...named("points"), points, radius: 2 },
  { kind: "bars", ...named("bars"), bars: [{ x: "2024-01-02", from: 2, y: 3, words }], days: 0.5 },
  { kind: "rules", ...named("rule"), axis: "x", at: ["2024-01-02"], dash: "dot" },
];
const ON_ROWS: Mark[] = [
  {
    kind: "rowBars",
    ...named("row bars"),
    bars: [{ row: 1, from: 1, to: 2, words, note: sameText("noted") }],
  },
  { kind: "cells", kinds: [named("cells")], cells: [{ column: 1, row: 0, kind: 0, words }] },
];

const description: Description = {
  id: "all-marks",
  title: { en: "All & marks", vi: "Mọi dấu" },
  subtitle: sameText("of both forms"),
  alt: sameText("A picture."),
  source: "csv",
  x: { kind: "day" },
  panels: [
    { height: 200, y: { kind: "number", label: sameText("value") }, marks: OVER_DAYS },
    {
      height: 12,
      y: null,
      marks: [{ kind: "bars", ...named("strip"), bars: [{ x: "2024-01-03", y: 1, days: 1 }] }],
    },
    {
      height: 80,
      title: sameText("rows"),
      x: { kind: "number" },
      y: { kind: "number", names: [named("first").label, named("second").label] },
      marks: ON_ROWS,
    },
  ],
};

type Shown = { data: { name: string; showlegend?: boolean; type: string }[]; layout: Record<string, never> };
const shown = (one: Description) => inLanguage(makeFigure(one).interactive, "en") as Shown;

describe("the two forms of a figure", () => {
  const svg = makeFigure(description).svg();
  const { data, layout } = shown(description);

  it("list the same marks in their legends, in the same order", () => {
    const still = [...svg.matchAll(/<g class="candlebook-legend".*?<text [^>]*>([^<]*)</g)].map(
      ([, label]) => label,
    );
    const listed = data.filter(({ showlegend, type }) => showlegend !== false && type !== "heatmap");
    expect(still).toEqual(["band", "line", "points", "bars", "rule", "strip", "row bars", "cells"]);
    expect(listed.map(({ name }) => name)).toEqual(still);
  });

  it("write the same texts on their axes, and run no markup in them", () => {
    for (const text of ["value", "first", "second", "noted"]) {
      expect(svg).toContain(text);
      expect(JSON.stringify(layout)).toContain(text);
    }
    expect(svg).toContain('data-vi="vi first"');
    expect(svg).toContain("All &amp; marks");
    expect(JSON.stringify([data, layout])).not.toMatch(/<b>pointed|All & /);
    expect(svg).not.toContain("NaN");
  });

  it("have the panels one below the other, each with its own or with the shared axis", () => {
    const axes = Object.keys(layout).filter((name) => /axis\d*$/.test(name));
    expect(axes.sort()).toEqual(["xaxis", "xaxis3", "yaxis", "yaxis2", "yaxis3"]);
    const [[, end], [bottom, top], [lowest, low]] = ["yaxis", "yaxis2", "yaxis3"].map(
      (axis) => (layout[axis] as { domain: [number, number] }).domain,
    );
    expect([end, lowest]).toEqual([1, 0]);
    expect(bottom).toBeLessThan(top);
    expect(low).toBeLessThan(bottom);
  });

  it("differ where the still form is described otherwise", () => {
    const other = makeFigure(description, { ...description, title: sameText("Less") });
    expect(other.svg()).toContain("<title>Less</title>");
    expect(other.title.en).toBe("All & marks");
  });
});
