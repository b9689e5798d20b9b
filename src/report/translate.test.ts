import { describe, expect, it } from "vitest";
import { vietnamese, vietnameseFigure } from "./translate.ts";
import { VIETNAMESE } from "./vietnamese.ts";
import { VIETNAMESE_TABLES } from "./vietnameseTables.ts";

describe("the report's figures and tables in Vietnamese", () => {
  it.each([
    ["BTCUSDT: daily candles", "BTCUSDT: nến ngày"],
    ["↑ close, quote currency", "↑ giá đóng, tiền định giá"],
    ["days ahead →", "số ngày phía trước →"],
    ["2026-04-02 to 2026-06-30, days are UTC", "2026-04-02 đến 2026-06-30, ngày tính theo UTC"],
    ["ETHUSDT: 30-day forecast by theta", "ETHUSDT: dự báo 30 ngày của theta"],
    ["90 more rows", "còn 90 dòng nữa"],
    ["BTCUSDT_1min.csv.gz: 130000 lines, three readers", "BTCUSDT_1min.csv.gz: 130000 dòng, ba cách đọc"],
    [
      "The exchange was asked for the minutes from 2025-01-01T00:00:00.000Z to before 2025-01-02, and answered at 2025-02-01.",
      "Sàn đã được hỏi nến phút từ 2025-01-01T00:00:00.000Z đến trước 2025-01-02, và trả lời lúc 2025-02-01.",
    ],
    ["Jan 2025", "2025 thg 1"],
    ["Forecast by drift. No rows.", "Dự báo của drift. Không có dòng nào."],
    ["BTCUSDT: the largest holes: no rows.", "BTCUSDT: các khoảng trống lớn nhất: không có dòng nào."],
  ])("%s", (english, shown) => {
    expect(vietnamese(english)).toBe(shown);
  });

  it("leaves what it does not know as it is: names, numbers, other people's words", () => {
    for (const text of ["BTCUSDT", "1,048,080", "seasonal_naive", "my own remark here", "", "−3.2 %"])
      expect(vietnamese(text)).toBe(text);
  });

  it("loses no number and no name", () => {
    const blanks = (text: string) => text.match(/#/g)?.length ?? 0;
    const all = [...Object.entries(VIETNAMESE), ...Object.entries(VIETNAMESE_TABLES)];
    expect(all.length).toBeGreaterThan(350);
    expect(all.filter(([english, shown]) => blanks(english) !== blanks(shown))).toEqual([]);
  });

  it("gives up on a text that is all joints", () => {
    const text = "a; b. c: d, e and f · ".repeat(90);
    expect(vietnamese(text)).toBe(text);
    expect(vietnamese(text.repeat(20))).toBe(text.repeat(20));
  });

  it("speaks in a figure's titles and names, and changes no data", () => {
    const title =
      '<b>BTCUSDT: daily candles</b><br><span style="font-size:12px">7 days in both layers, 7 equal</span>';
    const figure = {
      data: [{ type: "scatter", name: "close", x: ["2025-01-01"], y: [1], mode: "lines" }],
      layout: { title: { text: title }, xaxis: { type: "date", title: { text: "year" } } },
    };
    expect(vietnameseFigure(figure)).toEqual({
      data: [{ type: "scatter", name: "giá đóng", x: ["2025-01-01"], y: [1], mode: "lines" }],
      layout: {
        title: {
          text: '<b>BTCUSDT: nến ngày</b><br><span style="font-size:12px">7 ngày có ở cả hai lớp, 7 ngày bằng nhau</span>',
        },
        xaxis: { type: "date", title: { text: "năm" }, tickformatstops: expect.any(Array) },
      },
    });
  });
});
