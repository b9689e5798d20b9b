import { describe, expect, it } from "vitest";
import { INTERVALS } from "../time/interval.ts";
import { parseInterval, parseStreamInterval } from "./venueInterval.ts";

const refusal = (next: string) => expect.objectContaining({ code: "bad_interval", exit: 2, next });

describe("an interval of the exchange", () => {
  it.each(["3d", "1w", "1M"])("of %s is folded from days, not requested", (interval) => {
    const way = `Use --interval 1d, then candlebook clean and candlebook candles --interval ${interval}.`;
    expect(() => parseInterval(interval)).toThrow(refusal(way));
  });

  it("is streamed up to the week", () => {
    const streamed = INTERVALS.filter((one) => one !== "1M");
    expect(streamed.map(parseStreamInterval)).toEqual(streamed);
    expect(() => parseStreamInterval("1mo")).toThrow(
      refusal("Stream days, --interval 1d, and fold them to months: candlebook consume --window 1M."),
    );
  });

  it("is read in the spellings of time", () => {
    expect([parseInterval("60min"), parseStreamInterval("weekly")]).toEqual(["1h", "1w"]);
    for (const parse of [parseInterval, parseStreamInterval])
      expect(() => parse("7m")).toThrow(expect.objectContaining({ code: "bad_interval" }));
  });
});
