import { MINUTE_MS } from "../../src/time/epoch.ts";
import { encodeMessage } from "../../src/topic/message.ts";
import type { OutgoingMessage } from "../../src/topic/topic.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT"];
/** Ten million messages of two symbols are nine and a half years: none of them lies in the future. */
const START = Date.UTC(2010, 0, 1);
/** Of Kafka's tools and of every message here. */
export const BYTES = 260;

/** Final minutes of two symbols in turn, one message each; zeros behind the numbers fill up to 260 bytes. */
export function* messages(count: number, chunk: number): Generator<OutgoingMessage[]> {
  for (let at = 0; at < count; at += chunk) {
    yield Array.from({ length: Math.min(chunk, count - at) }, (_, i) => message(at + i));
  }
}

function message(n: number): OutgoingMessage {
  const symbol = SYMBOLS[n % 2];
  const openTime = START + Math.floor(n / 2) * MINUTE_MS;
  const price = 50_000 + ((n * 7_919) % 10_000) / 100;
  const form = (zeros: number, more: number): string =>
    encodeMessage({
      type: "kline",
      symbol,
      openTime,
      open: price.toFixed(2) + "0".repeat(zeros),
      high: (price + 10).toFixed(2) + "0".repeat(zeros),
      low: (price - 10).toFixed(2) + "0".repeat(zeros),
      close: (price + 1).toFixed(2) + "0".repeat(zeros),
      volume: (((n * 31) % 1_000_000) / 1e5).toFixed(5) + "0".repeat(more),
      trades: n % 3_000,
      final: true,
      eventTime: openTime + MINUTE_MS + 12,
    });
  const room = BYTES - form(0, 0).length;
  const zeros = Math.floor(room / 5);
  return { key: symbol, value: form(zeros, room - 4 * zeros) };
}

/** How many days of the first `count` messages close: one symbol's windows, whole days that the watermark has passed. */
export function closedDays(count: number): number {
  const minutes = Math.floor(count / 2);
  return 2 * Math.floor((minutes - 60) / 1_440);
}
