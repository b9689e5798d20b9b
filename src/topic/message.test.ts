import fc from "fast-check";
import { expect, test } from "vitest";
import { MINUTE_MS } from "../time/epoch.ts";
import { parseEncodedKline } from "./klineBytes.ts";
import { decodeAny, decodeMessage, encodeMessage } from "./message.ts";

const minute = fc.integer({ min: 20_000_000, max: 40_000_000 }).map((n) => n * MINUTE_MS);
const decimal = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^(0|[1-9]\d{0,6})(\.\d{1,20})?$/) },
  // As long as they may be, which no double holds, and longer.
  fc.stringMatching(/^\d{1,25}(\.\d{0,25})?$/),
  fc.constantFrom("9007199254740993", "9007199254740992.5", "0.00000000", "4.35000", "0.1"),
);

const kline = fc
  .record({
    symbol: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom("BTCUSDT", "1000SHIBUSDT") },
      fc.constantFrom("btcusdt", "X", "CON", "BTCUSDT_PERP", "BTCUSDTPERP", "BTCUSDTM", "币安USDT"),
    ),
    openTime: fc.oneof(minute, fc.integer({ min: -5, max: 2 ** 50 })),
    prices: fc.tuple(decimal, decimal, decimal, decimal),
    volume: decimal,
    amounts: fc.option(fc.tuple(decimal, decimal, decimal)),
    trades: fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, 2 ** 60)),
    final: fc.boolean(),
    later: fc.integer({ min: -MINUTE_MS, max: 2 * MINUTE_MS }),
    simulated: fc.boolean(),
  })
  // In the order of the producer's fields: any other is read the long way.
  .map(({ symbol, openTime, prices, volume, amounts, trades, final, later, simulated }) =>
    encodeMessage({
      type: "kline",
      symbol,
      openTime,
      ...fieldsOf(prices),
      volume,
      ...(amounts === null ? {} : { quoteVolume: amounts[0] }),
      trades,
      ...(amounts === null ? {} : { takerBase: amounts[1], takerQuote: amounts[2] }),
      final,
      eventTime: openTime + later,
      ...(simulated ? { market: "simulated" as const } : {}),
      ...(amounts === null ? {} : { v: 2 }),
    }),
  );

function fieldsOf(prices: string[]): { open: string; high: string; low: string; close: string } {
  const [low, open, close, high] = [...prices].sort((a, b) => Number(a) - Number(b));
  return { open, high, low, close };
}

/** Texts with one stretch replaced: digits before and behind, signs, quotes, spaces, brackets, nothing. */
const damaged = fc
  .tuple(
    kline,
    fc.nat(),
    fc.nat(3),
    fc.constantFrom("", "0", "00", "-", ".", "e5", '"', " ", "}", "\\u0031", "\u0131", "é"),
  )
  .map(([text, at, length, put]) => {
    const from = at % text.length;
    return text.slice(0, from) + put + text.slice(from + length);
  });

test("a kline read off its bytes says what it says when its JSON is taken apart, to the last bit", () => {
  let own = 0;
  fc.assert(
    fc.property(fc.oneof(kline, damaged), (text) => {
      const bytes = Buffer.from(`9${text}9`);
      if (parseEncodedKline(bytes, 1, bytes.length - 1) !== null) own += 1;
      expect(decodeMessage(text)).toEqual(decodeAny(text));
    }),
    { numRuns: 5_000 },
  );
  expect(own).toBeGreaterThan(500);
});

test("a kline's bytes end where its value ends, whatever comes behind", () => {
  const value = encodeMessage({
    type: "kline",
    symbol: "BTCUSDT",
    openTime: 1_723_161_600_000,
    open: "1.5",
    high: "2",
    low: "1",
    close: "1",
    volume: "0.10",
    trades: 3,
    final: true,
    eventTime: 1_723_161_660_012,
  });
  const bytes = Buffer.from(value + value);
  expect(parseEncodedKline(bytes, 0, value.length)).toMatchObject({ open: 1.5, volume: 0.1, trades: 3 });
  for (let to = 0; to < bytes.length; to += 1) {
    if (to !== value.length) expect(parseEncodedKline(bytes, 0, to)).toBeNull();
  }
});
