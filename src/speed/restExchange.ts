import type { Effects } from "../core/effects.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { simulatedSeedOf } from "../lake/marketClaim.ts";
import { floorToInterval } from "../time/interval.ts";
import { banList } from "../venues/ban.ts";
import { baseUrl, type Network, systemNetwork } from "../venues/http.ts";
import { venue } from "../venues/registry.ts";
import { fetchStretch } from "../venues/stretch.ts";
import type { Exchange } from "./exchange.ts";

/**
 * The exchange's REST interface for producer and consumer: candles by pages, bounded retries, its own clock.
 * @param url base address, `https://api.binance.com`
 * @throws CandlebookError `bad_url`
 */
export function restExchange(
  workspace: Workspace,
  url: string,
  effects: Effects = {},
  network: Network = systemNetwork,
): Exchange {
  const rest = venue.rest({
    base: baseUrl("--rest-url", url),
    network,
    bans: banList(inWorkspace(workspace, "data", "bans.json")),
    market: () => simulatedSeedOf(workspace),
    signal: effects.signal,
  });
  return {
    time: () => rest.time(),
    candles: async ({ symbol, interval }, { from, to }) => {
      const end = Math.min(to, floorToInterval(await rest.time(), interval));
      const stretch = { symbol, interval, from, to: end };
      return (await fetchStretch(rest, stretch, 1)).candles;
    },
  };
}
