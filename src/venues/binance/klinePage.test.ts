import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EpochMs, MINUTE_MS } from "../../time/epoch.ts";
import { InvalidAnswer } from "../http.ts";
import { readPage } from "./klinePage.ts";

const FROM = Date.UTC(2025, 5, 3) as EpochMs;
const REQUEST = {
  symbol: "BTCUSDT",
  interval: "1m" as const,
  from: FROM,
  to: (FROM + 9 * MINUTE_MS) as EpochMs,
  now: (FROM + 100 * MINUTE_MS) as EpochMs,
};
const row = (time: number): unknown[] => [
  ...[time, "10.0", "12.0", "9.0", "11.0", "2.5", time + MINUTE_MS - 1, "27.5", 4, "1.0", "11.0", "0"],
];
const rows = () => Array.from({ length: 10 }, (_, i) => row(FROM + i * MINUTE_MS));

/** A page whose fourth row has another value in a field. */
const changed = (field: number, value: unknown) =>
  rows().map((one, i) => (i === 3 ? one.with(field, value) : one));

describe("readPage", () => {
  it("reads what an honest exchange answers", () => {
    expect(readPage(rows(), REQUEST).map(({ openTime }) => openTime)).toEqual(rows().map(([time]) => time));
    expect(readPage([], REQUEST)).toEqual([]);
    expect(readPage(changed(5, "0"), REQUEST)).toHaveLength(10);
    // The candle in which an outage began.
    expect(readPage(changed(6, FROM + 3 * MINUTE_MS + 28_788), REQUEST)).toHaveLength(10);
  });

  const INVALID: [string, unknown][] = [
    ["no list", { code: 0 }],
    ["null", null],
    ["a thirteenth field", rows().map((one) => [...one, "0"])],
    ["eleven fields", rows().map((one) => one.slice(0, 11))],
    ["an empty volume", changed(5, "")],
    ["a blank volume", changed(5, " ")],
    ["a negative volume", changed(5, "-1")],
    ["a volume that is no number", changed(5, "NaN")],
    ["a hexadecimal volume", changed(5, "0x10")],
    ["a number where text is expected", changed(5, 2.5)],
    ["text where a number is expected", changed(8, "4")],
    ["negative trades", changed(8, -7)],
    ["half a trade", changed(8, 1.5)],
    ["a negative quote volume", changed(7, "-1.0")],
    ["a price of 0", changed(3, "0.0")],
    ["a high below the close", changed(2, "10.5")],
    ["a time off the grid", [row(FROM + 1)]],
    ["hours", rows().map((one) => one.with(6, Number(one[0]) + 60 * MINUTE_MS - 1))],
    ["a close time before the open time", changed(6, FROM)],
    ["the future", [...rows(), row(FROM + 101 * MINUTE_MS)]],
    ["seconds since 1970", rows().map((one) => one.with(0, Number(one[0]) / 1000))],
    ["two candles of one minute that differ", [...rows(), row(FROM).with(4, "11.5")]],
  ];
  it.each(INVALID)("refuses %s", (_name, body) => {
    expect(() => readPage(body, REQUEST)).toThrow(InvalidAnswer);
  });

  it("never gives fewer candles than it was given rows of the range", () => {
    const value = fc.oneof(fc.constantFrom("", "-1", "1e400", "1", null, 0, -1, FROM, 1e300), fc.json());
    fc.assert(
      fc.property(fc.nat(11), value, (field, changedTo) => {
        try {
          const page = readPage(changed(field, changedTo), REQUEST);
          expect(page).toHaveLength(10);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidAnswer);
        }
      }),
    );
  });
});
