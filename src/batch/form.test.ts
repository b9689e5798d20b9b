import { describe, expect, it } from "vitest";
import { mapHeader } from "./columns.ts";
import { detectForm, symbolInNames } from "./form.ts";

describe("detectForm", () => {
  const row = "1723161600000,1,2,0.5,1.5,10";
  it.each([
    [[row], { headerLine: 0, fields: 6 }],
    [[`${row},1723161659999,15,3,1,1,0`], { headerLine: 0, fields: 12 }],
    [["Open time,Open,High,Low,Close,Volume", row], { headerLine: 1, fields: 6 }],
    [["", "open_time;open;high;low;close;volume"], { headerLine: 2, delimiter: ";" }],
    [
      ["https://example.org", "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT"],
      { headerLine: 2, fields: 9 },
    ],
    [['"timestamp"\t"open"\t"high"\t"low"\t"close"\t"volume"'], { headerLine: 1, delimiter: "\t" }],
  ])("%j", (lines, form) => {
    expect(detectForm("x.csv", lines)).toMatchObject(form);
  });

  it.each([
    [["a,b,c", "1,2,3"]],
    [["1,2,3,4"]],
    [['{"open": 1}']],
    [["open,high,low,close,volume", "1,2,3,4,5"]],
  ])("refuses %j, showing the line and the forms known", (lines) => {
    expect(() => detectForm("x.csv", lines)).toThrow(
      expect.objectContaining({ code: "unknown_form", exit: 2 }),
    );
    expect(() => detectForm("x.csv", lines)).toThrow(lines[0]);
  });
});

describe("mapHeader", () => {
  it.each([
    ["Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume", { time: 0, symbol: 2, volume: 7 }],
    ["Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price", { time: 0, volume: 5 }],
    ["unix,date,symbol,open,high,low,close,Volume USDT,Volume BTC,tradecount", { volume: 8, trades: 9 }],
    ["t,o,h,l,c,v", { time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, trades: null, symbol: null }],
    ["close,open,low,high,volume,open_time", { time: 5, close: 0 }],
  ])("%s", (header, columns) => {
    expect(mapHeader(header.split(","))).toEqual({ columns: expect.objectContaining(columns) });
  });

  it("names what is missing", () => {
    expect(mapHeader(["time", "open", "close"])).toEqual({ missing: ["high", "low", "volume"] });
  });
});

describe("symbolInNames", () => {
  it.each([
    [["BTCUSDT_1min.csv.gz"], "BTCUSDT"],
    [["ethusdt-1m-2024-01.zip"], "ETHUSDT"],
    [["archive.zip", "1000SHIBUSDT-1m.csv"], "1000SHIBUSDT"],
    [["Bitstamp_BTCEUR_1h.csv"], "BTCEUR"],
    [["prices.csv"], null],
    [["usdt.csv"], null],
  ])("%j → %s", (names, symbol) => {
    expect(symbolInNames(names)).toBe(symbol);
  });
});
