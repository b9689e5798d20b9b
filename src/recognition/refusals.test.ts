import { describe, expect, it } from "vitest";
import { HEADER, minute, plain, prices, refusal, rows, T } from "../../testkit/recognize.ts";
import type { KnownOfText } from "./known.ts";

describe("a text that is refused", () => {
  const hourly = rows(24, (i, p, v) => `${T + i * 3_600_000},${prices(p)},${v}`);
  const dated = (date: string) => [HEADER, ...rows(6, (i, p, v) => `${date} 00:0${i},${prices(p)},${v}`)];
  const both = (base: string, quote: string) => [
    `time,open,high,low,close,${base},${quote}`,
    ...rows(6, (i, p, v) => `${minute(i)},${prices(p)},${v},${v * p}`),
  ];
  const refusals: [string, string, string[], Partial<KnownOfText>, RegExp][] = [
    ["other_interval", "a few hours", [HEADER, ...hourly.slice(0, 5)], {}, /--interval 1h/],
    [
      "other_interval",
      "candles of ten minutes",
      [HEADER, ...rows(24, (i, p, v) => `${T + i * 600_000},${prices(p)},${v}`)],
      {},
      /--interval 1m/,
    ],
    [
      "interval_conflict",
      "hours named minutes",
      [HEADER, ...hourly],
      { names: ["BTCUSDT-1m.csv"] },
      /--interval 1h/,
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
      /path: BTCUSDT=/,
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

  it.each([
    ["open,low,high,close,volume", [0, 2, 1, 3], "open,low,high,close,volume"],
    ["close,high,low,open,volume", [3, 1, 2, 0], "close,high,low,open,volume"],
  ])("says which order of columns fits, where one does: %s", (_, order, columns) => {
    const at = (i: number) => 60_000 + Math.sin(i) * 40;
    const lines = rows(60, (i, _, v) => {
      const [open, close] = [at(i), at(i + 1)];
      const own = [open, Math.max(open, close) + 3, Math.min(open, close) - 3, close];
      return `${minute(i)},${order.map((place) => own[place].toFixed(2)).join(",")},${v}`;
    });
    const { code, next } = refusal([HEADER, ...lines]) ?? {};
    expect({ code, next }).toMatchObject({
      code: "misread_columns",
      next: expect.stringContaining(`--columns time,${columns}.`),
    });
    expect(refusal([HEADER, ...lines], { stated: { columns: ["time", ...columns.split(",")] } })).toBe(null);
    expect(refusal([HEADER, ...lines.slice(0, 3)])?.next ?? "").not.toContain("One order fits");
  });

  it("says that a candle has a volume", () => {
    const without = plain().map((line) => line.slice(0, line.lastIndexOf(",")));
    expect(refusal(without)).toMatchObject({
      code: "unknown_form",
      message: expect.stringContaining("no volume"),
    });
    expect(refusal(["time,open,high,low,close", ...without])?.message).toContain(
      "no column is named as a volume",
    );
  });

  it("shows the line and its number", () => {
    expect(refusal(dated("2024-03-01"))?.message).toContain('line 2: the time "2024-03-01 00:00"');
  });
});
