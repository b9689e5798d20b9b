import { describe, expect, it } from "vitest";
import { HEADER, minute, plain, prices, recognizeLines, rows } from "../../testkit/recognize.ts";
import type { KnownOfText } from "./known.ts";

describe("a text whose form is known", () => {
  it.each<[string, string[], Partial<KnownOfText>, object]>([
    ["six columns without header", plain(), {}, { headerLine: 0, fields: 6 }],
    ["a header", [HEADER, ...plain()], {}, { headerLine: 1, fields: 6 }],
    [
      "a header of semicolons behind a blank line",
      ["", HEADER, ...plain()].map((line) => line.replaceAll(",", ";")),
      {},
      { headerLine: 2, delimiter: ";" },
    ],
    ["a trailing comma in its rows", [HEADER, ...plain().map((line) => `${line},`)], {}, { fields: 7 }],
    [
      "Kraken's seven columns",
      plain().map((line) => `${line},17`),
      {},
      { columns: { volume: 5, trades: 6 } },
    ],
    [
      "Kraken's eight columns, with a mean price",
      rows(6, (i, price, volume) => `${minute(i) / 1000},${prices(price)},${price + 1},${volume},17`),
      {},
      { columns: { volume: 6, trades: 7 } },
    ],
    [
      "Kaiko's eight columns, the count first",
      rows(6, (i, price, volume) => `${minute(i)},17,${prices(price)},${volume},${price + 1}`),
      {},
      { columns: { open: 2, volume: 6, trades: 1 } },
    ],
    [
      "date and time in two columns",
      [
        "Date,Time,Open,High,Low,Close,Volume",
        ...rows(6, (i, p, v) => `2024.03.01,00:0${i},${prices(p)},${v}`),
      ],
      { stated: { zone: "UTC" } },
      { columns: { time: 0, timeOfDay: 1 }, times: { kind: "text", offset: 0 } },
    ],
    [
      "another order, stated",
      rows(6, (i, p, v) => `${v},${p + 5},${p - 4.75},${p + 8.5},${p},${minute(i)}`),
      { stated: { columns: ["volume", "close", "low", "high", "open", "time"] } },
      { columns: { time: 5, open: 4, high: 3, low: 2, close: 1, volume: 0 } },
    ],
    [
      "spreadsheet days",
      [HEADER, ...rows(6, (i, p, v) => `${45_352 + i / 1440},${prices(p)},${v}`)],
      { stated: { zone: "+07:00" } },
      { times: { kind: "serial", offset: 420 } },
    ],
    [
      "close times in every row",
      [HEADER, ...rows(6, (i, p, v) => `${minute(i) + 59_999},${prices(p)},${v}`)],
      {},
      { times: { shift: -59_999 } },
    ],
    [
      "a decimal comma, stated",
      [HEADER, ...plain()].map((line, i) =>
        i === 0 ? line.replaceAll(",", ";") : line.replaceAll(",", ";").replaceAll(".", ","),
      ),
      { stated: { decimal: "," } },
      { decimal: ",", delimiter: ";" },
    ],
    [
      "quoted thousands, stated",
      [HEADER, ...rows(6, (i, _, v) => `${minute(i)},"60,000.50","60,001.50","59,999.50","60,000.75",${v}`)],
      { stated: { decimal: "." } },
      { decimal: "." },
    ],
    [
      "times of RFC 2822",
      [HEADER, ...rows(6, (i, p, v) => `"Fri, 01 Mar 2024 00:0${i}:00 +0000",${prices(p)},${v}`)],
      {},
      { times: { kind: "text", order: "ymd", offset: null } },
    ],
    [
      "dates and times of digits alone, without header",
      rows(6, (i, p, v) => `20240301 000${i}00;${prices(p).replaceAll(",", ";")};${v}`),
      { stated: { zone: "-05:00" } },
      { times: { kind: "text", offset: -300 } },
    ],
    [
      "twelve digits",
      [HEADER, ...rows(6, (i, p, v) => `20240301000${i},${prices(p)},${v}`)],
      { stated: { zone: "UTC" } },
      { times: { kind: "text", offset: 0 } },
    ],
    [
      "letters of a zone that is stated",
      [HEADER, ...rows(6, (i, p, v) => `2024-03-01 00:0${i} EST,${prices(p)},${v}`)],
      { stated: { zone: "-05:00" } },
      { times: { kind: "text", offset: -300 } },
    ],
    [
      "a zone in the header, and currencies of prices",
      [
        "time (GMT+7),Open (USDT),High (USDT),Low (USDT),Close (USDT),Volume (BTC)",
        ...rows(6, (i, p, v) => `2024-03-01 00:0${i},${prices(p)},${v}`),
      ],
      {},
      { times: { offset: 420 }, columns: { open: 1, close: 4, volume: 5 } },
    ],
    [
      "a day before the month, stated",
      [HEADER, ...rows(6, (i, p, v) => `2024-13-03 00:0${i},${prices(p)},${v}`)],
      { stated: { zone: "UTC", dateOrder: "ydm" } },
      { times: { order: "ydm" } },
    ],
    [
      "BitMEX, whose times are those of the close",
      [
        "timestamp,symbol,open,high,low,close,trades,volume,vwap,lastSize,turnover,homeNotional,foreignNotional",
        ...rows(
          6,
          (i, p, v) =>
            `2024-03-01T00:0${i}:00.000Z,XBTUSD,${prices(p)},9,${v * p},${p},1,${v * 1e8},${v},${v * p}`,
        ),
      ],
      { names: ["XBTUSD.csv"] },
      { times: { shift: -60_000 }, columns: { volume: 11, trades: 6 } },
    ],
  ])("%s", (_, lines, known, form) => {
    expect(recognizeLines(lines, known).form).toMatchObject(form);
  });

  it("says by what each answer is known", () => {
    const { evidence } = recognizeLines([HEADER, ...plain()], { names: ["BTCUSDT-1m.csv"] });
    expect(evidence.map(({ question, grade }) => `${question} ${grade}`)).toEqual([
      "market stated",
      "columns stated",
      "columns shown",
      "interval stated",
      "interval shown",
      "time shown",
      "volume assumed",
    ]);
  });

  it("says whether anything shows which column is the open and which the close", () => {
    const following = Array.from({ length: 30 }, (_, i) => {
      const [open, close] = [Math.sin(i), Math.sin(i + 1)].map((value) => 100 + value);
      return `${minute(i)},${open},${Math.max(open, close) + 1},${Math.min(open, close) - 1},${close},${i + 0.5}`;
    });
    const shown = (lines: string[]) =>
      recognizeLines([HEADER, ...lines]).evidence.find(
        ({ question, grade }) => question === "columns" && grade === "shown",
      )?.by;
    expect(shown(following)).toBe("low ≤ open, close ≤ high in 30 of 30 rows");
    expect(shown(following.slice(0, 10))).toBe(
      "low ≤ open, close ≤ high in 10 of 10 rows; nothing shows which is the open and which the close",
    );
  });

  it.each(["HIGHUSDT", "DATAUSDT", "OKXUSDT", "OPENUSDT"])("knows %s for the pair that it is", (symbol) => {
    expect(recognizeLines(plain(), { names: [`${symbol}-1m-2024-03.csv`] }).symbol).toBe(symbol);
  });

  it("reads pandas' index of times, and a folder of futures", () => {
    const { form } = recognizeLines([",open,high,low,close,volume", ...plain()]);
    expect(form.columns).toMatchObject({ time: 0, open: 1, volume: 5 });
    const folders = "futures/um/daily/klines/BTCUSDT/1m".split("/").toReversed();
    const known = { folders, names: ["BTCUSDT-1m-2024-03-01.csv"] };
    const lines = rows(
      6,
      (i, p, v) => `${minute(i)},${prices(p)},${v},${minute(i) + 59_999},${v * p},9,1,1,0`,
    );
    expect(recognizeLines(lines, known).symbol).toBe("BTCUSDT_PERP");
  });

  it.each<[string, string, string, string]>([
    ["data/spot/monthly/klines/BTCUSDT/1m", "2024-03.csv", "BTCUSDT", "the folder BTCUSDT"],
    ["ETH-USDT/2024", "03.csv", "ETHUSDT", "the folder ETH-USDT"],
    ["ETHUSDT", "BTCUSDT.csv", "BTCUSDT", "the name BTCUSDT.csv"],
    ["perpetuals/2024", "BTCUSDT.csv", "BTCUSDT_PERP", "the name BTCUSDT.csv; the folder perpetuals"],
    ["futures/mine/2024", "BTCUSDT.csv", "BTCUSDT", "the name BTCUSDT.csv"],
  ])("takes from the folders %s what the name %s does not state", (path, name, symbol, by) => {
    const known = { folders: path.split("/").toReversed(), names: [name] };
    const { evidence } = recognizeLines([HEADER.replace("volume", "base_volume"), ...plain()], known);
    expect(evidence[0]).toEqual({ question: "market", answer: symbol, grade: "stated", by });
  });

  it("says where the name and SYMBOL=PATH differ", () => {
    const names = ["ETHUSDT-1m.csv"];
    const said = (symbol: string) =>
      recognizeLines([HEADER, ...plain()], { names, symbol }).evidence.map(
        ({ grade, by }) => `${grade}: ${by}`,
      );
    const although = "assumed: although the name ETHUSDT-1m.csv states ETHUSDT";
    expect(said("BTCUSDT").slice(0, 2)).toEqual(["stated: SYMBOL=PATH", although]);
    expect(said("ETHUSDT")[1]).toMatch(/^stated/);
  });

  it("takes the coin from the header where a venue's name is in the coin's place", () => {
    const lines = [
      "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency)",
      ...rows(6, (i, p, v) => `${minute(i)},${prices(p)},${v},${v * p}`),
    ];
    const name = "bitstampUSD_1-min_data_2012-01-01_to_2021-03-31.csv";
    expect(recognizeLines(lines, { where: name, names: [name] }).symbol).toBe("BTCUSD");
  });

  it("reads coins, not contracts, of a future on the coin's margin", () => {
    const lines = [
      "open_time,open,high,low,close,volume,quote_volume",
      ...rows(6, (i, p, v) => `${minute(i)},${prices(p)},${Math.round((v * p) / 100)},${v}`),
    ];
    const { form, evidence } = recognizeLines(lines, { names: ["BTCUSD_PERP-1m-2024-03-01.csv"] });
    expect(form.columns.volume).toBe(6);
    expect(evidence.at(-1)?.by).toContain("contracts of 100 dollars");
  });
});
