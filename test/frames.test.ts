import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { klineToMessage, tickerToMessage } from "../src/speed/produce/toMessage.ts";
import { decodeMessage, encodeMessage } from "../src/topic/message.ts";
import { parseFrame } from "../src/venues/binance/frame.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";

interface Line {
  market_guess: string;
  payload: { data?: { e?: string }; e?: string };
}

describe("frames", () => {
  if (noRecordedData !== null) console.warn(`skipped: ${noRecordedData}`);

  it.skipIf(noRecordedData !== null)(
    "of the real exchange become messages that the topic's readers take",
    () => {
      const lines = readFileSync(recorded("ws", "messages.ndjson"), "utf8").trimEnd().split("\n");
      const spot = lines
        .map((line) => JSON.parse(line) as Line)
        .filter((line) => line.market_guess === "spot");
      const kinds = { kline: 0, ticker: 0, other: 0, broken: 0 };
      for (const { payload } of spot) {
        const parsed = parseFrame(JSON.stringify(payload));
        kinds[parsed.kind] += 1;
        if (parsed.kind !== "kline" && parsed.kind !== "ticker") continue;
        const message =
          parsed.kind === "kline" ? klineToMessage(parsed.frame, {}) : tickerToMessage(parsed.frame, {});
        expect(decodeMessage(encodeMessage(message)).kind).toBe(parsed.kind);
      }
      expect(kinds.broken).toBe(0);
      expect(kinds.kline).toBeGreaterThan(0);
      expect(kinds.ticker).toBeGreaterThan(0);
    },
  );

  it.each([
    ["{", "broken"],
    ["17", "broken"],
    ["null", "broken"],
    ['{"e":"kline","E":1,"s":"BTCUSDT","k":{}}', "broken"],
    ['{"e":"24hrTicker","E":1,"s":"../x","c":"1"}', "broken"],
    ['{"e":"trade"}', "other"],
    ['{"stream":"x@depth","data":{}}', "other"],
    ['{"result":null,"id":1}', "other"],
    ["[]", "other"],
  ])("%s is %s", (text, kind) => {
    expect(parseFrame(text).kind).toBe(kind);
  });
});
