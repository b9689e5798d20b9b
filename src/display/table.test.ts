import { describe, expect, it } from "vitest";
import { cellText, tableHtml, tableText } from "./table.ts";

/** The cells of the only row. */
const shown = (row: Record<string, unknown>) => tableText([row]).split("\n")[1].split("\t");

describe("a table", () => {
  it("shows measures with four digits, prices and volumes with all that they have", () => {
    const row = { mape: 7.8376238, skill: -0.00016510898, coverage80: 82.361111, change_percent: 35.252255 };
    expect(shown(row)).toEqual(["7.838", "−0.0001651", "82.36", "35.25"]);
    expect(shown({ close: 124908.45, volume: 11.51544, percent_of: 0.123456 })).toEqual([
      "124,908.45",
      "11.51544",
      "0.123456",
    ]);
    expect(shown({ percent: 1234.5678, minutes: 2365n, skill: null })).toEqual(["1234.5678", "2365", "–"]);
  });

  it("shows an instant in UTC, however it came", () => {
    expect(cellText(new Date("2025-11-18T10:00:00Z"))).toBe("2025-11-18 10:00 UTC");
    expect(cellText("2025-11-18T10:00:30.500Z")).toBe("2025-11-18 10:00:30.500 UTC");
  });

  it("shows the English of a text in several languages", () => {
    expect(cellText({ en: "3 days", vi: "3 ngày" })).toBe("3 days");
  });

  it("has a caption in one line where it is short, escapes, and says how many rows it leaves out", () => {
    const rows = Array.from({ length: 15 }, (_, n) => ({ n }));
    const html = tableHtml(rows, { caption: "All & <more>" });
    expect(html).toContain('white-space:nowrap">All &amp; &lt;more&gt;</caption>');
    expect(html.match(/<tr>/g)).toHaveLength(1 + 12);
    expect(html).toContain("<em>3 more rows</em>");
    expect(tableHtml(rows, { caption: "long ".repeat(20) })).not.toContain("nowrap");
    expect(tableHtml([], { caption: "None" })).toBe("<p>None: no rows.</p>");
  });
});
