import { describe, expect, it } from "vitest";
import { recognizeLines } from "../../testkit/recognize.ts";

const T = Date.UTC(2024, 2, 1);
const lines = (...cells: unknown[]) =>
  Array.from({ length: 9 }, (_, i) => [
    T + i * 60_000,
    100,
    102,
    98,
    101,
    ...cells,
    i + 0.25,
    (i + 0.25) * 100,
  ]);

/** The pair that is found, null where a column states it, or the code of the refusal. */
function pairOf(names: string, cells: readonly unknown[], symbol: string | null = null) {
  const header = `time,open,high,low,close,${names},volume,quote_volume`;
  try {
    return recognizeLines([header, ...lines(...cells).map((row) => row.join(","))], { symbol }).symbol;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("a column of pairs or of kinds", () => {
  it.each([
    ["market", "spot", "BTCUSDT"],
    ["market", "Kraken", "BTCUSDT"],
    ["s", "13", "BTCUSDT"],
    ["instrument", "crypto", "BTCUSDT"],
    ["symbol", "Kraken", "BTCUSDT"],
    ["symbol", "HIGH", null],
    ["ticker", "X:ETH-USD", null],
    ["instrument", "PERPETUAL", "BTCUSDT_PERP"],
    ["market_type", "swap", "BTCUSDT_PERP"],
    ["instType", "SWAP", "BTCUSDT_PERP"],
    ["instType", "SPOT", "BTCUSDT"],
  ])("%s of %s: %s", (name, cell, symbol) => {
    expect(pairOf(name, [cell])).toBe(symbol);
  });

  it("makes a perpetual of the one pair of a column", () => {
    expect(pairOf("market_type,symbol", ["swap", "ETHUSDT"])).toBe("ETHUSDT_PERP");
    expect(pairOf("market_type,symbol", ["swap", "ETH-USDT-SWAP"])).toBe(null);
    expect(pairOf("market_type", ["swap"], "ETHUSDT_PERP")).toBe("ETHUSDT_PERP");
  });

  it.each([
    ["swap", "BTCUSDT", "BTCUSDT"],
    ["spot", "BTCUSDT_PERP", null],
    ["delivery", "BTCUSDT", null],
  ])("that says %s contradicts %s", (kind, pair, symbol) => {
    expect(pairOf("market_type,symbol", [kind, pair], symbol)).toBe("no_symbol");
  });
});
