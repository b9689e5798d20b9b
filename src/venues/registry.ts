import { binance } from "./binance/binance.ts";

/** Every venue, one line each. */
export const VENUES = { binance };

/** The venue that commands read. */
export const venue = VENUES.binance;
