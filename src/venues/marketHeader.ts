import { inputError } from "../core/errors.ts";

/** A simulated exchange marks each response with this header; without it the exchange is the real one. */
export const MARKET_HEADER = "x-candlebook-market";

export const marketHeader = (seed: number) => `simulated; seed=${seed}`;

/** The seed of the simulated exchange that sent this header; null for the real one. */
export function simulatedSeed(header: string | null | undefined): number | null {
  const form = /^simulated; seed=(-?\d+)$/.exec(header ?? "");
  return form === null ? null : Number(form[1]);
}

/**
 * Simulated candles are never written to a workspace with real ones, nor the other way round.
 *
 * @param own seed of the simulated market that the workspace holds; null: the real one
 *
 * @throws CandlebookError `mixed_markets` (exit 2)
 */
export function refuseOtherMarket(url: string, headers: Headers, own: number | null): void {
  const theirs = simulatedSeed(headers.get(MARKET_HEADER));
  if (theirs === own) return;
  const name = (seed: number | null) =>
    seed === null ? "the real market" : `the simulated market of seed ${seed}`;
  throw inputError(
    "mixed_markets",
    `${new URL(url).host} serves ${name(theirs)}; this workspace holds ${name(own)}. They can't be combined.`,
    "Use a separate workspace (--workspace DIR), or another address (--rest-url, --archive-url).",
  );
}
