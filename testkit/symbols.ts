import fc from "fast-check";
import { normalizeSymbol } from "../src/candle/symbol.ts";

/** Letters of several scripts, blanks, separators and what no symbol has. */
const character = fc.oneof(
  fc.constantFrom(..."BTCUSDPEth19_-/ :.币안ßéΩ\u0301\u2126\u1100\u1161\u{10428}𝟙\n\0\"'"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
);

/** What a column or a person may have for a pair, right and wrong. */
export const symbolTexts = fc.oneof(
  fc.array(character, { maxLength: 12 }).map((parts) => parts.join("")),
  fc
    .tuple(
      fc.constantFrom("", "", "", "X:", "PI_", "BITSTAMP_SPOT_"),
      fc.constantFrom("btc", "BTC", "USDT", "币安", "1000SHIB", "krw"),
      fc.constantFrom("/", "-", "_", " ", "|", ""),
      fc.constantFrom("usdt", "USD", "ETH", "ÉT", ""),
      fc.constantFrom(
        "",
        "_PERP",
        "-SWAP",
        ".P",
        ":USDT",
        ":USDT-240628",
        "_240628",
        ...["_USDT", "-28JUN24", "_8NOV24", "_2024", "M", "PERP", "_UMCBL", "_CQ", "_SPBL", "-PERPETUAL"],
      ),
    )
    .map((parts) => parts.join("")),
);
/** Symbols as `normalizeSymbol` returns them. */
export const canonicalSymbols = symbolTexts.map(normalizeSymbol).filter((symbol) => symbol !== null);
