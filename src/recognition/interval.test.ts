import { describe, expect, it } from "vitest";
import { codeOf } from "../../testkit/recognize.ts";
import { checkInterval, intervalOfCell } from "./interval.ts";
import type { KnownOfText } from "./known.ts";

const T = Date.UTC(2024, 2, 1);
const PRICES = "5,6,4,5,1.5";
const rows = (count: number, step = 60_000, more: (i: number) => string = () => "", from = T) =>
  Array.from({ length: count }, (_, i) => `${from + step * i},${PRICES}${more(i)}`);

describe("an interval in a cell", () => {
  it.each([
    ["1m", "1m"],
    ["PT1H", "1h"],
    ["P1D", "1d"],
    ["P1M", "1M"],
    ["M5", "5m"],
    ["H4", "4h"],
    ["MN1", "1M"],
    ["HOUR_1", "1h"],
    ["MINUTE_5", "5m"],
    ["D", "1d"],
    ["W", "1w"],
    ["M", "1M"],
    ["m", "1m"],
    ["300", "5m"],
    ["60", null],
    ["spot", null],
    ["H7", null],
  ])("%s is %s", (cell, interval) => expect(intervalOfCell(cell)).toBe(interval));
});

describe("close times", () => {
  it("of months are of one length, whatever their days", () => {
    const lengths = new Map([31, 30, 29, 28].map((days) => [days * 86_400_000, 1]));
    const { interval, evidence } = checkInterval("x.csv", [], new Map(), { lengths, rows: 4 });
    expect(interval).toBe("1M");
    expect(evidence.map(({ by }) => by)).toEqual(["close time − open time in 4 of 4 rows"]);
  });
});

describe("candles of two lengths in the first rows", () => {
  const header = "time,open,high,low,close,volume";
  const closed = (lines: readonly string[], length: number) =>
    lines.map((line) => `${line},${Number(line.slice(0, 13)) + length - 1}`);

  it.each<[string, string[], Partial<KnownOfText>, string | null]>([
    [
      "one day among minutes, by its close time",
      [`${header},close_time`, ...closed(rows(60), 60_000), ...closed(rows(1), 86_400_000)],
      {},
      "mixed_intervals",
    ],
    [
      "a symbol of hours beside one of minutes",
      [`${header},symbol`, ...rows(300, 60_000, () => ",BTCUSDT"), ...rows(4, 3_600_000, () => ",ETHUSDT")],
      {},
      "mixed_intervals",
    ],
    [
      "the same, stated to be minutes",
      [`${header},symbol`, ...rows(300, 60_000, () => ",BTCUSDT"), ...rows(4, 3_600_000, () => ",ETHUSDT")],
      { stated: { interval: "1m" } },
      null,
    ],
    [
      "a symbol with gaps of its own",
      [
        `${header},symbol`,
        ...rows(300, 60_000, () => ",BTCUSDT"),
        ...[0, 4, 11, 16].flatMap((at) => rows(1, 0, () => ",ETHUSDT", T + at * 60_000)),
      ],
      {},
      null,
    ],
    [
      "hours by a column, where the steps are minutes",
      [`${header},timeframe`, ...rows(30, 60_000, () => ",H1")],
      {},
      "interval_conflict",
    ],
    [
      "one row of an unknown length",
      [`${header},interval`, ...rows(1, 0, () => ",60")],
      {},
      "interval_conflict",
    ],
    [
      "minutes beside a column that is no interval",
      [`${header},period`, ...rows(30, 60_000, () => ",day session")],
      {},
      null,
    ],
    ["one date without a time of day", [header, `2024-03-01,${PRICES}`], { stated: { zone: "UTC" } }, null],
    [
      "one date with a time of day",
      [header, `2024-03-01 00:00,${PRICES}`],
      { stated: { zone: "UTC" } },
      null,
    ],
  ])("%s", (_, lines, known, code) => expect(codeOf(lines, known)).toBe(code));
});
