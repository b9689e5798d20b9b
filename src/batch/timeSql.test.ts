import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { duckdbDialect } from "../lake/dialect.ts";
import { type Lake, literal, withLake } from "../lake/session.ts";
import { cellsOf, DELIMITERS, numberOf } from "../recognition/cells.ts";
import { EPOCH_TIMES, openTimeOf, rewritesOf, type TimeForm } from "../recognition/times.ts";
import { numberSql } from "./parseSql.ts";
import { openTimeSql } from "./timeSql.ts";

let lake: Lake;
let close: () => void;

beforeAll(async () => {
  const workspace = await scratchWorkspace();
  await new Promise<void>((ready) => {
    void withLake(workspace, {}, async (opened) => {
      lake = opened;
      ready();
      await new Promise<void>((resolve) => {
        close = resolve;
      });
    });
  });
});
afterAll(() => close());

/** What SQL says of texts, in their order. */
async function sqlOf(texts: readonly string[], expression: string): Promise<(number | null)[]> {
  const values = texts.map((text, i) => `(${i}, ${literal(text)})`).join(", ");
  const rows = await lake.rows<{ value: number | null }>(
    `SELECT (${expression})::DOUBLE AS value FROM (VALUES ${values}) AS v(i, text) ORDER BY i`,
  );
  return rows.map(({ value }) => value);
}

const two = (value: number) => String(value).padStart(2, "0");
const part = (max: number) => fc.integer({ min: 0, max });
const zone = fc.constantFrom(
  "",
  "Z",
  " UTC",
  " GMT",
  "+07:00",
  "-0530",
  "+01",
  " +02:00",
  "+14:00",
  "+25:00",
  "-14:30",
  "+0575",
);

/** Dates and times of day in the orders and marks that files have, some of which never were. */
const dateTexts = fc
  .record({
    year: fc.integer({ min: 2009, max: 2030 }),
    month: fc.integer({ min: 1, max: 13 }),
    day: fc.integer({ min: 1, max: 31 }),
    mark: fc.constantFrom("-", "/", "."),
    padded: fc.boolean(),
    order: fc.constantFrom("ymd", "ydm", "dmy", "mdy", "compact"),
    clock: fc.tuple(part(24), part(59), part(59), part(999_999)),
    parts: fc.integer({ min: 0, max: 3 }),
    half: fc.constantFrom("", "", "", " AM", "PM", " pm"),
    between: fc.constantFrom(" ", "T"),
    zone,
  })
  .map(({ year, month, day, mark, padded, order, clock: [h, m, s, us], parts, half, between, zone }) => {
    const number = (value: number) => (padded || order === "compact" ? two(value) : String(value));
    const [d, mo] = [number(day), number(month)];
    const date = {
      ymd: [year, mo, d],
      ydm: [year, d, mo],
      dmy: [d, mo, year],
      mdy: [mo, d, year],
      compact: [`${year}${mo}${d}`],
    }[order];
    const seconds = parts < 2 ? "" : `:${two(s)}${parts < 3 ? "" : `.${String(us).padStart(6, "0")}`}`;
    const time = parts === 0 ? "" : `${between}${padded ? two(h) : h}:${two(m)}${seconds}${half}`;
    return `${date?.join(mark)}${time}${zone}`;
  });

/** Texts that are dates when their file's rewrites are done. */
const written = [
  "20240301 000700",
  "20240301 0007",
  "20240301T000700Z",
  "202403010007",
  "20240301000700",
  "Fri Mar 01 2024 00:07:00 GMT+0100 (Central European Standard Time)",
  "Fri, 01 Mar 2024 00:07:00 +0000",
  "Fri, 1 Mar 2024 00:07:00 GMT",
  "Fri Mar  1 00:07:00 2024",
  "01-MAR-2024 00:07",
  "March 1, 2024 12:07 AM",
  "2024-03-01 00:07:00 GMT+0100",
  "2024-03-01 00:07 UTC+7",
  "2024-03-01 00:07:00 EST",
];

const forms: TimeForm[] = [
  EPOCH_TIMES,
  { ...EPOCH_TIMES, shift: -59_999 },
  { ...EPOCH_TIMES, offset: 420 },
  { kind: "serial", order: "ymd", offset: 420, shift: 0 },
  ...(["ymd", "ydm", "dmy", "mdy"] as const).flatMap((order) =>
    [null, 0, -330].map((offset) => ({ kind: "text" as const, order, offset, shift: 0 })),
  ),
];

describe("an open time in SQL", () => {
  it.each(forms)("is that of JavaScript: %j", async (form) => {
    const numbers = fc.oneof(
      fc
        .double({ min: 0, max: 2e18, noNaN: true })
        .map((value) => (value > 1e15 ? String(Math.round(value)) : value.toFixed(3))),
      fc
        .integer({ min: 1.23e9, max: 4.1e9 })
        .chain((s) =>
          fc.constantFrom(`${s}`, `${s}.0`, `${s}000`, `${s}000000`, `${s}000000000`, `${s}.999999`),
        ),
      fc.double({ min: 39_000, max: 74_000, noNaN: true }).map((days) => days.toFixed(9)),
      fc.constantFrom("1.70925E+12", "1e9", "", "-1", "nan"),
    );
    const texts = fc.sample(fc.oneof(dateTexts, numbers), { numRuns: 3_000, seed: 18 });
    const found = await sqlOf(texts, openTimeSql("text", duckdbDialect.double("text"), form, duckdbDialect));
    const wrong = texts.flatMap((text, i) => {
      const expected = openTimeOf(text, form);
      return found[i] === expected ? [] : [`${text}: ${found[i]} instead of ${expected}`];
    });
    expect(wrong).toEqual([]);
    if (form.kind !== "serial") expect(found.filter((value) => value !== null).length).toBeGreaterThan(100);
  });
});

describe("a time in another writing", () => {
  it("is one moment in SQL and in JavaScript", async () => {
    for (const text of written) {
      const rewrites = rewritesOf(text) ?? [];
      const form: TimeForm = { kind: "text", order: "ymd", offset: 0, shift: 0, rewrites };
      const zone = text.includes("+0100") ? 60 : text.includes("+7") ? 420 : 0;
      const expected = Date.UTC(2024, 2, 1, 0, 7 - zone);
      const texts = [text, `${text}x`, text.replace("2024", "20x4")];
      const sql = openTimeSql("text", duckdbDialect.double("text"), form, duckdbDialect);
      expect([text, openTimeOf(text, form), ...(await sqlOf(texts, sql))]).toEqual([
        text,
        expected,
        expected,
        null,
        null,
      ]);
    }
  });

  it.each([
    "1709251200000",
    "202413010007",
    "20240301",
    "1709251200",
    "12:05",
    "March",
    "45352.5",
    "BTC 2024",
  ])("%s is none", (text) => expect(rewritesOf(text)).toBe(null));
});

describe("a number in SQL", () => {
  it.each([null, ".", ","] as const)("is that of JavaScript, with the decimal mark %s", async (decimal) => {
    const digits = fc.constantFrom("1", "12", "001", "123", "4567", "000");
    const cells = fc
      .array(fc.tuple(digits, fc.constantFrom("", ",", ".", " ", "'", "\u00a0", "e", "-")), {
        minLength: 1,
        maxLength: 4,
      })
      .map((parts) => parts.flat().join(""));
    const texts = fc.sample(cells, { numRuns: 2_000, seed: 18 });
    const form = { decimal, delimiter: ";" };
    const found = await sqlOf(texts, numberSql("text", form, duckdbDialect));
    const wrong = texts.flatMap((text, i) => {
      const expected = numberOf(decimal === null ? text.replace(/^ +| +$/g, "") : text.trim(), decimal);
      return found[i] === expected || (found[i] === null && !Number.isFinite(expected))
        ? []
        : [`${text}: ${found[i]} instead of ${expected}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe("cells in SQL", () => {
  it.each(DELIMITERS)("are those of JavaScript, with the delimiter %j", async (delimiter) => {
    const parts = fc.constantFrom(
      '"',
      '"',
      '""',
      delimiter,
      delimiter,
      "1",
      "a",
      " ",
      "1,234.5",
      "x;y",
      "5.5\t7",
    );
    const lines = fc.array(parts, { minLength: 1, maxLength: 12 }).map((found) => found.join(""));
    const texts = fc.sample(lines, { numRuns: 3_000, seed: 18 }).filter((line) => line.includes('"'));
    const values = texts.map((text, i) => `(${i}, ${literal(text)})`).join(", ");
    const cells = duckdbDialect.splitQuoted("l", delimiter);
    const rows = await lake.rows<{ cells: string[] }>(
      `SELECT ${cells} AS cells FROM (VALUES ${values}) AS v(i, l) ORDER BY i`,
    );
    const trimmed = rows.map(({ cells }) => cells.map((cell) => cell.trim()));
    expect(trimmed).toEqual(texts.map((text) => cellsOf(text, delimiter)));
  });
});
