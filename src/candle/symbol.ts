import { inputError } from "../core/errors.ts";

/** What a symbol says of its market. `base` and `quote` are null where no known quote currency ends the pair. */
export interface Market {
  symbol: string;
  base: string | null;
  quote: string | null;
  kind: "spot" | "perpetual" | "delivery";
}

const DOLLARS = "USD USDT USDC BUSD FDUSD TUSD DAI USDP USDD USDE USDJ USDS USD1 PYUSD RLUSD".split(" ");
/** Stablecoins by whose names, without a separator, ETHUSD and EOSUSD would be cut wrongly: no pair is split at them. */
const RARE_DOLLARS = ["GUSD", "HUSD", "SUSD", "PAX"];
const FIAT = (
  "EUR GBP JPY TRY BRL AUD KRW CAD CHF CNY UAH RUB PLN ZAR VND " +
  "CZK HKD IDR INR MXN NGN NZD SEK SGD THB AED"
).split(" ");
const MONEY = [...DOLLARS, ...RARE_DOLLARS, ...FIAT];
/** Longest first, so that `FDUSD` is found before `USD`. */
const QUOTES = [...DOLLARS, ...FIAT, "BTC", "XBT", "ETH", "BNB", "TRX", "EURC", "EURI"].sort(
  (a, b) => b.length - a.length,
);
/** Coins in dollars that look like another coin in TUSD or BUSD: `DOTUSD` is DOT in USD. */
const BEFORE_USD = (
  "ANT APT BAT BNT BTT DOT FET FTT GMT GRT HNT HOT JST LPT MNT " +
  "QNT USDT VET XBT ARB BNB CKB SHIB TRB WBNB"
).split(" ");
/** Poloniex and Bittrex write `USDT_BTC`, Upbit `KRW-BTC`. Other stablecoins have been a base of coins (`TUSD-BTC`). */
const QUOTED_FIRST = ["USD", "USDT", "USDC", "BUSD", "USDD", "USDJ", ...FIAT];
const ALIASES: Readonly<Record<string, string>> = { XBT: "BTC", XDG: "DOGE" };

/** What can be between the words of a spelling. */
export const SEPARATORS = " /_:.|-";
const WORD = `[^${SEPARATORS}]+`;
const SEPARATOR = "(?: *[/_|-] *| +)";
const DOLLAR = DOLLARS.join("|");
const CURRENCY = MONEY.join("|");
/** Two words, or one that ends in a currency: `$1$2$3`. Of a coin alone, venues of futures mean dollars. */
const PAIR = `(?:(${WORD}(?:${CURRENCY}))|(${WORD})${SEPARATOR}(${WORD}))`;
const EXPIRY =
  "[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|[12][0-9]))";
const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
/** The last days of each month, beyond its 29th. */
const ENDS = MONTHS.map(
  (name) => ({ FEB: "", APR: "|30", JUN: "|30", SEP: "|30", NOV: "|30" })[name] ?? "|3[01]",
);

type Spelling = readonly [pattern: string, canonical: string];

/** Deribit's and Bybit's `BTC-28JUN24`, `BTCUSDT-8NOV24`. */
const NAMED_EXPIRIES = MONTHS.flatMap((name, month): Spelling[] => {
  const digits = String(month + 1).padStart(2, "0");
  const spelled = (pair: string, groups: number, canonical: string): Spelling[] =>
    [`(0[1-9]|[12][0-9]${ENDS[month]})`, "([1-9])"].map((day, short) => [
      `${pair}[_-]${day}${name}([0-9]{2})`,
      `${canonical}_$${groups + 2}${digits}${"0".repeat(short)}$${groups + 1}`,
    ]);
  return [...spelled(PAIR, 3, "$1$2$3"), ...spelled(`(${WORD})`, 1, "$1USD")];
});

/**
 * How venues write a pair, in capitals, and what that is in the canonical form; the first pattern that matches the
 * whole text decides, and gives no symbol where the form is empty. The patterns keep to what JavaScript, RE2 and Java
 * have in common, because the engines' SQL is made from them as well (`symbolSql`).
 */
export const SYMBOL_SPELLINGS: readonly Spelling[] = [
  // KuCoin `XBTUSDTM`, TradingView `BTCUSDTPERP`, Bybit `BTCPERP`, in USDC.
  [`(${WORD}(?:USD[TC]?))M`, "$1_PERP"],
  [`(${WORD}(?:${DOLLAR}))PERP`, "$1_PERP"],
  [`(BTC|ETH|SOL)PERP`, "$1USDC_PERP"],
  [`(${WORD})`, "$1"],
  [`(${WORD})${SEPARATOR}(${CURRENCY})`, "$1$2"],
  // Binance `BTCUSD_PERP`, OKX `BTC-USDT-SWAP`, TradingView `BTCUSDT.P`, Bitget `BTCUSDT_UMCBL`.
  [`${PAIR}(?:[_-](?:PERP|PERPETUAL|SWAP|FUTURES?|LINEAR|INVERSE|[UD]MCBL)|\\.P)`, "$1$2$3_PERP"],
  [`(${WORD})PERP_CMCBL`, "$1USDC_PERP"],
  [`${PAIR}[_-](?:SPOT|SPBL)`, "$1$2$3"],
  // Deribit `BTC-PERPETUAL`.
  [`(${WORD})-(?:PERP|PERPETUAL)`, "$1USD_PERP"],
  [`(${WORD})(?:[_-](?:PERP|PERPETUAL|SWAP)|\\.P)`, "$1_PERP"],
  // Kraken's futures `PI_XBTUSD`, `FI_XBTUSD_240628`.
  [`P[IF]_(${WORD}(?:${DOLLAR}))`, "$1_PERP"],
  [`F[IF]_(${WORD}(?:${DOLLAR}))_(${EXPIRY})`, "$1_$2"],
  // Binance `BTCUSDT_240628`, OKX `BTC-USD-240628`.
  [`(${WORD})(?:${SEPARATOR}(${WORD}))?[_-](${EXPIRY})`, "$1$2_$3"],
  // ccxt `BTC/USDT:USDT` and `BTC/USDT:USDT-240628`.
  [`(${WORD})/(${WORD}):${WORD}`, "$1$2_PERP"],
  [`(${WORD})/(${WORD}):${WORD}-(${EXPIRY})`, "$1$2_$3"],
  // The same in the names of Freqtrade's files: `BTC_USDT_USDT`.
  [`(${WORD})[_-](?:(USDT)[_-]USDT|(USDC)[_-]USDC|(BUSD)[_-]BUSD)`, "$1$2$3$4_PERP"],
  // CoinAPI `BITSTAMP_SPOT_BTC_USD`.
  [`${WORD}_SPOT_(${WORD})_(${WORD})`, "$1$2"],
  [`${WORD}_PERP_(${WORD})_(${WORD})`, "$1$2_PERP"],
  [`${WORD}_FTS_(${WORD})_(${WORD})_(${EXPIRY})`, "$1$2_$3"],
  // Polygon `X:BTCUSD`, `X:BTC-USD`; TradingView `BINANCE:BTCUSDT`.
  [`X:${PAIR}`, "$1$2$3"],
  [`${WORD}:(?:${CURRENCY})`, ""],
  [`${WORD}:(${WORD}(?:${QUOTES.join("|")}))(?:PERP|\\.P)`, "$1_PERP"],
  [`${WORD}:(${WORD}(?:${QUOTES.join("|")}))`, "$1"],
  // Contracts that follow one another under one name, `BTC_CQ`, are no market.
  [`${WORD}[_-][CN][WQ]`, ""],
  [`(${QUOTED_FIRST.join("|")})[_-](${WORD})`, "$2$1"],
  [`(${WORD})${SEPARATOR}([^0-9${SEPARATORS}][^${SEPARATORS}]*)`, "$1$2"],
  ...NAMED_EXPIRIES,
  [`${WORD}(?:${SEPARATOR}${WORD})?[_-][0-9]{1,2}(?:${MONTHS.join("|")})[0-9]{2}`, ""],
  [`(${WORD})${SEPARATOR}([0-9]*[^0-9${SEPARATORS}][^${SEPARATORS}]*)`, "$1$2"],
];

/** Names that Windows has taken for devices. */
export const RESERVED_SYMBOLS = "CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]";
/** What a pair of two words may give that is the spelling of a perpetual. */
export const SPELLED_PERPETUALS = `[^_]+USD[TC]?M|[^_]+(?:${DOLLAR})PERP|(?:BTC|ETH|SOL)PERP`;

/** Code points of a pair at most, without what follows it where it is no spot; at least there are two. */
export const LONGEST_PAIR = 30;
const CANONICAL = /^([^_]+)(?:_(?:(PERP)|(\d{6})))?$/;

const spellings = SYMBOL_SPELLINGS.map(([pattern, canonical]) => ({
  pattern: new RegExp(`^(?:${pattern})$`, "u"),
  canonical,
}));
/** Most symbols, canonical already; an `M` or `PERP` at the end can be a kind. */
export const PLAIN_SYMBOL = `[A-Z0-9]{1,${LONGEST_PAIR - 1}}[A-LNOQ-Z0-9]`;
const plain = new RegExp(`^${PLAIN_SYMBOL}$`);
const reserved = new RegExp(`^(?:${RESERVED_SYMBOLS})$`, "u");
const noSymbol = new RegExp(`^(?:${RESERVED_SYMBOLS}|${SPELLED_PERPETUALS})$`, "u");
const letters = /^[\p{L}\p{N}]$/u;
const conjoiningJamo = /^[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]$/u;
/** Small letters that Unicode knows the capitals of since 14 only: the engines do not. */
const newlyCased =
  /^[\u019b\u0264\u1c8a\ua7c1\ua7cd\ua7cf\ua7d1\ua7d3\ua7d5\ua7d7\ua7d9\ua7db\u{10597}-\u{105bc}\u{10d70}-\u{10d85}\u{16ebb}-\u{16ed3}]$/u;

/**
 * Whether a code point can be in a symbol: a letter or digit of any script, with one capital or none (`ß` has two),
 * in NFC.
 */
export function isSymbolLetter(letter: string): boolean {
  if (!letters.test(letter) || conjoiningJamo.test(letter) || newlyCased.test(letter)) return false;
  return letter.normalize("NFC") === letter && [...letter.toUpperCase()].length === 1;
}

/**
 * The canonical form of a trading pair: letters and digits of any script in capitals and NFC, base and quote without
 * a separator, `_PERP` behind a perpetual and `_YYMMDD` behind a delivery. `btc/usdt` is `BTCUSDT`, ccxt's
 * `BTC/USDT:USDT` is `BTCUSDT_PERP`, Poloniex' `USDT_BTC` is `BTCUSDT`. Blanks (Unicode's separators) at both ends
 * are ignored.
 * @returns null where the text can't be a pair
 */
export function normalizeSymbol(text: string): string | null {
  if (plain.test(text) && !reserved.test(text)) return text;
  const bare = text.replace(/^\p{Zs}+|\p{Zs}+$/gu, "").normalize("NFC");
  const capitals = bare.toUpperCase();
  const spelling = spellings.find(({ pattern }) => pattern.test(capitals));
  if (spelling === undefined) return null;
  const symbol = capitals.replace(spelling.pattern, spelling.canonical);
  const [, pair = ""] = CANONICAL.exec(symbol) ?? [];
  const { length } = [...pair];
  const fits = length >= 2 && length <= LONGEST_PAIR && !noSymbol.test(symbol);
  return fits && [...bare].every((one) => SEPARATORS.includes(one) || isSymbolLetter(one)) ? symbol : null;
}

/**
 * The canonical form of a trading pair that a person typed.
 * @throws CandlebookError `bad_symbol` where it can't be one: symbols become folder names
 */
export function parseSymbol(text: string): string {
  const symbol = normalizeSymbol(text.trim());
  if (symbol !== null) return symbol;
  throw inputError(
    "bad_symbol",
    `"${text.slice(0, 40)}" is not a valid trading pair.`,
    "Use letters and digits, such as BTCUSDT or BTC/USDT; for a perpetual BTCUSDT_PERP, for a delivery BTCUSDT_240628.",
  );
}

/** Whether a text is a symbol in its canonical form already. */
export function isSymbol(text: string): boolean {
  return normalizeSymbol(text) === text;
}

/** What a canonical symbol says of its market. @param symbol as `normalizeSymbol` returns it */
export function marketOf(symbol: string): Market {
  const [, pair = symbol, perpetual, delivery] = CANONICAL.exec(symbol) ?? [];
  const kind = perpetual !== undefined ? "perpetual" : delivery !== undefined ? "delivery" : "spot";
  const quote = quoteOf(pair);
  if (quote === undefined) return { symbol, base: null, quote: null, kind };
  return { symbol, base: pair.slice(0, -quote.length), quote, kind };
}

function quoteOf(pair: string): string | undefined {
  if (QUOTES.includes(pair)) return undefined;
  if (pair.endsWith("USD") && BEFORE_USD.includes(pair.slice(0, -3))) return "USD";
  return QUOTES.find((quote) => pair.length > quote.length && pair.endsWith(quote));
}

/** Whether a canonical symbol is a spot market: neither a perpetual nor a delivery. */
export function isSpot(symbol: string): boolean {
  return marketOf(symbol).kind === "spot";
}

/** What a column may have for a symbol that is known otherwise: itself, its pair without the kind, or the coin alone. */
export function namesOf(symbol: string): string[] {
  const { base, quote } = marketOf(symbol);
  const names = [symbol, symbol.replace(/_.*/, ""), base ?? symbol];
  const aliases = Object.entries(ALIASES).flatMap((pair) =>
    pair.filter((coin) => base !== null && sameCoin(coin, base)),
  );
  const other = aliases.flatMap((coin) => [coin + symbol.slice(base?.length), coin + quote, coin]);
  return [...new Set([...names, ...other])];
}

/** Whether two tickers name one coin: Kraken's and BitMEX's `XBT` is `BTC`. Stablecoins are not the dollar. */
export function sameCoin(a: string, b: string): boolean {
  const name = (coin: string) => ALIASES[coin.toUpperCase()] ?? coin.toUpperCase();
  return name(a) === name(b);
}

/** Whether a ticker names the US dollar or a coin that is worth one. */
export function isDollar(coin: string): boolean {
  return [...DOLLARS, ...RARE_DOLLARS].includes(coin.toUpperCase());
}

/** Whether a ticker names a currency that states issue, or a coin worth one dollar. */
export function isMoney(coin: string): boolean {
  return MONEY.includes(coin.toUpperCase());
}

/** Whether a ticker is one that pairs are quoted in. */
export function isQuote(coin: string): boolean {
  return [...QUOTES, ...RARE_DOLLARS].includes(coin.toUpperCase());
}

/**
 * The name of a symbol's folders and tables, of `a-z 0-9 _` alone: the base where a spot pair is quoted in USDT
 * (`btc`), else the whole symbol (`btceur`, `btcusdt_perp`). A letter beyond ASCII is `_u`, its code point in
 * hexadecimal, `_`: 币 is `_u5e01_`. Two symbols share a name only where one is the other with USDT behind it.
 */
export function assetOf(symbol: string): string {
  const pair = symbol.endsWith("USDT") && symbol.length > 4 ? symbol.slice(0, -4) : symbol;
  // candles_4h is the table of folded candles.
  const name = reserved.test(pair) || pair === "CANDLES" ? symbol : pair;
  const encode = (letter: string) => `_u${(letter.codePointAt(0) as number).toString(16)}_`;
  return name.replace(/[^A-Za-z0-9_]/gu, encode).toLowerCase();
}
