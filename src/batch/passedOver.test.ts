import { describe, expect, it } from "vitest";
import { fewOf, holdsTable, looksLikeTable, passedOverByName } from "./passedOver.ts";

describe("passedOverByName", () => {
  it.each([
    ["BTCUSDT.csv", null],
    ["2024/BTCUSDT.CSV", null],
    ["../../BTCUSDT.csv", null],
    ["__MACOSX/._BTCUSDT.csv", "hidden"],
    ["2024/._BTCUSDT.csv", "hidden"],
    [".git/a.csv", "hidden"],
    [".DS_Store", "hidden"],
    ["2024/", "a folder"],
    ["more.ZIP", "a zip in a zip"],
    ["chart.png", "no name of a file of candles"],
    ["BTCUSDT.json", "no name of a file of candles"],
  ])("%s: %s", (path, reason) => {
    expect(passedOverByName(path, /\.(csv|txt)$/i)).toBe(reason);
  });
});

describe("looksLikeTable", () => {
  it.each([
    "1723161600000,1,2,0.5,1.5,10",
    '"2024-01-01 00:00:00 UTC";"60.001,5";"1";"2"',
    "2024-01-01T00:00:00Z\t1\t2",
    "01/02/2024,12:00 PM,1,2,3,4",
    "1325317920,NaN,NaN,NaN,NaN,NaN",
    "BTCUSDT,1INCH,2024-01-01,1,2,3",
    '[[1723161600000,"1","2","1","2","3"],',
    "1 2 3",
    "1,2",
    "1.70925E+12|-5|.5",
    "\uFEFF1\0,\x002\0",
  ])("%j may be a row", (line) => {
    expect(looksLikeTable(["open,close", line])).toBe(true);
  });

  it.each([
    "",
    "open,high,low,close,volume",
    "Prices of 2024, in USDT, as Binance publishes them.",
    "Written on 3 May 2024, version 2",
    "a,1,b,2,c,d",
    "2024",
    "<html><body>404</body></html>",
    '{"name": "candles"}',
  ])("%j is no row", (line) => {
    expect(looksLikeTable([line])).toBe(false);
  });
});

describe("holdsTable", () => {
  async function* chunks(...texts: string[]) {
    for (const text of texts) yield Buffer.from(text);
  }

  it("reads a line over chunks, with any line ends", async () => {
    expect(await holdsTable(chunks("time,open\r1", ",2\r3,4"))).toBe(true);
  });

  it("reads a text without numbers to its end, where its checksum may be wrong", async () => {
    async function* damaged() {
      yield* chunks("words ".repeat(20_000));
      throw new Error("checksum");
    }
    await expect(holdsTable(damaged())).rejects.toThrow("checksum");
  });
});

it("fewOf shows the first five", () => {
  expect(fewOf(["a"])).toBe("a");
  expect(fewOf(["a", "b", "c", "d", "e", "f", "g"])).toBe("a; b; c; d; e; and 2 more");
});
