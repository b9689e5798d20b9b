import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { symbolTexts } from "../../testkit/symbols.ts";
import { isSymbolLetter, normalizeSymbol } from "../candle/symbol.ts";
import { duckdbDialect } from "../lake/dialect.ts";
import { type Lake, openLake } from "../lake/session.ts";
import { symbolSql } from "./symbolSql.ts";

let root: string;
let lake: Lake;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "candlebook-symbol-"));
  lake = await openLake({ root, clock: () => 0, resources: { threads: 1, memory: "512MB" } });
  await lake.run("CREATE TABLE texts (i INTEGER, t VARCHAR)");
});

afterAll(async () => {
  lake.close();
  await rm(root, { recursive: true });
});

async function inEngine(texts: readonly string[]): Promise<(string | null)[]> {
  await lake.run("DELETE FROM texts");
  await lake.append(
    "texts",
    ["INTEGER", "VARCHAR"],
    texts.map((text, i) => [i, text]),
  );
  const sql = `SELECT ${symbolSql("t", duckdbDialect)} AS symbol FROM texts ORDER BY i`;
  return (await lake.rows<{ symbol: string | null }>(sql)).map(({ symbol }) => symbol);
}

describe("symbolSql", () => {
  it("is normalizeSymbol for any text", async () => {
    const texts = fc.array(symbolTexts, { minLength: 200, maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(texts, async (some) => {
        expect(await inEngine(some)).toEqual(some.map(normalizeSymbol));
      }),
      { numRuns: 10 },
    );
  });

  it("is normalizeSymbol for every letter of Unicode", async () => {
    const letters: string[] = [];
    for (let code = 1; code <= 0x10ffff; code += 1) {
      const letter = String.fromCodePoint(code);
      if (code < 0x3000 || !isSymbolLetter(letter) || letter !== letter.toUpperCase())
        letters.push(`A${letter}`);
    }
    const some = letters.filter((text, i) => i < 0x3000 || /\p{L}|\p{N}/u.test(text.slice(1)));
    expect(await inEngine(some)).toEqual(some.map(normalizeSymbol));
  });
});
