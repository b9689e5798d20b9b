import fc from "fast-check";
import { expect, test } from "vitest";
import { MINUTE_MS } from "../time/epoch.ts";
import { decodeAny, decodeMessage, encodeMessage } from "./message.ts";

const minute = fc.integer({ min: 20_000_000, max: 40_000_000 }).map((n) => n * MINUTE_MS);
const decimal = fc
  .tuple(fc.integer({ min: 0, max: 10 ** 6 }), fc.stringMatching(/^(\.\d{1,20})?$/))
  .map(([whole, fraction]) => `${whole}${fraction}`);

const kline = fc
  .record({
    symbol: fc.constantFrom("BTCUSDT", "1000SHIBUSDT", "btcusdt", "X"),
    openTime: fc.oneof(minute, fc.integer({ min: -5, max: 2 ** 50 })),
    prices: fc.tuple(decimal, decimal, decimal, decimal),
    volume: decimal,
    trades: fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, 2 ** 60)),
    final: fc.boolean(),
    later: fc.integer({ min: -MINUTE_MS, max: 2 * MINUTE_MS }),
    simulated: fc.boolean(),
  })
  .map(({ prices, later, simulated, openTime, ...rest }) =>
    encodeMessage({
      type: "kline",
      ...rest,
      openTime,
      ...fieldsOf(prices),
      eventTime: openTime + later,
      ...(simulated ? { market: "simulated" as const } : {}),
    }),
  );

function fieldsOf(prices: string[]): { open: string; high: string; low: string; close: string } {
  const [low, open, close, high] = [...prices].sort((a, b) => Number(a) - Number(b));
  return { open, high, low, close };
}

/** Texts with one stretch replaced: digits before and behind, signs, quotes, spaces, brackets, nothing. */
const damaged = fc
  .tuple(kline, fc.nat(), fc.nat(3), fc.constantFrom("", "0", "00", "-", ".", "e5", '"', " ", "}", "\\u0031"))
  .map(([text, at, length, put]) => {
    const from = at % text.length;
    return text.slice(0, from) + put + text.slice(from + length);
  });

test("a kline read off its text says what it says when its JSON is taken apart", () => {
  fc.assert(
    fc.property(fc.oneof(kline, damaged), (text) => {
      expect(decodeMessage(text)).toEqual(decodeAny(text));
    }),
    { numRuns: 5_000 },
  );
});
