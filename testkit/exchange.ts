import { isKline, klineToCandle } from "../src/binance/kline.ts";
import type { Candle } from "../src/candle/candle.ts";
import { outsideError } from "../src/core/errors.ts";
import type { Exchange } from "../src/speed/exchange.ts";
import { type EpochMs, MINUTE_MS } from "../src/time/epoch.ts";

/** A simulated exchange's REST side as the speed layer asks it, and every question in `asked`. */
export function restOf(
  restUrl: string,
): Exchange & { asked: { symbol: string; from: number; to: number }[] } {
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${restUrl}/api/v3/${path}`).catch((cause) => {
      throw outsideError("unreachable", "The exchange does not answer.", "Wait.", cause);
    });
    if (!answer.ok) throw outsideError("refused", `The exchange refused with ${answer.status}.`, "Wait.");
    return answer.json();
  };
  const time = async () => ((await get("time")) as { serverTime: number }).serverTime as EpochMs;
  const asked: { symbol: string; from: number; to: number }[] = [];
  return {
    asked,
    time,
    minutes: async (symbol, { from, to }) => {
      asked.push({ symbol, from, to });
      const now = await time();
      const end = Math.min(to, now - (now % MINUTE_MS));
      const candles: Candle[] = [];
      for (let start: number = from; start < end; ) {
        const query = `klines?symbol=${symbol}&interval=1m&startTime=${start}&endTime=${end - 1}&limit=1000`;
        const klines = ((await get(query)) as unknown[]).filter(isKline);
        if (klines.length === 0) break;
        candles.push(...klines.map((kline) => klineToCandle(symbol, kline)));
        start = klines[klines.length - 1][0] + MINUTE_MS;
      }
      return candles;
    },
  };
}
