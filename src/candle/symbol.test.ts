import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalSymbols } from "../../testkit/symbols.ts";
import { assetOf, isDollar, isSpot, marketOf, normalizeSymbol, parseSymbol, sameCoin } from "./symbol.ts";

describe("normalizeSymbol", () => {
  it.each([
    [" btcusdt ", "BTCUSDT"],
    ["btc/usdt", "BTCUSDT"],
    ["BTC-USDT", "BTCUSDT"],
    ["BTC_USDT", "BTCUSDT"],
    ["BTC / USDT", "BTCUSDT"],
    ["BTC USDT", "BTCUSDT"],
    ["币安人生USDT", "币安人生USDT"],
    ["e\u0301t/usdt", "ÉTUSDT"],
    ["USDT_BTC", "BTCUSDT"],
    ["KRW-BTC", "BTCKRW"],
    ["EUR_USDT", "EURUSDT"],
    ["TUSD/BTC", "TUSDBTC"],
    ["TUSD_BTC", "TUSDBTC"],
    ["BTC/USDT:USDT", "BTCUSDT_PERP"],
    ["X:BTC-USD", "BTCUSD"],
    ["X:BTCUSD", "BTCUSD"],
    ["BTC/USD:BTC", "BTCUSD_PERP"],
    ["BTC-USDT-SWAP", "BTCUSDT_PERP"],
    ["BTCUSD_PERP", "BTCUSD_PERP"],
    ["BTCUSDT.P", "BTCUSDT_PERP"],
    ["BTC_USDT_USDT", "BTCUSDT_PERP"],
    ["BTC-PERPETUAL", "BTC_PERP"],
    ["BTCUSDT_240628", "BTCUSDT_240628"],
    ["BTC/USDT:USDT-240628", "BTCUSDT_240628"],
    ["BTC-USD-240628", "BTCUSD_240628"],
  ])("%j → %s", (spelling, symbol) => {
    expect(normalizeSymbol(spelling)).toBe(symbol);
  });

  it.each([
    ...["", "A", "../BTC", "/etc", "BTC\0USDT", "CON", "nul", "COM¹", "BTC-", "BTC-USDT-ETH"],
    ...["großusdt", "ǰUSDT", "\u1100\u11ffUSDT"],
    ...["BTC-28JUN24", "BTC/USDT:USDT-240628-60000-C", "BTCUSDT_2024", "BTCUSDT_241399", "BINANCE:BTCUSDT"],
    "B".repeat(31),
  ])("refuses %j", (spelling) => {
    expect(normalizeSymbol(spelling)).toBeNull();
    expect(() => parseSymbol(spelling)).toThrow(/is not a valid trading pair/);
  });

  it("leaves a canonical symbol as it is", () => {
    fc.assert(
      fc.property(canonicalSymbols, (symbol) => {
        expect(normalizeSymbol(symbol)).toBe(symbol);
      }),
    );
  });
});

describe("marketOf", () => {
  it.each([
    ["BTCUSDT", "BTC", "USDT", "spot"],
    ["TUSDT", "T", "USDT", "spot"],
    ["BTCFDUSD", "BTC", "FDUSD", "spot"],
    ["USDTUSD", "USDT", "USD", "spot"],
    ["DOTUSD", "DOT", "USD", "spot"],
    ["XBTUSD", "XBT", "USD", "spot"],
    ["BTCBUSD", "BTC", "BUSD", "spot"],
    ["ETHUSD", "ETH", "USD", "spot"],
    ["ETHBTC", "ETH", "BTC", "spot"],
    ["币安人生USDT", "币安人生", "USDT", "spot"],
    ["BTCUSD_PERP", "BTC", "USD", "perpetual"],
    ["BTCUSDT_240628", "BTC", "USDT", "delivery"],
    ["BUSD", null, null, "spot"],
    ["BTC_PERP", null, null, "perpetual"],
  ])("%s is %s in %s, %s", (symbol, base, quote, kind) => {
    expect(marketOf(symbol)).toEqual({ symbol, base, quote, kind });
    expect(isSpot(symbol)).toBe(kind === "spot");
  });

  it("compares coins by name, and dollars by worth apart", () => {
    expect([sameCoin("xbt", "BTC"), sameCoin("USDT", "USD"), sameCoin("BTC", "BCH")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(["USD", "usdc", "EUR"].map(isDollar)).toEqual([true, true, false]);
  });
});

describe("assetOf", () => {
  it.each([
    ["BTCUSDT", "btc"],
    ["BTCEUR", "btceur"],
    ["USDT", "usdt"],
    ["1000SHIBUSDT", "1000shib"],
    ["CONUSDT", "conusdt"],
    ["BTCUSDT_PERP", "btcusdt_perp"],
    ["BTCUSDT_240628", "btcusdt_240628"],
    ["币安USDT", "_u5e01__u5b89_"],
    ["ÉTEUR", "_uc9_teur"],
  ])("%s has the name %s", (symbol, asset) => {
    expect(assetOf(symbol)).toBe(asset);
  });

  it("is a name that every file system and engine takes", () => {
    fc.assert(
      fc.property(canonicalSymbols, (symbol) => {
        expect(assetOf(symbol)).toMatch(/^[a-z0-9_]{1,250}$/);
        expect(assetOf(symbol)).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/);
      }),
    );
  });

  it("is shared by two symbols only where one is the other with USDT behind it", () => {
    fc.assert(
      fc.property(canonicalSymbols, canonicalSymbols, (a, b) => {
        if (assetOf(a) === assetOf(b) && a !== b)
          expect([`${a}USDT`, `${b}USDT`].some((one) => one === a || one === b)).toBe(true);
      }),
    );
  });
});
