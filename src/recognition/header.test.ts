import { describe, expect, it } from "vitest";
import { marketOf } from "../candle/symbol.ts";
import { readHeader } from "./header.ts";

/** The places of time, open, high, low, close, and the volumes with their units. */
function read(header: string, symbol = "BTCUSDT") {
  const { places, volumes, missing, coin } = readHeader(header.split(","), marketOf(symbol));
  const { time, open, high, low, close, trades, closeTime, symbol: pair } = places;
  const own = volumes.filter(({ unit }) => unit !== "qualified");
  const units = Object.fromEntries(own.map(({ name, unit }) => [name, unit]));
  return { prices: [time, open, high, low, close], trades, closeTime, pair, units, missing, coin };
}

describe("a header", () => {
  it.each([
    ["Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume", [0, 3, 4, 5, 6]],
    ["unix,date,symbol,open,high,low,close,Volume USDT,Volume BTC,tradecount", [0, 3, 4, 5, 6]],
    ["close,open,low,high,volume,open_time", [5, 1, 3, 2, 0]],
    ["ts,open,close,low,high,amount,vol,count", [0, 1, 4, 3, 2]],
    ["instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm", [8, 1, 2, 3, 4]],
    [
      "time_period_start,time_period_end,price_open,price_high,price_low,price_close,volume_traded",
      [0, 2, 3, 4, 5],
    ],
    ["id,open,close,low,high,amount,vol,count", [0, 1, 4, 3, 2]],
  ])("%s", (header, prices) => {
    expect(read(header)).toMatchObject({ prices, missing: [] });
  });

  it("of WebSocket keys: the case tells open time and close time, low and last trade apart", () => {
    const header = "t,T,s,i,f,L,o,c,h,l,v,n,q,V,Q";
    expect(read(header)).toMatchObject({ prices: [0, 6, 8, 9, 7], closeTime: 1, trades: 11, pair: 2 });
    expect(read("T,O,H,L,C,V")).toMatchObject({ prices: [0, 1, 2, 3, 4], missing: [] });
  });

  it.each([
    ["time,open,high,low,close,Volume USDT,Volume BTC", { "Volume USDT": "quote", "Volume BTC": "base" }],
    ["time,open,high,low,close,volumeto,volumefrom", { volumeto: "quote", volumefrom: "base" }],
    ["time,open,high,low,close,volume_ma20,Volume(BTC)", { "Volume(BTC)": "base" }],
    [
      "time,open,high,low,close,Volume_(BTC),Volume_(Currency)",
      { "Volume_(BTC)": "base", "Volume_(Currency)": "quote" },
    ],
    ["time,open,high,low,close,taker_buy_volume,sell_volume,volume_24h", {}],
    ["time,open,high,low,close,volume,quote_volume,buy_volume", { volume: "unnamed", quote_volume: "quote" }],
    ["date,high,low,open,close,volume,quoteVolume,weightedAverage", { volume: "quote", quoteVolume: "base" }],
  ])("%s: units of its volumes", (header, units) => {
    expect(read(header).units).toEqual(units);
  });

  it("names a coin that is base in one market and quote in another", () => {
    const header = "time,open,high,low,close,Volume ETH,Volume BTC";
    expect(read(header, "ETHBTC").units).toEqual({ "Volume ETH": "base", "Volume BTC": "quote" });
    expect(read(header, "BTCUSDT").units).toEqual({ "Volume BTC": "base" });
  });

  it("names what is missing, and the coin", () => {
    expect(read("time,open,close").missing).toEqual(["high", "low"]);
    expect(readHeader("t,o,h,l,c,Volume_(BTC),Volume_(Currency)".split(","), null).coin).toBe("BTC");
  });
});
