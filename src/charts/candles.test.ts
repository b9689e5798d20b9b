import { describe, expect, it } from "vitest";
import { dayRows } from "../../testkit/tables.ts";
import type { FoldedCandle } from "../candle/candle.ts";
import { type Interval, nextOpenTime } from "../time/interval.ts";
import { candleChart } from "./candles.ts";
import { inLanguage } from "./inLanguage.ts";

const source = "csv" as const;
type Trace = { type: string; x: unknown[]; y?: unknown[]; text?: string[]; width?: number[] };

function foldedRows(interval: Interval, count: number, from = "2024-01-01T00:00:00Z"): FoldedCandle[] {
  const rows: FoldedCandle[] = [];
  let at: number = Date.parse(from);
  for (let i = 0; i < count; i += 1) {
    rows.push({
      ...{ symbol: "BTCUSDT", interval, open_time: new Date(at).toISOString().replace(".000", "") },
      ...{ open: 100 + i, high: 103 + i, low: 99 + i, close: 102 + i, volume: 2 },
      ...{ quote_volume: null, trades: null, taker_base: null, taker_quote: null, vwap: null },
      ...{ parts: i === 1 ? 3 : 4, expected: 4, origin: "batch", complete: i < count - 1, made_from: "1h" },
    });
    at = nextOpenTime(at, interval);
  }
  return rows;
}

const drawn = (rows: Parameters<typeof candleChart>[0], more = {}, language: "en" | "vi" = "en") => {
  const figure = candleChart(rows, { source, ...more });
  const { data, layout } = inLanguage(figure.interactive, language) as {
    data: Trace[];
    layout: { title: { text: string }; meta: unknown; xaxis: { range?: number[] } };
  };
  return { figure, data, layout };
};

describe("candles of an interval", () => {
  it("are at their open times, with their parts, and the strip of origins is as long as they are", () => {
    const { figure, data, layout } = drawn(foldedRows("4h", 12).toReversed());
    const candles = data.find(({ type }) => type === "candlestick");
    expect(candles?.x).toHaveLength(12);
    expect(candles?.x.slice(0, 2)).toEqual([Date.parse("2024-01-01"), Date.parse("2024-01-01T04:00Z")]);
    expect(candles?.text?.slice(0, 2)).toEqual([
      "4 of 4 parts from 1h, batch",
      "3 of 4 parts from 1h, batch",
    ]);
    expect(candles?.text?.at(-1)).toContain("not over yet");
    const strip = data.at(-1);
    expect(strip?.width).toEqual([2 * 86_400_000]);
    expect(strip?.x).toEqual([Date.parse("2024-01-01T22:00Z")]);
    expect(layout.title.text).toContain("BTCUSDT: candles of 4h");
    expect(layout.title.text).toContain("2024-01-01 00:00 to 2024-01-02 20:00, times are UTC");
    expect(figure.id).toBe("btcusdt-candles-4h");
    expect(figure.alt.en).toContain("12 candles of 4h from 2024-01-01 00:00 to 2024-01-02 20:00 (UTC)");
    expect(figure.alt.vi).toContain("12 nến 4h từ 2024-01-01 00:00");
    expect(drawn(foldedRows("4h", 3), {}, "vi").layout.title.text).toContain("BTCUSDT: nến 4h");
    expect(figure.svg()).toMatch(/^<svg .*<\/svg>$/s);
  });

  it.each([
    ["1h", 100, "candles of 1h"],
    ["1h", 1_000, "candles of 4h"],
    ["1h", 4_000, "daily candles"],
    ["1w", 100, "weekly candles"],
    ["1M", 100, "monthly candles"],
    ["1d", 100, "daily candles"],
  ] as const)("%s, %i of them: the still picture has %s", (interval, count, title) => {
    expect(drawn(foldedRows(interval, count, "2017-05-01T00:00:00Z")).figure.svg()).toContain(
      `BTCUSDT: ${title}`,
    );
  });

  it("show the last days first", () => {
    const { layout } = drawn(foldedRows("4h", 60), { last: "2d" });
    const end = Date.parse("2024-01-10T20:00Z");
    const hours = 3_600_000;
    expect(layout.xaxis.range).toEqual([end - 46 * hours, end + 2 * hours]);
  });

  it("of a query have no interval but the one that is named", () => {
    const rows = foldedRows("4h", 3).map(({ interval: _, ...row }) => ({
      ...row,
      open_time: row.open_time.replace("T", " ").replace("Z", "+00"),
    }));
    expect(() => drawn(rows)).toThrow(expect.objectContaining({ code: "no_interval", exit: 2 }));
    expect(drawn(rows, { interval: "4h" }).data[0].x).toEqual(drawn(foldedRows("4h", 3)).data[0].x);
  });

  it("of days are at their days", () => {
    const { figure, data } = drawn(dayRows("2024-01-01", 3));
    expect(data[0].x).toEqual(["2024-01-01", "2024-01-02", "2024-01-03"]);
    expect(figure.id).toBe("btcusdt-candles");
    expect(figure.alt.en).toContain("3 days from 2024-01-01 to 2024-01-03 (UTC)");
  });
});
