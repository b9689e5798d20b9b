import { describe, expect, it } from "vitest";
import { csvText } from "./write.ts";

describe("csvText", () => {
  it("keeps formulas text and numbers numbers", () => {
    const rows = [
      { a: "=1+1", b: -1.5 },
      { a: 'say "hi", twice', b: null },
    ];
    expect(csvText(["a", "b"], rows)).toBe(`a,b\n'=1+1,-1.5\n"say ""hi"", twice",\n`);
  });
});
