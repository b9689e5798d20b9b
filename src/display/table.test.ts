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
    expect(cellText(new Date("2025-11-18T10:00:00Z")).en).toBe("2025-11-18 10:00 UTC");
    expect(cellText("2025-11-18T10:00:30.500Z").en).toBe("2025-11-18 10:00:30.500 UTC");
  });

  it("has each text of its own in both languages, and a reader's own words as they are", () => {
    const sees = { en: "3 days", vi: "3 ngày" };
    expect(cellText(sees)).toEqual(sees);
    expect(cellText({ batch: 3, own: true })).toEqual({ en: "batch 3, own yes", vi: "theo lô 3, own có" });
    const html = tableHtml([{ open_time: "mine", my_own: 1, sees }], {
      caption: { en: "All", vi: "Tất cả" },
    });
    for (const [en, vi] of [
      ["All", "Tất cả"],
      ["open time", "thời điểm mở"],
      ["3 days", "3 ngày"],
    ])
      expect(html).toContain(`<span data-vi="${vi}">${en}</span>`);
    for (const own of [">mine</td>", ">my own</th>"]) expect(html).toContain(own);
    const rows = [{ fit: 1 }];
    expect(tableText(rows, { heads: { fit: { en: "fit, %", vi: "khớp, %" } } })).toBe("fit, %\n1");
  });

  it("has a caption in one line where it is short, escapes, and says how many rows it leaves out", () => {
    const rows = Array.from({ length: 15 }, (_, n) => ({ n }));
    const html = tableHtml(rows, { caption: "All & <more>" });
    expect(html).toContain('white-space:nowrap">All &amp; &lt;more&gt;</caption>');
    expect(html.match(/<tr>/g)).toHaveLength(1 + 12);
    expect(html).toContain('<em><span data-vi="còn 3 dòng nữa">3 more rows</span></em>');
    expect(tableHtml(rows, { caption: "long ".repeat(20) })).not.toContain("nowrap");
    expect(tableHtml([], { caption: "None" })).toBe(
      '<p><span data-vi="None: không có dòng nào.">None: no rows.</span></p>',
    );
  });
});
