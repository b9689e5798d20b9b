import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recognizeLines } from "../../testkit/recognize.ts";
import { marketOf } from "../candle/symbol.ts";
import type { KnownOfText } from "./known.ts";
import { readVolumes } from "./volumeName.ts";

const T = Date.UTC(2024, 2, 1);

interface Candle {
  time: number;
  /** Open, high, low, close. */
  prices: string;
  base: number;
  quote: number;
}

function candles(count: number, level = 60_000): Candle[] {
  return Array.from({ length: count }, (_, i) => {
    const price = level * (1 + 0.0001 * (i % 7));
    const prices = [price, price * 1.0002, price * 0.9998, price * 1.0001];
    const base = 1.25 + ((i * 37) % 100) / 10;
    return { time: T + i * 60_000, prices: prices.join(","), base, quote: base * price };
  });
}

const HEADER = "time,open,high,low,close";

/** The number of the column of volume, or the code of the refusal. */
function volumeOf(
  names: string,
  cells: (candle: Candle, i: number) => unknown[],
  known: Partial<KnownOfText> = {},
) {
  const lines = candles(60).map((candle, i) => [candle.time, candle.prices, ...cells(candle, i)].join(","));
  return read(names === "" ? lines : [`${HEADER},${names}`, ...lines], known);
}

function read(lines: readonly string[], known: Partial<KnownOfText> = {}) {
  try {
    return recognizeLines(lines, known).form.columns.volume + 1;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const named = (symbol: string): Partial<KnownOfText> => ({ names: [`${symbol}.csv`], symbol });
const BASES = [
  "BTC",
  "SOL",
  "SHIB",
  "SUI",
  "SEI",
  "SAND",
  "MASK",
  "UMA",
  "T",
  "W",
  "S",
  "1INCH",
  "1000PEPE",
  "TRADE",
  "币安",
];
const base = fc.constantFrom(...BASES);
const spelled = fc.constantFrom<(coin: string) => string>(
  (coin) => `Volume ${coin}`,
  (coin) => `Volume_(${coin})`,
  (coin) => `volume_${coin.toLowerCase()}`,
  (coin) => `${coin.toLowerCase()}_volume`,
  (coin) => `Volume in ${coin}`,
  (coin) => `Amount (${coin})`,
);
const QUALIFIERS =
  "taker_buy sell maker bid ask avg average median cum change delta log tick up down net spot prev daily 20 lag ma20 sma 24h norm rank".split(
    " ",
  );

describe("the name of a volume", () => {
  it("of a market's own coins says which is which, whatever the coin is called", () => {
    fc.assert(
      fc.property(base, spelled, fc.boolean(), (coin, spell, first) => {
        const names = [spell(coin), spell("USDT")];
        const found = volumeOf(
          (first ? names : names.toReversed()).join(","),
          ({ base, quote }) => (first ? [base, quote] : [quote, base]),
          named(`${coin}USDT`),
        );
        expect(found).toBe(first ? 6 : 7);
      }),
    );
  });

  it("with any other word in it is no candle's volume by itself", () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUALIFIERS), fc.boolean(), base, (word, before, coin) => {
        const name = before ? `${word}_volume` : `volume_${word}`;
        const [unknown, known] = [named("DAX40"), named(`${coin}USDT`)];
        for (const market of [unknown, known]) {
          expect(volumeOf(name, ({ base }) => [base / 2], market)).toBe("ambiguous_volume");
          expect(volumeOf(`${name},volume`, ({ base }) => [base / 2, base], market)).toBe(7);
        }
        expect(volumeOf(name, ({ base }) => [base], { ...known, stated: { volume: name } })).toBe(6);
      }),
    );
  });

  it.each([
    ["quoteAssetVolume", "quote"],
    ["QUOTE ASSET VOLUME", "quote"],
    ["Volume_(Currency)", "quote"],
    ["base_currency_volume", "base"],
    ["total traded volume", "unnamed"],
    ["volume.1", "unnamed"],
    ["volume_1", "qualified"],
    ["Number of contracts", "contracts"],
    ["foreignNotional", "quote"],
    ["volCcyQuote", "quote"],
    ["volCcy", "vague"],
    ["Volume EUR", "qualified"],
    ["Volume USD", "quote"],
    ["Volume in the currency", "quote"],
    ["in_volume", "qualified"],
  ])("%s: %s", (name, unit) => {
    expect(readVolumes([name], marketOf("BTCUSDT"))[0].unit).toBe(unit);
  });

  it.each(["volatility", "tradecount", "close", "time", "btc"])("%s is none", (name) => {
    expect(readVolumes([name], marketOf("BTCUSDT"))).toEqual([]);
  });
});

describe("what the prices prove of volumes", () => {
  const NAMES = [
    "Volume BTC,Volume USDT",
    "volume,quote_volume",
    "vol,amount",
    "volume,turnover",
    "volume,volume.1",
  ];

  it("does not hold where rows have the two exchanged", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 1, max: 60 }),
        (names, from, count) => {
          const found = volumeOf(names, ({ base, quote }, i) =>
            i >= from && i < from + count ? [quote, base] : [base, quote],
          );
          // Where all rows are exchanged, names that do not say which is which are settled by the prices.
          const all = from === 0 && count === 60 && /^vol,|\.1$/.test(names);
          expect(["volume_conflict", "ambiguous_volume", ...(all ? [7] : [])]).toContain(found);
        },
      ),
    );
  });

  it.each([1, 2])("does not hold for %d rows that are exchanged", (count) => {
    const lines = candles(count).map(({ time, prices, base, quote }) =>
      [time, prices, quote, base].join(","),
    );
    expect(read([`${HEADER},volume,quote_volume`, ...lines], { stated: { interval: "1m" } })).toBe(
      "volume_conflict",
    );
  });

  it("is not refuted by a few torn rows", () => {
    const lines = candles(100).map(({ time, prices, base, quote }, i) =>
      [time, prices, base, i % 30 === 5 ? quote * 3 : quote].join(","),
    );
    expect(read([`${HEADER},volume,quote_volume`, ...lines])).toBe(6);
    expect(read([`${HEADER},vol,amount`, ...lines])).toBe("ambiguous_volume");
  });

  it("is believed although a few rows are wrong", () => {
    const lines = candles(300).map(({ time, prices, base, quote }, i) =>
      [time, prices, base, i === 99 ? quote * 3 : quote].join(","),
    );
    expect(read([`${HEADER},vol,amount`, ...lines])).toBe(6);
  });

  const cases: [
    string,
    string,
    (candle: Candle, i: number) => unknown[],
    Partial<KnownOfText>,
    number | string,
  ][] = [
    [
      "the same dollars twice",
      "Volume BTC,Volume USDT",
      ({ quote }) => [quote, quote],
      {},
      "volume_conflict",
    ],
    ["the same dollars twice", "volume,quote_volume", ({ quote }) => [quote, quote], {}, "volume_conflict"],
    [
      "the same coins twice",
      "volume,Volume BTC,Volume USDT",
      ({ base, quote }) => [base, base, quote],
      {},
      7,
    ],
    ["zeros beside money", "Volume BTC,Volume USDT", ({ quote }) => [0, quote], {}, "ambiguous_volume"],
    ["zeros beside ticks", "tickvol,vol", ({ base }) => [base * 100, 0], {}, "ambiguous_volume"],
    ["zeros alone", "volume", () => [0], {}, 6],
    [
      "coins by name beside other volume",
      "coin_volume,volume",
      ({ base }) => [base / 2, base],
      {},
      "volume_conflict",
    ],
    ["contracts of a spot market", "contracts,volume", ({ base }) => [base, base], {}, 7],
    ["two of coins", "base_volume,Volume BTC", ({ base }) => [base, base / 3], {}, "ambiguous_volume"],
    [
      "money beside coins of an unknown name",
      "volume,foo",
      ({ base, quote }) => [quote, base],
      {},
      "volume_conflict",
    ],
    ["coins beside money of an unknown name", "volume,foo", ({ base, quote }) => [base, quote], {}, 6],
    [
      "--volume of money",
      "foo,Volume BTC",
      ({ base, quote }) => [quote, base],
      { stated: { volume: "foo" } },
      "volume_conflict",
    ],
    [
      "--volume of money by its name",
      "Volume USDT",
      ({ quote }) => [quote],
      { stated: { volume: "6" } },
      "volume_conflict",
    ],
    [
      "--volume of coins that are called money",
      "Volume USDT,Volume BTC",
      ({ base, quote }) => [base, quote],
      { stated: { volume: "6" } },
      6,
    ],
    ["amount alone", "amount", ({ base }) => [base], {}, "ambiguous_volume"],
    ["OKX' volCcy alone", "volCcy", ({ quote }) => [quote], {}, "ambiguous_volume"],
    ["Yahoo's", "Volume,Dividends,Stock Splits", ({ quote }) => [quote, 0, 0], {}, "ambiguous_volume"],
    ["CoinMarketCap's", "volume,market_cap", ({ quote }) => [quote, 1e12], {}, "ambiguous_volume"],
    [
      "Bybit's inverse perpetual",
      "volume,turnover",
      ({ base, quote }) => [Math.round(quote), base],
      named("BTCUSD_PERP"),
      7,
    ],
    [
      "contracts of a swap",
      "volume",
      ({ base }) => [base.toFixed(2)],
      { names: ["BTC-USDT-SWAP.csv"], where: "BTC-USDT-SWAP.csv" },
      "contract_volume",
    ],
    [
      "contracts of one decimal",
      "volume",
      ({ base }) => [base.toFixed(1)],
      named("BTCUSDT_PERP"),
      "contract_volume",
    ],
    [
      "coins of a perpetual",
      "volume,quote_volume",
      ({ base, quote }) => [base, quote],
      named("BTCUSDT_PERP"),
      6,
    ],
  ];
  it.each(cases.map(([what, names, cells, known, found]) => ({ what, names, cells, known, found })))(
    "$what: $names",
    ({ names, cells, known, found }) => {
      expect(volumeOf(names, cells, known)).toBe(found);
    },
  );

  it("is held against --columns, which may leave a column out", () => {
    const columns = ["time", "open", "high", "low", "close", "volume", "-"];
    expect(volumeOf("", ({ base, quote }) => [quote, base], { stated: { columns } })).toBe("volume_conflict");
    expect(volumeOf("", ({ base, quote }) => [base, quote], { stated: { columns } })).toBe(6);
  });

  it("is said by a sentence that is true", () => {
    const by = (names: string, cells: (candle: Candle) => unknown[]) => {
      const lines = candles(9).map((candle) => [candle.time, candle.prices, ...cells(candle)].join(","));
      return recognizeLines([`${HEADER},${names}`, ...lines]).evidence.at(-1)?.by;
    };
    expect(by("volume", ({ base }) => [base])).toBe("it is the only column of volume");
    expect(by("volume,volume_ma5", ({ base }) => [base, 1])).toBe(
      "no other column is plain volume: volume_ma5",
    );
  });
});

describe("a column of pairs", () => {
  const rowsOf = (pairs: Record<string, (candle: Candle) => unknown[]>) =>
    Object.entries(pairs).flatMap(([pair, cells]) =>
      candles(10).map((candle) => [candle.time, candle.prices, pair, ...cells(candle)].join(",")),
    );

  it("has the volume of each kind of market proven", () => {
    const coins = ({ base, quote }: Candle) => [base, quote];
    const contracts = ({ base, quote }: Candle) => [Math.round(quote / 100), base];
    const header = `${HEADER},symbol,volume,quote_volume`;
    expect(read([header, ...rowsOf({ BTCUSDT: coins, ETHUSDT: coins })])).toBe(7);
    expect(read([header, ...rowsOf({ BTCUSDT: coins, BTCUSD_PERP: contracts })])).toBe("volume_conflict");
    const one = `${HEADER},symbol,volume`;
    const first = (cells: (candle: Candle) => unknown[]) => (candle: Candle) => cells(candle).slice(0, 1);
    expect(read([one, ...rowsOf({ BTCUSDT: first(coins), BTCUSD_PERP: first(contracts) })])).toBe(
      "contract_volume",
    );
    const coin = `${HEADER},symbol,Volume BTC`;
    expect(read([coin, ...rowsOf({ BTCUSDT: first(coins), ETHUSDT: first(coins) })])).toBe(
      "ambiguous_volume",
    );
  });
});
