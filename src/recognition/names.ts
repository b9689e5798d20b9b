import { isDollar, isMoney, isQuote, marketOf, normalizeSymbol, sameCoin } from "../candle/symbol.ts";
import { addDays, parseDay, startOfDay } from "../time/day.ts";
import { MINUTE_MS } from "../time/epoch.ts";
import { type Interval, intervalOfMs, parseInterval } from "../time/interval.ts";
import { GENERIC_WORDS, KNOWN_COINS, VENUES } from "./words.ts";

/** What the names of a file state: its own, and that of the archive or folder around it. */
export interface StatedByNames {
  /** The pair, in its canonical form. */
  symbol: string | null;
  /** The quote currency, where a venue's name is in the place of the coin (`bitstampUSD`) and no name has a pair. */
  quoteOnly: string | null;
  /** null where no name has one, and where they have several. */
  interval: Interval | null;
  /** A number as the one word behind the pair, in minutes (`XBTUSD_60.csv`, as Kraken writes it). */
  bareMinutes: number | null;
  /** What is stated twice and differs, `BTCUSDT and ETHUSDT`; then there is no `symbol`. */
  contradiction: string | null;
  /** The words that state the pair (or the quote currency) and the interval, as they are written. */
  evidence: { symbol: string | null; interval: string | null };
}

/** A word of a name, and what is between it and the word before. */
interface Word {
  text: string;
  capitals: string;
  before: string;
}

/** Words that state a pair: how many, and what they state. */
interface Found {
  words: number;
  symbol: string | null;
  quoteOnly: string | null;
}

interface NameFacts {
  pairs: { symbol: string; text: string }[];
  quotes: { quote: string; text: string }[];
  intervals: { interval: Interval; text: string }[];
  bareMinutes: number | null;
}

const EXTENSIONS = /(?:\.(?:csv|tsv|txt|dat|gz|zip|json))+$/i;
const PERPETUAL_WORDS = ["PERP", "PERPETUAL", "SWAP", "FUTURE", "FUTURES"];
const JOINS = ["-", "_", " "];

/**
 * What the names of one file state of its market and interval. Words are letters and digits of any script. Names of
 * venues and general words are no coins; a word is an interval only where it can be nothing else.
 * @param names of the file, and of the archive or folder around it, in any order
 */
export function statedByNames(names: readonly string[]): StatedByNames {
  const facts = names.map(factsOf);
  const pairs = facts.flatMap((one) => one.pairs);
  const quotes = facts.flatMap((one) => one.quotes);
  const intervals = facts.flatMap((one) => one.intervals);
  const [pair] = pairs;
  const [quote] = quotes;
  const other = pairs.find(({ symbol }) => !samePair(symbol, pair.symbol))?.symbol;
  const otherQuote =
    pair === undefined
      ? quotes.find((one) => one.quote !== quote.quote)
      : quotes.find((one) => one.quote !== marketOf(pair.symbol).quote);
  const against = other ?? otherQuote?.text;
  const agreed = intervals.every(({ interval }) => interval === intervals[0].interval);
  return {
    symbol: against === undefined ? (pair?.symbol ?? null) : null,
    quoteOnly: pair === undefined && against === undefined ? (quote?.quote ?? null) : null,
    interval: agreed ? (intervals[0]?.interval ?? null) : null,
    bareMinutes: facts.find((one) => one.bareMinutes !== null)?.bareMinutes ?? null,
    contradiction: against === undefined ? null : `${pair?.symbol ?? quote.text} and ${against}`,
    evidence: {
      symbol: pair?.text ?? quote?.text ?? null,
      interval: agreed ? (intervals[0]?.text ?? null) : null,
    },
  };
}

/** Spellings of one venue alone: Bitfinex' `tBTCUSD`, `tLINK:USD`, Kraken's `XXBTZUSD`, `XETHXXBT`; null where it is none. */
export function pairOfVenue(text: string): string | null {
  const kraken = /^X([A-Z]{3,4})(?:Z([A-Z]{3})|X(XBT|ETH))$/.exec(text);
  const [base, quote] = kraken === null ? ["", ""] : [kraken[1], kraken[2] ?? kraken[3]];
  if (isQuote(quote)) return base + quote;
  const bitfinex = /^t([A-Z0-9]{2,}:?[A-Z0-9]{3,})$/.exec(text)?.[1].replace(":", "") ?? "";
  return marketOf(bitfinex).quote === null ? null : bitfinex;
}

/** Whether two symbols are one market: Kraken's `XBTUSD` is `BTCUSD`. */
export function samePair(a: string, b: string): boolean {
  const [one, other] = [marketOf(a), marketOf(b)];
  if (one.base === null || other.base === null) return a === b;
  const rest = (symbol: string, base: string) => symbol.slice(base.length);
  return sameCoin(one.base, other.base) && rest(a, one.base) === rest(b, other.base);
}

function factsOf(name: string): NameFacts {
  const words = wordsOf(name.replace(EXTENSIONS, ""));
  const facts: NameFacts = { pairs: [], quotes: [], intervals: [], bareMinutes: null };
  const perpetual = words.some(({ capitals }) => PERPETUAL_WORDS.includes(capitals));
  const rest: Word[] = [];
  let behind = -1;
  for (let at = 0; at < words.length; ) {
    const found = pairAt(words, at);
    if (found === null) {
      rest.push(words[at]);
      at += 1;
      continue;
    }
    const text = textOf(words.slice(at, at + found.words));
    const { symbol, quoteOnly } = found;
    if (symbol !== null) {
      const spot = marketOf(symbol).kind === "spot";
      facts.pairs.push({ symbol: perpetual && spot ? `${symbol}_PERP` : symbol, text });
    }
    if (quoteOnly !== null) facts.quotes.push({ quote: quoteOnly, text });
    at += found.words;
    behind = rest.length;
  }
  const after = behind < 0 ? [] : rest.slice(behind);
  // Windows' names in capitals: a month is not told from a minute.
  facts.intervals = intervalsIn(rest, after).filter(
    ({ interval }) => interval !== "1M" || name !== name.toUpperCase(),
  );
  facts.bareMinutes = bareMinutesOf(after);
  return facts;
}

/** `60` alone behind the pair, where it is an interval in minutes. */
function bareMinutesOf(words: readonly Word[]): number | null {
  const minutes = words.length === 1 && /^[1-9]\d{0,4}$/.test(words[0].text) ? Number(words[0].text) : null;
  return minutes !== null && intervalOfMs(minutes * MINUTE_MS) !== null ? minutes : null;
}

function wordsOf(name: string): Word[] {
  return [...name.normalize("NFC").matchAll(/([^\p{L}\p{N}]*)([\p{L}\p{N}]+)/gu)].map(([, before, text]) => ({
    text,
    // A letter with two capitals (`ß`) can't be in a symbol.
    capitals: pairOfVenue(text) ?? (text.length === text.toUpperCase().length ? text.toUpperCase() : text),
    before,
  }));
}

function textOf(words: readonly Word[]): string {
  return words.map(({ before, text }, i) => (i === 0 ? text : before + text)).join("");
}

function pairAt(words: readonly Word[], at: number): Found | null {
  return inTwoWords(words, at) ?? inOneWord(words, at) ?? afterVenue(words, at);
}

/** `BTCUSDT`, `bitstampUSD`, `binanceBTCUSDT`, each with the kind of market that may follow. */
function inOneWord(words: readonly Word[], at: number): Found | null {
  const { capitals } = words[at];
  if (capitals.length < 5 || isNoCoin(capitals)) return null;
  const { base, quote } = marketOf(capitals);
  if (base === null || quote === null) return null;
  // As exchanges spell it, in capitals and quoted in a stablecoin, any word can be a coin: HIGHUSDT, DATAUSDT.
  if (words[at].text === capitals && isDollar(quote) && quote !== "USD")
    return withKind(words[at + 1], 1, base + quote);
  if (VENUES.has(base)) return { words: 1, symbol: null, quoteOnly: quote };
  const glued = [...VENUES].find((venue) => venue.length > 5 && base.startsWith(venue));
  const coin = glued === undefined ? base : base.slice(glued.length);
  return canBeCoin(coin) ? withKind(words[at + 1], 1, coin + quote) : null;
}

/** `BTC-USDT`, `btc_usdt`, Poloniex' `USDT_BTC`. */
function inTwoWords(words: readonly Word[], at: number): Found | null {
  const [first, second] = words.slice(at, at + 2);
  if (second === undefined || !JOINS.includes(second.before) || !sameCase(first.text, second.text))
    return null;
  const [a, b] = [first.capitals, second.capitals];
  const pair = canBeCoin(a) && quotes(a, b) ? a + b : null;
  const quotedFirst = pair === null && KNOWN_COINS.has(b) && isMoney(a) ? normalizeSymbol(`${a}_${b}`) : null;
  const symbol = pair ?? (quotedFirst === b + a ? quotedFirst : null);
  if (symbol === null) return null;
  // Freqtrade's futures: `BTC_USDT_USDT`, `BTC_USD_BTC`.
  const third = words[at + 2];
  const settled = third !== undefined && JOINS.includes(third.before) && [a, b].includes(third.capitals);
  if (settled && isDollar(b) && (third.capitals === a || !quotes(b, words[at + 3]?.capitals ?? "")))
    return withKind(words[at + 3], 3, symbol, "_PERP");
  return withKind(words[at + 2], 2, symbol);
}

/** Whether `b` is what `a` is quoted in, where they are two words: a coin quotes well-known coins alone. */
function quotes(a: string, b: string): boolean {
  if (isMoney(b)) return a !== b;
  return isQuote(b) && KNOWN_COINS.has(a) && !["BTC", "XBT", b].includes(a);
}

/** `bitstamp_USD`: a currency alone behind a venue. */
function afterVenue(words: readonly Word[], at: number): Found | null {
  const { capitals } = words[at];
  const isAfter = at > 0 && VENUES.has(words[at - 1].capitals);
  return isAfter && isMoney(capitals) ? { words: 1, symbol: null, quoteOnly: capitals } : null;
}

/** The pair with the expiry or the kind that follows it: `_240628`, `_PERP`, `-SWAP`, `.P`. */
function withKind(next: Word | undefined, count: number, pair: string, kind = ""): Found | null {
  const spelled = next === undefined ? "" : next.before + next.capitals;
  const ended = /^[_-]\d{6}$/.test(spelled) && isQuarterEnd(spelled.slice(1));
  const named = /^[_-](?:PERP|PERPETUAL|SWAP)$|^\.P$/.test(spelled);
  const suffix = ended ? `_${spelled.slice(1)}` : named ? "_PERP" : kind;
  const symbol = normalizeSymbol(pair + suffix);
  return symbol === null ? null : { words: count + (ended || named ? 1 : 0), symbol, quoteOnly: null };
}

/** Six digits of a file's name are an expiry, not a date, where they are the last Friday of a quarter. */
function isQuarterEnd(digits: string): boolean {
  const day = parseDay(`20${digits.slice(0, 2)}-${digits.slice(2, 4)}-${digits.slice(4)}`);
  if (day === null) return false;
  const [month, nextWeek] = [Number(digits.slice(2, 4)), addDays(day, 7).slice(5, 7)];
  return month % 3 === 0 && Number(nextWeek) !== month && new Date(startOfDay(day)).getUTCDay() === 5;
}

function isNoCoin(capitals: string): boolean {
  return VENUES.has(capitals) || GENERIC_WORDS.has(capitals);
}

/** Whether a word can be a coin's ticker: not a number, a venue, a general word or an interval. */
function canBeCoin(capitals: string): boolean {
  if (capitals.length > 12 || isNoCoin(capitals)) return false;
  return /\p{L}/u.test(capitals) ? parseInterval(capitals.toLowerCase()) === null : capitals.length === 1;
}

/** Tickers are written alike: `BTC_USDT` and `btc_usdt` are pairs, `prices_USD` is none. */
function sameCase(a: string, b: string): boolean {
  const both = a + b;
  return both === both.toUpperCase() || both === both.toLowerCase();
}

/** Numbers with a unit; where there is none, a word such as `hourly`, or CryptoDataDownload's `d` behind the pair. */
function intervalsIn(words: readonly Word[], after: readonly Word[]): NameFacts["intervals"] {
  const counted = words.flatMap((word, i) => {
    const next = words[i + 1];
    const unit = next !== undefined && JOINS.includes(next.before) && /^[A-Za-z]{3,}$/.test(next.text);
    const texts = /^[1-9]\d*$/.test(word.text) && unit ? [textOf([word, next])] : [word.text];
    return texts
      .filter((text) => /^[1-9]/.test(text) && !/^[7-9]d|^\d\dd/i.test(text))
      .flatMap((text) => asInterval(text));
  });
  if (counted.length > 0) return counted;
  const named = words.filter(({ text }) => /^(?:minute|(?:minute|hour|dai|week|month)ly)$/i.test(text));
  if (named.length > 0) return named.flatMap(({ text }) => asInterval(text));
  const [letter] = after;
  return letter !== undefined && /^[dh]$/.test(letter.text) ? asInterval(letter.text, `1${letter.text}`) : [];
}

function asInterval(text: string, spelled = text): NameFacts["intervals"] {
  const interval = parseInterval(spelled);
  return interval === null ? [] : [{ interval, text }];
}
