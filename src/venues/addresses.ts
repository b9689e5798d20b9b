import { environment } from "../core/machine.ts";
import { baseUrl } from "./http.ts";
import { venue } from "./registry.ts";

/** Addresses of the exchange, from options or the environment. */
export interface Addresses {
  restUrl?: string;
  archiveUrl?: string;
}

/**
 * The base addresses to use: the option, else the environment's (`CANDLEBOOK_REST_URL`, `CANDLEBOOK_ARCHIVE_URL`),
 * else the exchange's own.
 * @throws CandlebookError `bad_url` (exit 2)
 */
export function addresses(options: Addresses = {}): Required<Addresses> {
  const rest = options.restUrl ?? (environment.CANDLEBOOK_REST_URL || venue.addresses.rest);
  const archive = options.archiveUrl ?? (environment.CANDLEBOOK_ARCHIVE_URL || venue.archive.address);
  return { restUrl: baseUrl("--rest-url", rest), archiveUrl: baseUrl("--archive-url", archive) };
}
