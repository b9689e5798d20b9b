import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberIn } from "../../core/numbers.ts";
import { csvText, numberOf, sortedPlaces } from "./cells.ts";

const inOrder = (texts: string[], direction: "ascending" | "descending" = "ascending") =>
  sortedPlaces(texts, direction).map((place) => texts[place]);

describe("a sorted column", () => {
  const texts = ["10", "–", "beta", "−3", "1,234.5", "", "12.1 %", "alpha", "9"];

  it("has numbers by their value before texts, up and down, and empty cells last in both", () => {
    expect(inOrder(texts)).toEqual(["−3", "9", "10", "12.1 %", "1,234.5", "alpha", "beta", "", "–"]);
    expect(inOrder(texts, "descending")).toEqual([
      "beta",
      "alpha",
      "1,234.5",
      "12.1 %",
      "10",
      "9",
      "−3",
      "–",
      "",
    ]);
  });

  it("keeps every cell, and equal cells in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...texts), fc.string())), (cells) => {
        expect(sortedPlaces(cells, "ascending").sort((a, b) => a - b)).toEqual(cells.map((_, i) => i));
      }),
    );
    expect(sortedPlaces(["1", "1.0", "1"], "ascending")).toEqual([0, 1, 2]);
  });
});

describe("a number in a cell", () => {
  it("is read as the report writes it", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 4 }), (whole, digits) => {
        const value = whole / 10 ** digits;
        expect(numberOf(numberIn("en", value, digits))).toBeCloseTo(value, digits);
      }),
    );
  });

  it.each(["", "–", "BTCUSDT", "2025-01-01", "12 h"])("is not read out of %j", (text) => {
    expect(numberOf(text)).toBeNull();
  });
});

describe("a table as CSV", () => {
  it("has plain numbers, quotes where CSV needs them, and no formula", () => {
    const rows = [
      ["day", "close", 'the "note"', "=1+1"],
      ["2025-01-01", "1,234.5", "a, b", "−3"],
      ["@x", "-y", "12.1 %", ""],
    ];
    expect(csvText(rows)).toBe(
      'day,close,"the ""note""",\'=1+1\n2025-01-01,1234.5,"a, b",-3\n\'@x,\'-y,12.1 %,\n',
    );
  });
});
