import type { Interval } from "../time/interval.ts";

/** What the names of a file state: its own, and that of the archive or folder around it. */
export interface StatedByNames {
  /** The pair, in its canonical form. */
  symbol: string | null;
  /** The quote currency, where a venue's name is in the place of the coin (`bitstampUSD`). */
  quoteOnly: string | null;
  interval: Interval | null;
  /** Kraken's bare number of minutes as the one word behind the pair (`XBTUSD_60.csv`). */
  bareMinutes: number | null;
  /** The venue that a name starts a word with, in small letters. */
  venue: string | null;
  /** Two pairs or two intervals in the names, as a part of a sentence; null where they agree. */
  contradiction: string | null;
  /** The words that were read as the pair and as the interval, as they are written. */
  evidence: { symbol: string | null; interval: string | null };
}
