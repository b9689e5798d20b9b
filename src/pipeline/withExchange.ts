import type { Workspace } from "../core/workspace.ts";
import { readClaim } from "../lake/marketClaim.ts";
import { minuteBook } from "../simulator/book.ts";
import { manualClock } from "../simulator/clock.ts";
import { startSimulator } from "../simulator/server.ts";
import { type Addresses, addresses } from "../venues/addresses.ts";
import { type Network, systemNetwork } from "../venues/http.ts";
import { workspaceMarket } from "./simulatedMarket.ts";

/** The exchange from which a workspace's gaps are requested. */
export interface ExchangeAddress {
  restUrl: string;
  network: Network;
}

/**
 * Calls `use` with the workspace's exchange: the real one at an address, or, if the workspace holds the simulated
 * market, that market's own, served in this process during the call.
 */
export async function withExchange<Result>(
  workspace: Workspace,
  options: Addresses,
  use: (exchange: ExchangeAddress) => Promise<Result>,
): Promise<Result> {
  const claim = await readClaim(workspace);
  // A named address is used; it has to belong to the same market.
  if (claim?.market !== "simulated" || options.restUrl !== undefined) {
    return use({ restUrl: addresses(options).restUrl, network: systemNetwork });
  }
  const clock = manualClock(claim.now);
  const simulator = await startSimulator({
    clock,
    book: minuteBook(workspaceMarket(claim.seed)),
    madeUp: true,
    seed: claim.seed,
  });
  const network: Network = {
    ...systemNetwork,
    now: clock.now,
    wait: async (ms) => clock.advance(ms),
  };
  try {
    return await use({ restUrl: simulator.restUrl, network });
  } finally {
    await simulator.close();
  }
}
