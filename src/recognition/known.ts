import type { Statement } from "./statement.ts";

/** What is known of a text before it is read. */
export interface KnownOfText {
  /** The file as the person named it, and the entry of an archive: for messages. */
  where: string;
  /** Names that may state the market and the interval, the most telling first. */
  names: readonly string[];
  /** Names of the folders around it, the innermost first. */
  folders?: readonly string[];
  /** The pair that the person stated, or null. */
  symbol: string | null;
  stated: Statement;
  /** Candles that this program fetched itself, minute by minute, in a form that it wrote: their numbers prove nothing. */
  fetched: boolean;
}
