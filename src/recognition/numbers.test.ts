import { describe, expect, it } from "vitest";
import { codeOf, recognizeLines } from "../../testkit/recognize.ts";
import type { KnownOfText } from "./known.ts";

const T = Date.UTC(2024, 2, 1) / 1000;
const HEADER = "time,open,high,low,close,volume";

/** Rows of a minute each, the same but for their time and what `row` makes of its number. */
const rows = (row: (i: number) => string, count = 30) =>
  Array.from({ length: count }, (_, i) => `${T + 60 * i},${row(i)}`);

describe("numbers that can be read two ways, or not at all", () => {
  const tab = (lines: readonly string[]) => lines.map((line) => line.replaceAll(",", "\t"));
  const semicolons = (lines: readonly string[]) => lines.map((line) => line.replaceAll(",", ";"));
  const inPoints = rows((i) => `60.00${i % 10},60.108,59.995,60.005,1.204`);
  const whole = rows((i) => `6000${i % 10},60108,59995,60005,1.20${i % 10}`);

  it.each<[string, string[], string | null]>([
    [
      "thousands in the volume, between quotes",
      [HEADER, ...rows((i) => `5,6,4,5,"1,20${i % 10}"`)],
      "ambiguous_decimal",
    ],
    [
      "thousands in the count of trades",
      [`${HEADER},trades`, ...rows((i) => `5,6,4,5,1.5,${i % 2 ? '"1,234"' : 900}`)],
      "ambiguous_decimal",
    ],
    ["points in prices between semicolons", semicolons([HEADER, ...inPoints]), "ambiguous_decimal"],
    ["points in prices between tabs", tab([HEADER, ...inPoints]), "ambiguous_decimal"],
    ["the same in a file of commas", [HEADER, ...inPoints], null],
    ["points in the volume alone, between semicolons", semicolons([HEADER, ...whole]), "ambiguous_decimal"],
    ["the same between commas", [HEADER, ...whole], null],
    ["prices below one", semicolons([HEADER, ...rows(() => "0.512,0.514,0.511,0.513,2000.25")]), null],
    [
      "a volume of another precision between tabs",
      tab([HEADER, ...rows(() => "1.512,1.514,1.511,1.513,20.06969")]),
      null,
    ],
    [
      "volumes in thousands with a letter",
      [HEADER, ...rows((i) => `5,6,4,5,${i % 2 ? "1.204K" : "98.83"}`)],
      "unknown_form",
    ],
    ["prices with a currency sign", [HEADER, ...rows(() => "$5,$6,$4,$5,1.5")], "unknown_form"],
    ["one damaged volume", [HEADER, ...rows((i) => `5,6,4,5,${i === 3 ? "1.2.3" : 1.5}`)], null],
    ["volumes that are NaN", [HEADER, ...rows((i) => `5,6,4,5,${i % 2 ? "NaN" : 1.5}`)], null],
  ])("%s", (_, lines, code) => expect(codeOf(lines)).toBe(code));

  it("a text between quotes may hold the delimiter", () => {
    const lines = ["time,name,open,high,low,close,volume", ...rows(() => '"Bitcoin, USD",5,6,4,5,1.5')];
    expect(recognizeLines(lines).form).toMatchObject({ fields: 7, columns: { volume: 6 } });
  });

  it("--columns names no more columns than there are", () => {
    const columns = "time,open,high,low,close,volume,trades".split(",");
    expect(codeOf([HEADER, ...rows(() => "5,6,4,5,1.5")], { stated: { columns } })).toBe("bad_option");
  });

  it("a number that is no time of these years shows no interval", () => {
    const lines = [
      HEADER,
      ...rows(() => "5,6,4,5,1.5").map((line, i) => line.replace(/^\d+/, String(20240301 + i))),
    ];
    expect(codeOf(lines)).toBe(null);
  });
});

describe("the zone of times without one", () => {
  const local = (more: (i: number) => string) =>
    rows(() => "5,6,4,5,1.5").map((line, i) =>
      line.replace(/^\d+/, `2024-03-01 07:${String(i).padStart(2, "0")}:00${more(i)}`),
    );
  const header = (name: string) => `time,${name},open,high,low,close,volume`;

  it.each<[string, string[], Partial<KnownOfText>, string | number]>([
    ["a column of offsets", [header("timezone"), ...local(() => ",+07:00")], {}, 420],
    ["a column of hours", [header("utc_offset"), ...local(() => ",7")], {}, 420],
    ["a column of names", [header("tz"), ...local(() => ",UTC+7")], {}, 420],
    [
      "a column of offsets against --zone",
      [header("tz"), ...local(() => ",+07:00")],
      { stated: { zone: "UTC" } },
      "no_time_zone",
    ],
    [
      "two zones in a column",
      [header("tz"), ...local((i) => (i < 9 ? ",+01:00" : ",+02:00"))],
      {},
      "no_time_zone",
    ],
    [
      "a column of another kind with UTC in its name",
      [header("utc"), ...local(() => ",7")],
      {},
      "no_time_zone",
    ],
    [
      "the header, where the columns are stated",
      ["Date(UTC),Open,High,Low,Close,Volume", ...local(() => "")],
      { stated: { columns: "time,open,high,low,close,volume".split(",") } },
      0,
    ],
    [
      "the header against --zone, where the columns are stated",
      ["Date(UTC),Open,High,Low,Close,Volume", ...local(() => "")],
      { stated: { columns: "time,open,high,low,close,volume".split(","), zone: "+07:00" } },
      "no_time_zone",
    ],
  ])("%s", (_, lines, known, expected) => {
    if (typeof expected === "string") expect(codeOf(lines, known)).toBe(expected);
    else expect(recognizeLines(lines, known).form.times.offset).toBe(expected);
  });

  it("a column's zone is held in every row", () => {
    const lines = [header("tz"), ...local(() => ",+07:00")];
    expect(recognizeLines(lines).constants).toEqual([{ place: 1, texts: ["+07:00"], code: "no_time_zone" }]);
  });
});
