import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellText, tableHtml, tableText } from "./table.ts";

/** The cells of the only row. */
const shown = (row: Record<string, unknown>) => tableText([row]).split("\n")[1].split("\t");

describe("a table", () => {
  it("shows measures with four digits, prices and volumes with all that they have", () => {
    const row = { mape: 7.8376238, skill: -0.00016510898, coverage80: 82.361111, change_percent: 35.252255 };
    expect(shown(row)).toEqual(["7.84", "0.0", "82.4", "35.25"]);
    expect(shown({ close: 124908.45, volume: 11.51544, percent_of: 0.123456 })).toEqual([
      "124,908.45",
      "11.51544",
      "0.123456",
    ]);
    expect(shown({ minutes: 2365n, year: 2025, skill: null })).toEqual(["2,365", "2025", "–"]);
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

describe("a column", () => {
  const column = (name: string, values: unknown[]) =>
    tableText(values.map((value) => ({ [name]: value })))
      .split("\n")
      .slice(1);

  it("has the same decimals in every cell, as many as its largest number is known to", () => {
    expect(column("close", [93657.4, 9165.63, null])).toEqual(["93,657.40", "9,165.63", "–"]);
    expect(column("volume", [206051.47800000006, 0.1])).toEqual(["206,051.48", "0.10"]);
    expect(column("mape", [6.6652, 12.80321])).toEqual(["6.67", "12.80"]);
    expect(column("close", [68204.11, 0.12345])).toEqual(["68,204.110", "0.123"]);
    expect(column("close", [0.00001234])).toEqual(["0.00001234"]);
    expect(column("median", [98852.838, 116300.92])).toEqual(["98,853", "116,301"]);
  });

  it("loses nothing that a digit could show, whatever the numbers are", () => {
    const number = fc.oneof(
      fc.double({ min: 1e-8, max: 1e12, noNaN: true }),
      fc.integer({ min: -1e9, max: 1e9 }),
    );
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), (values) => {
        const cells = column("volume", values);
        expect(new Set(cells.map((cell) => cell.split(".")[1]?.length ?? 0)).size).toBe(1);
        for (const [i, value] of values.entries()) {
          const shown = Number(cells[i].replaceAll(",", "").replace("−", "-"));
          expect(Math.abs(shown - value)).toBeLessThanOrEqual(0.005 * Math.abs(value) + 1e-12);
        }
      }),
    );
  });

  it("has its unit in its head: of the pair that all rows have, else what it is", () => {
    const heads = (rows: Record<string, unknown>[], symbol?: string) =>
      tableText(rows, { symbol }).split("\n")[0].split("\t");
    const prices = { close: 1, volume: 2, quote_volume: 3, change_percent: 4 };
    expect(heads([prices], "ETHBTC")).toEqual([
      "close, BTC",
      "volume, ETH",
      "quote volume, BTC",
      "change, %",
    ]);
    expect(heads([{ symbol: "BTCUSDT", close: 1 }])).toEqual(["symbol", "close, USDT"]);
    const two = ["BTCUSDT", "ETHUSDT"].map((symbol) => ({ symbol, close: 1, volume: 2 }));
    expect(heads(two)).toEqual(["symbol", "close, USDT", "volume, base currency"]);
    expect(heads([{ dmT: 1, hi80: 2, own_percent: 3, outOfOrder: 4 }])).toEqual([
      "t of Diebold and Mariano",
      "80 % band to, quote currency",
      "own, %",
      "out of order",
    ]);
  });

  it("writes numbers as each language does, and their exact value for machines", () => {
    const html = tableHtml([{ close: 93657.4, volume: 206051.47800000006 }]);
    expect(html).toContain('data-value="93657.4"><span data-vi="93.657,4">93,657.4</span>');
    expect(html).toContain('data-value="206051.478"');
  });
});
