import { describe, expect, it } from "vitest";
import { FEATURES, fileCase } from "../testkit/candleGrammar/fileCase.ts";
import type { FileCase, TruthCandle } from "../testkit/candleGrammar/types.ts";
import { faultOf } from "../testkit/candleGrammar/verdict.ts";

const CASES = Array.from({ length: 2_000 }, (_, i) => fileCase(i + 1));

function candlesOf({ truth }: FileCase): TruthCandle[] {
  return truth.kind === "refused" ? truth.beside : truth.candles;
}

function share(holds: (fileCase: FileCase) => boolean): number {
  return CASES.filter(holds).length / CASES.length;
}

describe("the grammar of candle files", () => {
  it("gives the same bytes and truth for a seed", () => {
    for (const seed of [1, 77, 12_345]) expect(fileCase(seed)).toEqual(fileCase(seed));
  });

  it("has every feature in 2,000 seeds, most of them together with others", () => {
    const seen = new Set(CASES.flatMap(({ features }) => features));
    expect(FEATURES.filter((label) => !seen.has(label))).toEqual([]);
    expect(share(({ features }) => features.length >= 2 && features.length <= 4)).toBeGreaterThan(0.6);
  });

  it("has about as many files to be read as to be refused, for every reason", () => {
    expect(share(({ truth }) => truth.kind !== "refused")).toBeGreaterThan(0.4);
    expect(share(({ truth }) => truth.kind !== "read")).toBeGreaterThan(0.4);
    const codes = new Set(CASES.flatMap(({ truth }) => (truth.kind === "refused" ? truth.codes : [])));
    expect(codes.size).toBe(17);
  });

  it("has candles that are candles, on the grid and in the order of prices", () => {
    for (const fileCase of CASES) {
      const times = candlesOf(fileCase).map(({ openTime }) => openTime);
      const ordered = [...new Set(times)].sort((a, b) => a - b);
      const step = Math.min(...ordered.slice(1).map((time, i) => time - ordered[i]));
      for (const { openTime, open, high, low, close, volume } of candlesOf(fileCase)) {
        if (ordered.length > 1) expect((openTime - ordered[0]) % step).toBe(0);
        expect(openTime % 1_000).toBe(0);
        expect(openTime < Date.UTC(2026, 0)).toBe(true);
        expect(low > 0 && volume >= 0).toBe(true);
        expect(low <= open && low <= close && high >= open && high >= close).toBe(true);
      }
    }
  }, 60_000);

  it("names files apart and by what they are packed in", () => {
    for (const { files } of CASES) {
      expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
      for (const { name, bytes } of files) {
        expect(name.endsWith(".zip")).toBe(bytes[0] === 0x50 && bytes[1] === 0x4b);
        expect(name.endsWith(".gz")).toBe(bytes[0] === 0x1f && bytes[1] === 0x8b);
      }
    }
  });
});

describe("the verdict on what was found", () => {
  const readCase = CASES.find(({ truth }) => truth.kind === "read") as FileCase;
  const refusedCase = CASES.find(({ truth }) => truth.kind === "refused") as FileCase;
  const candles = candlesOf(readCase);

  it("accepts the truth, with repeats", () => {
    const rejected = readCase.truth.kind === "read" ? readCase.truth.rejected : 0;
    expect(faultOf(readCase, { codes: [], candles: [...candles, candles[0]], rejected })).toBeNull();
    const codes = refusedCase.truth.kind === "refused" ? refusedCase.truth.codes.slice(0, 1) : [];
    expect(faultOf(refusedCase, { codes, candles: [], rejected: 0 })).toBeNull();
  });

  it.each([
    ["a candle less", { codes: [], candles: candles.slice(1), rejected: 0 }],
    ["another volume", { codes: [], candles: candles.map((c) => ({ ...c, volume: 1e9 })), rejected: 0 }],
    ["more rejected rows", { codes: [], candles, rejected: 999 }],
    ["a refusal", { codes: ["unknown_form"], candles: [], rejected: 0 }],
  ])("shows the case where there is %s", (_, found) => {
    const fault = faultOf(readCase, found);
    expect(fault).toContain(`seed ${readCase.seed}: ${readCase.features.join("; ")}`);
    expect(fault).toMatch(/expected: .+\nfound: .+/);
  });

  it("shows a file that was read and should not have been, or was refused with another question", () => {
    expect(faultOf(refusedCase, { codes: [], candles, rejected: 0 })).toContain("expected: refused, ");
    expect(faultOf(refusedCase, { codes: ["disk_full"], candles: [], rejected: 0 })).toContain("disk_full");
  });
});
