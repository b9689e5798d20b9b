import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recognizeLines } from "../../testkit/recognize.ts";

const T = Date.UTC(2024, 2, 1);

/** Cells of minutes; of some of them, nobody traded. */
function minutes(count: number, { level = 60_000, traded = (_: number): boolean => true } = {}) {
  return Array.from({ length: count }, (_, i) => {
    const price = level * (1 + 0.0001 * (i % 7));
    const is = traded(i);
    const prices = is
      ? [price, price * 1.0002, price * 0.9998, price * 1.0001]
      : [level, level, level, level];
    const base = is ? 1.25 + ((i * 37) % 100) / 10 : 0;
    return {
      i,
      time: T + i * 60_000,
      prices,
      base,
      quote: base * price,
      trades: is ? 3 + (i % 5) : 0,
      vwap: price,
    };
  });
}

type Minute = ReturnType<typeof minutes>[number];

/** Numbers of the columns of volume and of trades, or the refusal. */
function read(header: string | null, rows: readonly Minute[], cells: (minute: Minute) => unknown[]) {
  const lines = rows.map((minute) => cells(minute).join(","));
  try {
    const { volume, trades, time, timeOfDay } = recognizeLines(header === null ? lines : [header, ...lines])
      .form.columns;
    return { volume: volume + 1, trades: trades === null ? null : trades + 1, time: time + 1, timeOfDay };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

const rare = { level: 0.5, traded: (i: number) => i % 30 === 2 };
const times = (minute: Minute) => [minute.time, ...minute.prices];

describe("seven columns without a header", () => {
  it.each<[string, Minute[], (minute: Minute) => unknown[], object]>([
    ["trades behind", minutes(60), (m) => [...times(m), m.base, m.trades], { volume: 6, trades: 7 }],
    ["money behind", minutes(60), (m) => [...times(m), m.base, m.quote], { volume: 6, trades: null }],
    [
      "money behind, of few trades",
      minutes(120, rare),
      (m) => [...times(m), m.base, m.quote],
      { volume: 6, trades: null },
    ],
    [
      "whole coins behind money",
      minutes(60, { level: 2e-5 }),
      (m) => [...times(m), m.quote * 1e5, Math.round(m.base * 1e5)],
      { volume: 7, trades: null },
    ],
    [
      "the close time behind",
      minutes(60),
      (m) => [...times(m), m.base, m.time + 59_999],
      { volume: 6, trades: null },
    ],
    [
      "two counts",
      minutes(60, { level: 2e-5 }),
      (m) => [...times(m), m.trades, Math.round(m.base * 1e6)],
      { code: "unknown_form" },
    ],
    [
      "no trade at all",
      minutes(60, { traded: () => false }),
      (m) => [...times(m), 0, 0],
      { code: "unknown_form" },
    ],
  ])("%s", (_, rows, cells, found) => {
    expect(read(null, rows, cells)).toMatchObject(found);
  });
});

it.each<[string, (minute: Minute) => unknown[], number]>([
  ["Kraken's REST", (m) => [...times(m), m.vwap, m.base, m.trades], 7],
  ["OKX", (m) => [...times(m), m.base, m.quote, m.quote, 1], 6],
  ["cryptoarchive", (m) => [...times(m), m.base, m.quote / 3, m.base / 3, m.quote, m.trades], 6],
])("%s without a header is known by a few minutes with trades", (_, cells, volume) => {
  expect(read(null, minutes(300, { ...rare, traded: (i) => i % 90 === 2 }), cells)).toMatchObject({ volume });
});

describe("a column that counts the rows", () => {
  it.each(["n", "N", "count", "i", "id", "index", ""])("called %o is nothing else", (name) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (from) => {
        const header = `${name},kline_time,open,high,low,close,volume`;
        const found = read(header, minutes(9), (m) => [from + m.i, ...times(m), m.base]);
        expect(found).toEqual({ volume: 7, trades: null, time: 2, timeOfDay: null });
      }),
      { numRuns: 20 },
    );
  });
});

const one = (text: string) => fc.constantFrom(...text.split(","));
/** Columns that may be beside those of a candle, and what is in them. */
const BESIDE: readonly (readonly [names: string, cell: (minute: Minute) => unknown])[] = [
  ["quote_volume,Quote asset volume,Volume USDT,turnover,amount", (m) => m.quote],
  ["taker_buy_volume,buy_volume,tick_volume,volume_ma20,spot_volume,volume_lag", (m) => m.base / 3],
  ["taker_buy_quote_volume,volume_eur", (m) => m.quote / 3],
  ["trades,count,Number of trades,transactions", (m) => m.trades],
  ["close_time,Kline close time,end_time", (m) => m.time + 59_999],
  ["vwap,weighted price,sma20,hl2", (m) => m.vwap],
  ["index,n,row,no", (m) => m.i],
  ["market,market_type", () => "spot"],
  ["symbol,pair,ticker", () => "BTCUSDT"],
  ["ignore,confirm,spread", () => 0],
];
const NAMED = fc.record({
  time: one(
    "open_time,timestamp,time,unix,Datetime,kline_time,ts,window_start,mts,start_time,candle.open_time",
  ),
  style: fc.constantFrom<(name: string) => string>(
    (name) => name,
    (name) => name.toUpperCase(),
    (name) => `${name}_price`,
    (name) => `${name} (USDT)`,
    (name) => `Kline ${name}`,
  ),
  volume: one(
    "volume,Volume,VOL,Volume BTC,volume_btc,base_volume,Volume_(BTC),baseAssetVolume,total_volume,Volume in BTC",
  ),
  beside: fc.tuple(...BESIDE.map(([names]) => fc.option(one(names)))),
  order: fc.array(fc.nat(), { minLength: 16, maxLength: 16 }),
});

it("any names of a candle's columns, in any order, with any others beside, are read for what they are", () => {
  fc.assert(
    fc.property(NAMED, ({ time, style, volume, beside, order }) => {
      const columns: [name: string, cell: (minute: Minute) => unknown][] = [
        [time, (m) => m.time],
        ...["open", "high", "low", "close"].map((name, k): [string, (m: Minute) => unknown] => [
          style(name),
          (m) => m.prices[k],
        ]),
        [volume, (m) => m.base],
        ...BESIDE.flatMap(([, cell], k): [string, (m: Minute) => unknown][] =>
          beside[k] === null ? [] : [[beside[k], cell]],
        ),
      ];
      const shuffled = columns.map((column, k) => ({ column, at: order[k] })).sort((a, b) => a.at - b.at);
      const placeOf = (name: string) => shuffled.findIndex(({ column }) => column[0] === name) + 1;
      const names = shuffled.map(({ column }) => column[0]).join(",");
      const found = read(names, minutes(20), (m) => shuffled.map(({ column }) => column[1](m)));
      const trades = beside[3] === null ? null : placeOf(beside[3]);
      expect(found).toEqual({ volume: placeOf(volume), trades, time: placeOf(time), timeOfDay: null });
    }),
    { numRuns: 150 },
  );
});

describe("a header", () => {
  const text = (m: Minute) => new Date(m.time).toISOString();
  it.each<[string, (minute: Minute) => unknown[], object]>([
    ["time,date", (m) => [m.time, text(m)], { time: 1, timeOfDay: null }],
    ["date,time", (m) => [text(m), m.time], { time: 2, timeOfDay: null }],
    ["Kline open time,x", (m) => [m.time, 1], { time: 1 }],
    ["k.t,k.T", (m) => [m.time, m.time + 59_999], { time: 1 }],
    ["kline_start_time,x", (m) => [m.time, 1], { time: 1 }],
    ["MTS,x", (m) => [m.time, 1], { time: 1 }],
    ["ticks,cost", (m) => [m.time, m.quote], { time: 1, volume: 7 }],
    ["window_start,transactions", (m) => [m.time, m.trades], { time: 1, trades: 2 }],
    ["Time (ms),x", (m) => [m.time, 1], { time: 1 }],
  ])("%s", (names, cells, found) => {
    const own = names.startsWith("k.") ? "k.o,k.h,k.l,k.c,k.v" : "First,High,Low,Last,Amount (BTC)";
    expect(read(`${names},${own}`, minutes(9), (m) => [...cells(m), ...m.prices, m.base])).toMatchObject({
      volume: 7,
      ...found,
    });
  });

  it("of WebSocket keys: the takers' V is not the volume", () => {
    const found = read("t,o,h,l,c,V", minutes(9), (m) => [...times(m), m.base]);
    expect(found).toMatchObject({ code: "ambiguous_volume" });
    expect(read("T,O,H,L,C,V", minutes(9), (m) => [...times(m), m.base])).toMatchObject({ volume: 6 });
  });

  it("that lacks a column: it is named", () => {
    const { message } = read("when,open,high,low,close,volume", minutes(9), (m) => [...times(m), m.base]);
    expect(message).toContain("no column that is known for the time");
  });
});
