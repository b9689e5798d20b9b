import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineNormalizer } from "./lines.ts";

/** All lines of bytes that come in chunks cut at these places, all in the same memory. */
function normalize(bytes: Buffer, cuts: readonly number[]): { text: string; lines: number } {
  const normalizer = new LineNormalizer("test.csv");
  const at = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const memory = Buffer.alloc(bytes.length);
  const parts: Buffer[] = at.slice(1).map((end, i) => {
    const length = bytes.copy(memory, 0, at[i], end);
    return Buffer.concat(normalizer.push(memory.subarray(0, length)));
  });
  parts.push(normalizer.end());
  return { text: Buffer.concat(parts).toString("utf8"), lines: normalizer.lines };
}

/** The same in one step: what an editor shows as lines. */
function expected(bytes: Buffer): string[] {
  const lines = bytes.toString("latin1").split(/\r\n|\r|\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  return lines.map((line) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those bytes are what is looked for
    new TextDecoder().decode(Buffer.from(line, "latin1")).replace(/[\0\x1f]/g, "\uFFFD"),
  );
}

const piece = fc.constantFrom(
  "1",
  ",",
  "2.5",
  "\n",
  "\r",
  "\r\n",
  "\n\n",
  "\0",
  "\x1f",
  "é",
  "日",
  "\xff",
  " ",
  '"',
);

describe("LineNormalizer", () => {
  it("makes the lines that an editor shows, however the bytes come in", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.array(fc.nat(120), { maxLength: 6 }),
        (pieces, cuts) => {
          const bytes = Buffer.concat(
            pieces.map((text) => (text === "\xff" ? Buffer.from([0xff]) : Buffer.from(text))),
          );
          fc.pre(!(bytes[0] === 0xff && bytes[1] === 0xfe));
          const lines = expected(bytes);
          const found = normalize(
            bytes,
            cuts.filter((cut) => cut <= bytes.length && cut >= 4),
          );
          expect(found).toEqual({ text: lines.map((line) => `${line}\n`).join(""), lines: lines.length });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("leaves a byte-order mark out, and refuses UTF-16", () => {
    expect(normalize(Buffer.from("\uFEFFa\nb"), []).text).toBe("a\nb\n");
    expect(() => normalize(Buffer.from("\uFEFFa", "utf16le"), [])).toThrow(/UTF-16/);
  });

  it("cuts a long line, and says how long it was", () => {
    const long = "x".repeat(200_000);
    const { text, lines } = normalize(Buffer.from(`a\n${long}\nb\n`), [50_000, 100_000]);
    expect(lines).toBe(3);
    expect(text).toBe(`a\n${"x".repeat(1024)}… (200000 bytes)\nb\n`);
  });
});
