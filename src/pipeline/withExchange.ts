import { monotonicClock } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import { readClaim } from "../lake/marketClaim.ts";
import { minuteBook } from "../simulator/book.ts";
import { manualClock, runningClock } from "../simulator/clock.ts";
import { startSimulator } from "../simulator/server.ts";
import { type Addresses, addresses } from "../venues/addresses.ts";
import { type Network, systemNetwork } from "../venues/http.ts";
import { workspaceMarket } from "./marketParts.ts";

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

/** A simulated workspace's stream: a minute of its market in each second. */
const STREAM_SPEED = 60;

/**
 * Calls `use` with the addresses of a simulated workspace's own exchange, which streams from the workspace's *now* on
 * and is served in this process during the call; with null if the workspace does not hold the simulated market.
 */
export async function withOwnStream<Result>(
  workspace: Workspace,
  use: (own: { streamUrl: string; restUrl: string } | null) => Promise<Result>,
): Promise<Result> {
  const claim = await readClaim(workspace);
  if (claim?.market !== "simulated") return use(null);
  const simulator = await startSimulator({
    clock: runningClock(claim.now, STREAM_SPEED, monotonicClock),
    book: minuteBook(workspaceMarket(claim.seed)),
    madeUp: true,
    seed: claim.seed,
  });
  try {
    return await use(simulator);
  } finally {
    await simulator.close();
  }
}
