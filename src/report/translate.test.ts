import { describe, expect, it } from "vitest";
import { vietnamese } from "./translate.ts";
import { VIETNAMESE } from "./vietnamese.ts";

describe("what notebooks' cells say, in Vietnamese", () => {
  it.each([
    ["days ahead →", "số ngày phía trước →"],
    ["90 more rows", "còn 90 dòng nữa"],
    ["BTCUSDT_1min.csv.gz: 130000 lines, three readers", "BTCUSDT_1min.csv.gz: 130000 dòng, ba cách đọc"],
    [
      "The exchange was asked for the minutes from 2025-01-01T00:00:00.000Z to before 2025-01-02, and answered at 2025-02-01.",
      "Sàn đã được hỏi nến phút từ 2025-01-01T00:00:00.000Z đến trước 2025-01-02, và trả lời lúc 2025-02-01.",
    ],
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
    const all = Object.entries(VIETNAMESE);
    expect(all.length).toBeGreaterThan(150);
    expect(all.filter(([english, shown]) => blanks(english) !== blanks(shown))).toEqual([]);
  });

  it("gives up on a text that is all joints", () => {
    const text = "a; b. c: d, e and f · ".repeat(90);
    expect(vietnamese(text)).toBe(text);
    expect(vietnamese(text.repeat(20))).toBe(text.repeat(20));
  });
});
