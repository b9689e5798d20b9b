import {
  isSymbolLetter,
  LONGEST_PAIR,
  PLAIN_SYMBOL,
  RESERVED_SYMBOLS,
  SEPARATORS,
  SPELLED_PERPETUALS,
  SYMBOL_SPELLINGS,
} from "../candle/symbol.ts";
import type { Dialect } from "../lake/dialect.ts";

/** What a spelling may give that is no symbol: a device's name, a perpetual's spelling, a pair too short or too long. */
const NO_SYMBOL = `^(?:${RESERVED_SYMBOLS}|${SPELLED_PERPETUALS}|[^_](?:_.*)?|[^_]{${LONGEST_PAIR + 1},}(?:_.*)?)\\z`;

/**
 * SQL for the canonical form of the trading pair in a text, null where it can't be one: what `normalizeSymbol` returns.
 * Most columns have Latin letters alone, and one spelling: `BTCUSDT` and `BTC/USDT` are recognised by a pattern each.
 * @param field SQL for the text; it is repeated
 */
export function symbolSql(field: string, dialect: Dialect): string {
  const { matches, trim, nfc, replaceAll, text } = dialect;
  const bare = trim(field);
  const capitals = `upper(${nfc(bare)})`;
  const spellings = SYMBOL_SPELLINGS.map(([pattern, canonical]) => {
    const symbol = canonical === "" ? text("") : replaceAll(capitals, `^(?:${pattern})\\z`, canonical);
    return `WHEN ${matches(capitals, pattern)} THEN ${symbol}`;
  });
  const isPlain = matches(bare, `${PLAIN_SYMBOL}(?:_PERP)?`);
  const isPair = matches(bare, "[A-Za-z0-9]{1,20}[/_-](?:USDT?|USDC|EUR|usdt?|usdc|eur)");
  // The embedded engine's NFC ends at the first NUL.
  const hasLetters = `(${matches(bare, "[A-Za-z0-9 /_:.|-]+")}
    OR (${matches(bare, "[^\\x00]+")} AND ${matches(nfc(bare), symbolText())}))`;
  return `CASE WHEN ${isPlain} AND NOT ${matches(bare, RESERVED_SYMBOLS)} THEN ${bare}
    WHEN ${isPair} THEN ${replaceAll(`upper(${bare})`, "[/_-]", "")}
    WHEN ${hasLetters} THEN nullif(${replaceAll(`CASE ${spellings.join(" ")} END`, NO_SYMBOL, "")}, ${text("")}) END`;
}

let known: string | undefined;

/** A pattern of the texts that have a symbol's letters and separators alone; the engines' own classes are of older Unicodes. */
function symbolText(): string {
  known ??= `[${SEPARATORS.replace("-", "")}${letterRanges()}-]+`;
  return known;
}

function letterRanges(): string {
  const ranges: [first: number, last: number][] = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (!isSymbolLetter(String.fromCodePoint(code))) continue;
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === code - 1) range[1] = code;
    else ranges.push([code, code]);
  }
  return ranges
    .map((range) => [...new Set(range)].map((code) => String.fromCodePoint(code)).join("-"))
    .join("");
}
