import type { Workspace } from "../src/core/workspace.ts";
import type { Exchange } from "../src/speed/exchange.ts";
import { restExchange } from "../src/speed/restExchange.ts";
import { systemNetwork } from "../src/venues/http.ts";

/** A simulated exchange's REST side without its long pauses, and every question in `asked`. */
export function restOf(
  workspace: Workspace,
  url: string,
): Exchange & { asked: { symbol: string; from: number; to: number }[] } {
  const network = {
    ...systemNetwork,
    wait: (ms: number, signal?: AbortSignal) => systemNetwork.wait(Math.min(ms, 5), signal),
  };
  const exchange = restExchange(workspace, url, {}, network);
  const asked: { symbol: string; from: number; to: number }[] = [];
  return {
    asked,
    time: exchange.time,
    candles: (series, span) => {
      asked.push({ symbol: series.symbol, ...span });
      return exchange.candles(series, span);
    },
  };
}
