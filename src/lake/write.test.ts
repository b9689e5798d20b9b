import { describe, expect, it } from "vitest";
import type { Lake } from "./session.ts";
import { csvText, writeParquet } from "./write.ts";

describe("csvText", () => {
  it("keeps formulas text and numbers numbers", () => {
    const rows = [
      { a: "=1+1", b: -1.5 },
      { a: 'say "hi", twice', b: null },
    ];
    expect(csvText(["a", "b"], rows)).toBe(`a,b\n'=1+1,-1.5\n"say ""hi"", twice",\n`);
  });
});

describe("rows that come page by page", () => {
  it("are with the engine before the next page is asked for", async () => {
    let taken = 0;
    const lake = {
      run: async () => {},
      rows: async () => [{ Count: BigInt(taken) }],
      append: async (_table: string, _types: readonly string[], rows: readonly unknown[][]) => {
        await new Promise(setImmediate);
        taken += rows.length;
      },
    } as unknown as Lake;
    const held: number[] = [];
    function* pages() {
      for (let given = 0; given < 30; given += 10) {
        held.push(given - taken);
        yield Array.from({ length: 10 }, (_, i) => ({ n: given + i }));
      }
    }
    expect(await writeParquet(lake, "nowhere", { n: "INTEGER" }, pages())).toBe(30);
    expect({ held, taken }).toEqual({ held: [0, 0, 0], taken: 30 });
  });
});
