import { expect, it } from "vitest";
import type { Day } from "../../time/day.ts";
import { archiveFile, fileOfName } from "./archiveClient.ts";
import { combinedStreamUrl, parseFrame } from "./frame.ts";

it.each(["BTCUSDT", "币安人生USDT", "BTCUSDT_240628"])(
  "the name of an archive's file of %s is read back",
  (symbol) => {
    const file = archiveFile(symbol, "1m", "daily", "2025-10-20" as Day);
    expect(fileOfName(file.name)).toEqual(file);
    expect(new URL(file.path, "https://example.org").pathname).toBe(file.path);
    expect(decodeURI(file.path)).toBe(`/data/spot/daily/klines/${symbol}/1m/${symbol}-1m-2025-10-20.zip`);
  },
);

it("a name without a symbol is no archive's file", () => {
  expect([fileOfName("../x-1m-2025-10"), fileOfName("btcusdt-1m-2025-10")]).toEqual([null, null]);
});

it("a stream's address holds the symbol's letters by their escapes", () => {
  const url = combinedStreamUrl("wss://example.org", ["币USDT"], "1m");
  expect(url).toMatch(/^[\x21-\x7e]+$/);
  expect(new URL(url).searchParams.get("streams")).toBe("币usdt@kline_1m/币usdt@ticker");
});

it("a stream's candles have their interval", () => {
  const url = combinedStreamUrl("wss://example.org", ["BTCUSDT"], "1s");
  expect(new URL(url).searchParams.get("streams")).toBe("btcusdt@kline_1s/btcusdt@ticker");
  const amounts = { q: "1", n: 1, V: "1", Q: "1", x: true };
  const k = (i: string) => ({ t: 0, i, o: "1", h: "1", l: "1", c: "1", v: "1", ...amounts });
  const parsed = (i: string) => parseFrame(JSON.stringify({ e: "kline", E: 1, s: "BTCUSDT", k: k(i) }));
  expect(parsed("1s")).toMatchObject({ kind: "kline", frame: { interval: "1s" } });
  // A month has no fixed length.
  expect(parsed("1M")).toEqual({ kind: "other", type: "1M" });
});

it.each([
  ["币安人生USDT", "ticker"],
  ["btcusdt", "broken"],
  ["../x", "broken"],
])("a frame of %s is %s", (symbol, kind) => {
  expect(parseFrame(JSON.stringify({ e: "24hrTicker", E: 1, s: symbol, c: "1" })).kind).toBe(kind);
});
