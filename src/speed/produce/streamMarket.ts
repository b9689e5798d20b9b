import { WebSocket } from "ws";
import { inputError } from "../../core/errors.ts";
import type { MarketClaim } from "../../lake/marketClaim.ts";
import { MARKET_HEADER, simulatedSeed } from "../../venues/marketHeader.ts";
import { venue } from "../../venues/registry.ts";
import type { StreamMarket } from "./recording.ts";

/** Headers of an answer, names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

/** A simulated exchange says so in the headers of a connection; any other is the real one. */
export function marketOf(headers: Headers): StreamMarket {
  const seed = simulatedSeed(String(headers[MARKET_HEADER] ?? ""));
  return seed === null ? { schema: 1, market: "real" } : { schema: 1, market: "simulated", seed };
}

/** The market of the streams at a base address; null where there is no answer. @param url of the connection */
export async function marketOfStream(base: string, url: string): Promise<StreamMarket | null> {
  if (base === venue.addresses.stream) return { schema: 1, market: "real" };
  const headers = await probeHeaders(url, CONNECT_MS);
  return headers === null ? null : marketOf(headers);
}

const CONNECT_MS = 10_000;

/** The headers of a first connection; null where there is no answer. */
function probeHeaders(url: string, waitMs: number): Promise<Headers | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { handshakeTimeout: waitMs, followRedirects: false });
    const end = (headers: Headers | null) => {
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.terminate();
      resolve(headers);
    };
    socket.on("upgrade", ({ headers }) => end(headers));
    socket.on("error", () => end(null));
    socket.on("close", () => end(null));
  });
}

/** The error for a stream that is not of the workspace's market. */
export function otherMarket(claim: MarketClaim): Error {
  const other = claim.market === "real" ? "a simulated exchange's" : "not a simulated exchange's";
  return inputError(
    "mixed_markets",
    `The stream is ${other}, and this workspace holds the ${claim.market} market.`,
    "Use a workspace of its own: --workspace DIR.",
  );
}
