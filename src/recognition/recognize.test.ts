import { describe, expect, it } from "vitest";
import { recognizeLines } from "../../testkit/recognize.ts";
import type { KnownOfText } from "./recognize.ts";

const T = Date.UTC(2024, 2, 1);

/** Rows whose quote volume ÷ volume lies between low and high. */
function rows(count: number, row: (i: number, price: number, volume: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => row(i, 60_000 + 10 * i, 1.25 + i));
}

const prices = (price: number) => `${price},${price + 8.5},${price - 4.75},${price + 5}`;
const minute = (i: number) => T + i * 60_000;
const plain = (count = 6) => rows(count, (i, price, volume) => `${minute(i)},${prices(price)},${volume}`);
const HEADER = "open_time,open,high,low,close,volume";

function refusal(lines: readonly string[], known: Partial<KnownOfText> = {}) {
  try {
    recognizeLines(lines, known);
  } catch (error) {
    const { code, message, next } = error as { code: string; message: string; next: string };
    return { code, message, next };
  }
  return null;
}

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
      {},
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

  it("says where the name and SYMBOL=PATH, or a column, differ", () => {
    const names = ["ETHUSDT-1m.csv"];
    const by = (lines: string[], symbol: string | null) =>
      recognizeLines(lines, { names, symbol }).evidence[0].by;
    expect(by([HEADER, ...plain()], "BTCUSDT")).toBe("SYMBOL=PATH; the name states ETHUSDT");
    const column = [`${HEADER},symbol`, ...plain().map((line) => `${line},BTCUSDT`)];
    expect(by(column, null)).toBe("column 7; the name states ETHUSDT");
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

describe("a text that is refused", () => {
  const hourly = rows(24, (i, p, v) => `${T + i * 3_600_000},${prices(p)},${v}`);
  const dated = (date: string) => [HEADER, ...rows(6, (i, p, v) => `${date} 00:0${i},${prices(p)},${v}`)];
  const both = (base: string, quote: string) => [
    `time,open,high,low,close,${base},${quote}`,
    ...rows(6, (i, p, v) => `${minute(i)},${prices(p)},${v},${v * p}`),
  ];
  const refusals: [string, string, string[], Partial<KnownOfText>, RegExp][] = [
    ["other_interval", "hours", [HEADER, ...hourly], {}, /1-minute file/],
    [
      "other_interval",
      "a row of Kraken's hours",
      plain(1).map((l) => `${l},17`),
      { names: ["XBTUSD_60.csv"] },
      /minute/,
    ],
    [
      "interval_conflict",
      "hours named minutes",
      [HEADER, ...hourly],
      { names: ["BTCUSDT-1m.csv"] },
      /minute/,
    ],
    [
      "interval_conflict",
      "minutes in a folder of hours",
      [HEADER, ...plain(24)],
      { folders: ["1h", "BTCUSDT"] },
      /--interval 1m/,
    ],
    [
      "interval_conflict",
      "minutes named hours",
      [HEADER, ...plain(24)],
      { names: ["BTCUSDT-1h.csv"] },
      /--interval 1m/,
    ],
    [
      "mixed_intervals",
      "minutes and hours",
      [HEADER, ...plain(40), ...hourly.slice(2)],
      {},
      /file of its own/,
    ],
    [
      "misread_columns",
      "an order that is not the prices'",
      rows(6, (i, p, v) => `${minute(i)},${p},${p + 5},${p + 8.5},${p - 4.75},${v}`),
      {},
      /--columns/,
    ],
    ["no_time_zone", "times without zone", dated("2024-03-01"), {}, /--zone UTC/],
    [
      "ambiguous_date",
      "the day or the month first",
      dated("03/04/2024"),
      { stated: { zone: "UTC" } },
      /--date-order/,
    ],
    [
      "no_time_zone",
      "letters for a zone",
      dated("2024-03-01").map((l, i) => (i ? l.replace(/(:\d\d)/, "$1 EST") : l)),
      {},
      /-05:00/,
    ],
    [
      "no_time_zone",
      "letters for two zones",
      dated("2024-03-01").map((l, i) => (i ? l.replace(/(:\d\d)/, i < 4 ? "$1 EST" : "$1 EDT") : l)),
      { stated: { zone: "-05:00" } },
      /in UTC/,
    ],
    [
      "no_time_zone",
      "the header states another",
      ["time (GMT+7),open,high,low,close,volume", ...dated("2024-03-01").slice(1)],
      { stated: { zone: "UTC" } },
      /correct the header/,
    ],
    [
      "ambiguous_date",
      "a month that is none",
      dated("2024-13-03"),
      { stated: { zone: "UTC" } },
      /--date-order ydm/,
    ],
    [
      "ambiguous_date",
      "a day that is none",
      dated("2024-03-13"),
      { stated: { zone: "UTC", dateOrder: "ydm" } },
      /out/,
    ],
    [
      "ambiguous_time",
      "a clock of twelve hours",
      [
        HEADER,
        ...rows(200, (i, p, v) => {
          const [hour, m] = [((11 + Math.floor(i / 60)) % 12) + 1, String(i % 60).padStart(2, "0")];
          return `2024-03-01 ${hour}:${m},${prices(p)},${v}`;
        }),
      ],
      { stated: { zone: "UTC" } },
      /AM and PM/,
    ],
    [
      "ambiguous_decimal",
      "three digits behind the mark, of semicolons",
      ["time;open;high;low;close;volume", ...rows(6, (i) => `${minute(i)};60.001;60.009;59.995;60.005;1`)],
      {},
      /--decimal/,
    ],
    [
      "ambiguous_decimal",
      "thousands in ten columns without a header",
      rows(6, (i, p, v) => {
        const [o, h, l, c, quote] = [p, p + 8.5, p - 4.75, p + 5, p * v].map((n) =>
          n.toLocaleString("en-US"),
        );
        return [minute(i), o, h, l, c, v, quote, v / 2, quote, 12].join("|");
      }),
      {},
      /--decimal/,
    ],
    [
      "volume_conflict",
      "columns that are not what they are called",
      both("quote_volume", "base_volume"),
      {},
      /--volume 6/,
    ],
    [
      "volume_conflict",
      "the stated column is the quote's",
      both("volume", "amount"),
      { stated: { volume: "amount" } },
      /--volume 6/,
    ],
    [
      "ambiguous_volume",
      "the quote's volume alone",
      ["time,open,high,low,close,Volume USDT", ...plain()],
      {},
      /--volume COLUMN/,
    ],
    [
      "ambiguous_volume",
      "two columns that prove nothing",
      ["time,open,high,low,close,vol,amount", ...plain().map((line) => `${line},7`)],
      {},
      /--volume COLUMN/,
    ],
    [
      "contract_volume",
      "contracts without coins beside",
      [HEADER, ...plain()],
      { names: ["BTCUSD_PERP-1m.csv"] },
      /--volume COLUMN/,
    ],
    [
      "no_symbol",
      "two pairs in the name",
      [HEADER, ...plain()],
      { names: ["BTCUSDT_ETHUSDT.csv"] },
      /--csv BTCUSDT=/,
    ],
    [
      "unknown_form",
      "columns without a header that prove nothing",
      plain().map((line) => `${line},0,1`),
      {},
      /--columns/,
    ],
    [
      "unknown_form",
      "a header in other words",
      ["Zeit,Auf,Hoch,Tief,Schluss,Menge", ...plain()],
      {},
      /--columns/,
    ],
    [
      "bad_option",
      "a zone whose clocks change",
      dated("2024-03-01"),
      { stated: { zone: "Europe/Berlin" } },
      /offset/,
    ],
  ];
  it.each(refusals.map(([code, what, lines, known, next]) => ({ code, what, lines, known, next })))(
    "$code: $what",
    ({ code, lines, known, next }) => {
      expect(refusal(lines, known)).toMatchObject({ code, next: expect.stringMatching(next) });
      expect(refusal(lines, known)?.message).toContain(known.where ?? "BTCUSDT.csv");
    },
  );

  it("shows the line and its number", () => {
    expect(refusal(dated("2024-03-01"))?.message).toContain('line 2: the time "2024-03-01 00:00"');
  });
});
