import { DAY_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";

/** The decision on a request, by the weight used in its minute. */
export type Verdict =
  | { admitted: true; used: number }
  | { admitted: false; used: number; status: 429 | 418; retryAfter: number; until: number };

/** Requests over the limit that are refused with 429 before the address is banned. */
const PATIENCE = 10;
const FIRST_BAN_MS = 2 * MINUTE_MS;
const LONGEST_BAN_MS = 3 * DAY_MS;

/**
 * The exchange's request weights: counted by whole minutes of its clock; over the limit 429 with Retry-After; a
 * client that continues is banned with 418, from two minutes up to three days.
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
export function weightCounter(limit: number): (weight: number, now: EpochMs) => Verdict {
  let minute = -1;
  let used = 0;
  let refused = 0;
  let banUntil = 0;
  let banMs = FIRST_BAN_MS;
  return (weight, now) => {
    const current = Math.floor(now / MINUTE_MS);
    if (current !== minute) {
      minute = current;
      used = 0;
      refused = 0;
    }
    if (now < banUntil) return refusal(418, used, banUntil, now);
    used += weight;
    if (used <= limit) return { admitted: true, used };
    refused += 1;
    if (refused <= PATIENCE) return refusal(429, used, (current + 1) * MINUTE_MS, now);
    banUntil = now + banMs;
    banMs = Math.min(2 * banMs, LONGEST_BAN_MS);
    return refusal(418, used, banUntil, now);
  };
}

function refusal(status: 429 | 418, used: number, until: number, now: number): Verdict {
  return { admitted: false, used, status, retryAfter: Math.ceil((until - now) / 1000), until };
}
