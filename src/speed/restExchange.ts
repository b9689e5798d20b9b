import { banList } from "../binance/ban.ts";
import { baseUrl, type Network, systemNetwork } from "../binance/http.ts";
import { klineToCandle } from "../binance/kline.ts";
import { restClient } from "../binance/rest.ts";
import type { Candle } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { simulatedSeedOf } from "../lake/source.ts";
import { type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import type { Exchange } from "./exchange.ts";

/**
 * The exchange's REST interface for producer and consumer: minutes by pages, bounded retries, its own clock.
 * @param url base address, `https://api.binance.com`
 * @throws CandlebookError `bad_url`
 */
export function restExchange(
  workspace: Workspace,
  url: string,
  effects: Effects = {},
  network: Network = systemNetwork,
): Exchange {
  const rest = restClient({
    base: baseUrl("--rest-url", url),
    network,
    bans: banList(inWorkspace(workspace, "data", "bans.json")),
    market: () => simulatedSeedOf(workspace),
    signal: effects.signal,
  });
  return {
    time: () => rest.time(),
    minutes: async (symbol, { from, to }) => {
      const now = await rest.time();
      const end = Math.min(to, now - (now % MINUTE_MS));
      const candles: Candle[] = [];
      for (let start: number = from; start < end; ) {
        const page = await rest.klines(symbol, "1m", start as EpochMs, (end - 1) as EpochMs);
        candles.push(...page.map((kline) => klineToCandle(symbol, kline)));
        if (page.length === 0) break;
        start = page[page.length - 1][0] + MINUTE_MS;
      }
      return candles;
    },
  };
}
