import { describe, expect, it } from "vitest";
import { recognizeLines } from "../../testkit/recognize.ts";
import type { CandlebookError } from "../core/errors.ts";
import type { KnownOfText } from "./known.ts";

const HEADER = "open_time,open,high,low,close,base_volume";

/** Minutes with further cells behind, by columns `name: value`. */
function file(more: Record<string, string> = {}): string[] {
  const header = [HEADER, ...Object.keys(more)].join(",");
  const rows = Array.from({ length: 6 }, (_, i) =>
    [
      1709251200000 + i * 60_000,
      100 + i,
      101.5 + i,
      99.5 + i,
      101 + i,
      1.5 + i / 7,
      ...Object.values(more),
    ].join(),
  );
  return [header, ...rows];
}

type Known = Partial<Omit<KnownOfText, "folders">> & { path?: string };

/** The file's market, in words, or the code of its refusal with its sentences. */
function read(more: Record<string, string>, { path = "data.csv", ...known }: Known = {}): string {
  const [name, ...folders] = path.split("/").toReversed();
  try {
    const lines = file(more);
    const { symbol, form, market, venue } = recognizeLines(lines, {
      names: [name],
      folders,
      where: path,
      ...known,
    });
    const rows = form.columns.symbol === null ? "" : form.perpetual ? ", rows are perpetuals" : ", by row";
    return `${symbol ?? market?.symbol}${rows}${venue === null ? "" : ` on ${venue}`}`;
  } catch (error) {
    const { code, message, next } = error as CandlebookError;
    return `${code}: ${message} ${next}`;
  }
}

describe("the statements of a file's market, joined", () => {
  it.each<[Record<string, string>, string, string]>([
    [{ symbol: "BTCUSDT" }, "data.csv", "BTCUSDT, by row"],
    [{ symbol: "BTCUSDT", market_type: "futures" }, "data.csv", "BTCUSDT_PERP, rows are perpetuals"],
    [{ symbol: "BTCUSDT", category: "linear" }, "data.csv", "BTCUSDT_PERP, rows are perpetuals"],
    [{ symbol: "BTCUSDT", category: "crypto" }, "data.csv", "BTCUSDT, by row"],
    [{ symbol: "BTCUSDT", market: "swap" }, "data.csv", "BTCUSDT_PERP, rows are perpetuals"],
    [
      { symbol: "BTCUSDT", exchange: "binanceusdm" },
      "data.csv",
      "BTCUSDT_PERP, rows are perpetuals on BINANCE",
    ],
    [{ symbol: "BTCUSDT", venue: "OKEX" }, "data.csv", "BTCUSDT, by row on OKX"],
    [{ symbol: "BTCUSDT_240628", type: "future" }, "data.csv", "BTCUSDT_240628, by row"],
    [{ market: "spot", exchange: "kraken" }, "BTCUSDT.csv", "BTCUSDT on KRAKEN"],
    [{ symbol: "BTCUSDT" }, "futures/um/BTCUSDT-1m.csv", "BTCUSDT_PERP, rows are perpetuals"],
    [{ symbol: "BTCUSDT" }, "BTCUSDT_PERP-1m.csv", "BTCUSDT_PERP, rows are perpetuals"],
    [{ coin: "BTC", currency: "EUR" }, "data.csv", "BTCEUR, by row"],
    [{ symbol: "BTC" }, "BTCUSDT-1m.csv", "BTCUSDT, by row"],
    [{ symbol: "BTC" }, "bitstampUSD.csv", "BTCUSD, by row on BITSTAMP"],
    [{ symbol: "BINANCE:BTCUSDT" }, "data.csv", "BTCUSDT, by row on BINANCE"],
    [{ base_asset: "BTC", quote_asset: "EUR" }, "data.csv", "BTCEUR"],
    [{ fsym: "BTC", tsym: "EUR" }, "data.csv", "BTCEUR"],
    [{ trading_pair: "BTC-USDT" }, "data.csv", "BTCUSDT, by row"],
    [{ asset: "Bitcoin" }, "BTCUSDT.csv", "BTCUSDT"],
    [{ currency: "USDT" }, "BTCUSDT.csv", "BTCUSDT, by row"],
    [{}, "spot/kraken/BTCUSDT.csv", "BTCUSDT on KRAKEN"],
    [{}, "binance_futures/BTCUSDT.csv", "BTCUSDT_PERP on BINANCE"],
    [{}, "usdm/BTCUSDT.csv", "BTCUSDT_PERP"],
    [{}, "BTCUSDT_linear.csv", "BTCUSDT_PERP"],
    [{}, "futures/um/BTCUSDT_240628-1m-2024-03-01.csv", "BTCUSDT_240628"],
    [{}, "home/mark/data/BTCUSDT.csv", "BTCUSDT"],
  ])("%j in %s: %s", (columns, path, found) => {
    expect(read(columns, { path })).toBe(found);
  });

  it.each<[Record<string, string>, string, RegExp]>([
    [
      { symbol: "ETHUSDT" },
      "BTCUSDT-1m.csv",
      /column 7: ETHUSDT, but the name BTCUSDT-1m.csv: BTCUSDT.*ETHUSDT=BTC/,
    ],
    [{ product_id: "ETHUSDT" }, "BTCUSDT-1m.csv", /column 7: ETHUSDT, but the name/],
    [{ base: "BTC", quote: "EUR" }, "BTCUSDT.csv", /column 8: EUR, but the name BTCUSDT.csv: BTCUSDT/],
    [{ base: "BTC", quote: "EUR", symbol: "BTCUSDT" }, "data.csv", /column 9: BTCUSDT, but column 8: EUR/],
    [{ coin: "BTC", currency: "EUR" }, "BTCUSDT.csv", /column 8: EUR, but the name/],
    [{ symbol: "kPEPE" }, "data.csv", /column 7: KPEPE alone/],
    [{}, "itbitUSD.csv", /the name itbitUSD.csv: USD, ITBIT alone.*BTCUSD=itbitUSD.csv/],
    [{ symbol: "BTCUSDT" }, "spot/BTCUSDT_PERP.csv", /perpetual, but the folder spot: spot/],
    [{ market_type: "spot" }, "futures/BTCUSDT.csv", /column 7: spot, but the folder futures: future/],
    [{ exchange: "kraken" }, "binance/BTCUSDT.csv", /column 7: KRAKEN, but the folder binance: BINANCE/],
    [{ symbol: "BTC", coin: "ETH" }, "data.csv", /column 7: BTC alone.*BTCUSDT=data.csv/],
    [{ symbol: "BTC_CQ" }, "data.csv", /line 2.*column 7 has "BTC_CQ".*BTCUSDT=data.csv/],
    [
      { symbol: "BTCUSDT", contract_type: "CURRENT_QUARTER" },
      "data.csv",
      /delivery of BTCUSDT.*BTCUSDT_240628=/,
    ],
    [{ symbol: "BTCUSDT", price_type: "mark" }, "data.csv", /column 8 states prices of an index/],
    [{}, "BTCUSDT-index-1m.csv", /the name BTCUSDT-index-1m.csv states prices of an index/],
    [
      {},
      "um/daily/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m.csv",
      /the folder markPriceKlines states prices of an index/,
    ],
  ])("%j in %s is refused", (columns, path, sentences) => {
    expect(read(columns, { path })).toMatch(/^no_symbol: /);
    expect(read(columns, { path })).toMatch(sentences);
  });

  it("believes the columns where the person takes conflicts", () => {
    const stated = { allowConflicts: true };
    expect(read({ symbol: "ETHUSDT" }, { path: "BTCUSDT.csv", stated })).toBe("ETHUSDT, by row");
    expect(read({ exchange: "kraken" }, { path: "binance/BTCUSDT.csv", stated })).toBe("BTCUSDT on KRAKEN");
  });
});

describe("what the person states of the market", () => {
  it.each<[string, Record<string, string>, string, string]>([
    ["BTCUSDT_PERP", { symbol: "BTCUSDT" }, "data.csv", "BTCUSDT_PERP, by row"],
    ["BTCUSDT_PERP", { symbol: "BTCUSDT", market: "futures" }, "data.csv", "BTCUSDT_PERP, by row"],
    ["BTCUSDT_240628", { symbol: "BTCUSDT", type: "CURRENT_QUARTER" }, "data.csv", "BTCUSDT_240628, by row"],
    ["BTCUSD", { symbol: "XBTUSD" }, "data.csv", "BTCUSD, by row"],
    ["BTCUSD_240628", { symbol: "BTC_CQ" }, "data.csv", "BTCUSD_240628"],
    ["BTCUSDT", {}, "markPriceKlines/BTCUSDT.csv", "BTCUSDT"],
    ["BTCUSDT", {}, "futures/ETHUSDT.csv", "BTCUSDT"],
  ])("%s=, %j in %s: %s", (symbol, columns, path, found) => {
    expect(read(columns, { symbol, path })).toBe(found);
  });

  it("is refused where a column of kinds contradicts it, with the symbol that it would be", () => {
    const said = read({ symbol: "BTCUSDT", market_type: "um" }, { symbol: "BTCUSDT" });
    expect(said).toMatch(
      /^no_symbol: .*SYMBOL=PATH: BTCUSDT, spot, but column 8: future.*BTCUSDT_PERP=data.csv/,
    );
  });

  it("is not mixed with the plain pair where the column has the whole symbol too", () => {
    const lines = file({ symbol: "BTCUSDT_PERP" });
    const names = (some: string[]) => recognizeLines(some, { symbol: "BTCUSDT_PERP", names: [] }).form.names;
    expect(names([...lines.slice(0, 4), ...file({ symbol: "BTCUSDT" }).slice(4)])).toEqual(["BTCUSDT_PERP"]);
    expect(names(file({ symbol: "BTCUSDT" }))).toContain("BTCUSDT");
  });
});

describe("columns that have two markets", () => {
  it.each<[string, string, string]>([
    ["exchange", "binance", "kraken"],
    ["market_type", "spot", "futures"],
    ["category", "linear", "spot"],
    ["contract_type", "", "PERPETUAL"],
    ["symbol", "BINANCE:BTCUSDT", "KRAKEN:BTCUSDT"],
  ])("%s: %s and %s", (name, one, other) => {
    const lines = [...file({ [name]: one }).slice(0, 4), ...file({ [name]: other }).slice(4)];
    expect(() => recognizeLines(lines)).toThrow(/line 5: .*two markets in one file/);
  });
});
