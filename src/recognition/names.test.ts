import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeSymbol } from "../candle/symbol.ts";
import { INTERVALS } from "../time/interval.ts";
import { statedByNames } from "./names.ts";

describe("statedByNames: the market", () => {
  it.each([
    ["BTCUSDT_1min.csv.gz", "BTCUSDT"],
    ["ethusdt-1m-2024-01.zip", "ETHUSDT"],
    ["1000SHIBUSDT-1m.csv", "1000SHIBUSDT"],
    ["Bitstamp_BTCEUR_1h.csv", "BTCEUR"],
    ["bitfinex_tBTCUSD_1m.csv", "BTCUSD"],
    ["XXBTZUSD_1.csv", "XBTUSD"],
    ["XETHXXBT.csv", "ETHXBT"],
    ["BTC-USDT-1m.csv", "BTCUSDT"],
    ["BTC_USDT.csv", "BTCUSDT"],
    ["btc_usdt.csv", "BTCUSDT"],
    ["btc_usdt", "BTCUSDT"],
    ["Binance_BTC_USDT_1h.csv", "BTCUSDT"],
    ["binanceBTCUSDT.csv", "BTCUSDT"],
    ["BTC-USD.csv", "BTCUSD"],
    ["ETH-BTC-1m.csv", "ETHBTC"],
    ["USDT_BTC.csv", "BTCUSDT"],
    ["KRW-BTC.csv", "BTCKRW"],
    ["DOTUSD_1.csv", "DOTUSD"],
    ["BTCUSD_PERP-1m-2024-03-01.csv", "BTCUSD_PERP"],
    ["BTC-USDT-SWAP-candles-2024-03-01.csv", "BTCUSDT_PERP"],
    ["BTC_USDT_USDT-1m-futures.csv", "BTCUSDT_PERP"],
    ["BTC_USD_BTC-1h-futures.csv", "BTCUSD_PERP"],
    ["BTCUSDT-1m-futures.csv", "BTCUSDT_PERP"],
    ["BINANCE_BTCUSDT.P, 60.csv", "BTCUSDT_PERP"],
    ["BTCUSDT_240628-1m-2024-03-01.csv", "BTCUSDT_240628"],
    ["BTC-USD-240628.csv", "BTCUSD_240628"],
    ["BTCUSDT_240301.csv", "BTCUSDT"],
    ["BTCUSDT_240627.csv", "BTCUSDT"],
    ["BTCUSDT_202403.csv", "BTCUSDT"],
    ["BTCUSDT_20240329.csv", "BTCUSDT"],
    ["币安人生USDT-1m-2025-10.csv", "币安人生USDT"],
    ["币安人生_USDT.csv", "币安人生USDT"],
    ["4USDT-1m-2025-10.csv", "4USDT"],
    ["prices.csv", null],
    ["usdt.csv", null],
    ["prices_USD.csv", null],
    ["price_usd.csv", null],
    ["historical_BTC.csv", null],
    ["my_btc.csv", null],
    ["BTC_ETH.csv", null],
    ["2024_USD.csv", null],
    ["1h_USD.csv", null],
    ["Bitcoin_USD.csv", null],
    ["entry.csv", null],
    ["hitbtc.csv", null],
    ["BTC_1h.csv", null],
  ])("%s: %s", (name, symbol) => {
    expect(statedByNames([name])).toMatchObject({ symbol, quoteOnly: null, contradiction: null });
  });

  it.each([
    ["bitstampUSD_1-min_data_2012-01-01_to_2021-03-31.csv", "USD", "bitstampUSD"],
    ["coinbaseUSD.csv", "USD", "coinbaseUSD"],
    ["krakenEUR_1-min.csv", "EUR", "krakenEUR"],
    ["binance_usdt_1m.csv", "USDT", "usdt"],
  ])("%s states the quote currency alone: %s", (name, quoteOnly, text) => {
    expect(statedByNames([name])).toMatchObject({ symbol: null, quoteOnly, evidence: { symbol: text } });
  });

  it.each([
    [["BTCUSDT_ETHUSDT.csv"], "BTCUSDT and ETHUSDT"],
    [["BTCUSDT.zip", "ETHUSDT.csv"], "BTCUSDT and ETHUSDT"],
    [["BTC_USDT.zip", "BTCUSDT_240628-1m.csv"], "BTCUSDT and BTCUSDT_240628"],
    [["BTC_USDT_ETH_USDT.csv"], "BTCUSDT and ETHUSDT"],
    [["bitstampEUR.zip", "BTCUSD.csv"], "BTCUSD and bitstampEUR"],
    [["bitstampEUR.zip", "bitstampUSD.csv"], "bitstampEUR and bitstampUSD"],
  ])("%j contradict each other: %s", (names, contradiction) => {
    expect(statedByNames(names)).toMatchObject({ symbol: null, quoteOnly: null, contradiction });
  });

  it.each([
    [["archive.zip", "1000SHIBUSDT-1m.csv"], "1000SHIBUSDT"],
    [["XBTUSD.zip", "BTCUSD.csv"], "XBTUSD"],
    [["BTCUSDT.zip", "BTC-USDT_2024.csv"], "BTCUSDT"],
    [["bitstampUSD.zip", "BTCUSD.csv"], "BTCUSD"],
    [["futures/um/BTCUSDT-1m.csv"], "BTCUSDT_PERP"],
  ])("%j agree on %s", (names, symbol) => {
    expect(statedByNames(names)).toMatchObject({ symbol, contradiction: null });
  });

  it("reads every pair it finds in its canonical form, and never throws", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "BTC",
        "usdt",
        "ETHUSDT",
        "_",
        "-",
        ".",
        "240628",
        "PERP",
        "1m",
        "币安",
        "bitstampUSD",
        "0",
      ),
      fc.string({ unit: "grapheme", maxLength: 3 }),
    );
    const name = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 3 }), (names) => {
        const { symbol } = statedByNames(names);
        if (symbol !== null) expect(normalizeSymbol(symbol)).toBe(symbol);
      }),
    );
  });
});

describe("statedByNames: the interval", () => {
  it.each([
    ["BTCUSDT_1min.csv.gz", "1m", "1min"],
    ["BTCUSDT-1h-2024-01.zip", "1h", "1h"],
    ["bitstampUSD_1-min_data_2012-01-01_to_2021-03-31.csv", "1m", "1-min"],
    ["BTCUSDT_60min.csv", "1h", "60min"],
    ["BTCUSDT-1M-2024.csv", "1M", "1M"],
    ["BTCUSDT-1m-2024.csv", "1m", "1m"],
    ["BTCUSDT-1M-2024.CSV", null, null],
    ["Binance_BTCUSDT_2023_minute.csv", "1m", "minute"],
    ["Binance_BTCUSDT_1h.csv", "1h", "1h"],
    ["Binance_BTCUSDT_d.csv", "1d", "d"],
    ["BTC-Hourly.csv", "1h", "Hourly"],
    ["BTC-Daily.csv", "1d", "Daily"],
    ["spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-01.csv", "1m", "1m"],
    ["BTCUSDT_1m_7d.csv", "1m", "1m"],
    ["BTCUSDT_1m_1h.csv", null, null],
    ["BTC-2021min.csv", null, null],
    ["BTCUSDT_day_2024-01-01.csv", null, null],
    ["BTCUSDT_2024-01-01_01h.csv", null, null],
    ["1INCHUSDT.csv", null, null],
  ])("%s: %s", (name, interval, text) => {
    const stated = statedByNames([name]);
    expect([stated.interval, stated.evidence.interval]).toEqual([interval, text]);
  });

  it.each([
    ["XBTUSD_60.csv", 60],
    ["XBTUSD_1.csv", 1],
    ["XBT_USD_1440.csv", 1440],
    ["BINANCE_BTCUSDT, 240.csv", 240],
    ["XBTUSD_2024.csv", null],
    ["XBTUSD_7.csv", null],
    ["XBTUSD_60_2.csv", null],
    ["60.csv", null],
  ])("%s has the bare minutes %s", (name, bareMinutes) => {
    expect(statedByNames([name])).toMatchObject({ bareMinutes, interval: null });
  });

  it("finds each interval behind a pair", () => {
    for (const interval of INTERVALS) {
      expect(statedByNames([`BTCUSDT-${interval}-2024-01.csv`])).toMatchObject({
        symbol: "BTCUSDT",
        interval,
      });
    }
  });
});
