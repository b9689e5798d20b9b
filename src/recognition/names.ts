import { isDollar, isMoney, isQuote, marketOf, normalizeSymbol, sameCoin } from "../candle/symbol.ts";
import { addDays, parseDay, startOfDay } from "../time/day.ts";
import { MINUTE_MS } from "../time/epoch.ts";
import { type Interval, intervalOfMs, parseInterval } from "../time/interval.ts";
import {
  GENERIC_WORDS,
  KINDS,
  KNOWN_COINS,
  OTHER_NAMES,
  type StatedKind,
  VAGUE_KINDS,
  VENUES,
} from "./words.ts";

/** What the names of a file state: its own, and that of the archive or folder around it. */
export interface StatedByNames {
  /** The pair, in its canonical form, of the kind that the names state. */
  symbol: string | null;
  kind: StatedKind | null;
  venue: string | null;
  /** The quote currency, where a venue's name is in the place of the coin (`bitstampUSD`) and no name has a pair. */
  quoteOnly: string | null;
  /** null where no name has one, and where they have several. */
  interval: Interval | null;
  /** A number as the one word after the pair, in minutes (`XBTUSD_60.csv`, as Kraken writes it). */
  bareMinutes: number | null;
  /** What is stated twice and differs, `BTCUSDT and ETHUSDT`; then there is no `symbol`. */
  contradiction: string | null;
  /** The words that state the pair (or the quote currency) and the interval, as they are written. */
  evidence: { symbol: string | null; interval: string | null };
  /** The name that states the pair, or else the first. */
  name: string;
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
  venue?: string;
}

interface NameFacts {
  pairs: { symbol: string; text: string }[];
  quotes: { quote: string; text: string }[];
  intervals: { interval: Interval; text: string }[];
  kinds: StatedKind[];
  venues: string[];
  bareMinutes: number | null;
}

const EXTENSIONS = /(?:\.(?:csv|tsv|txt|dat|gz|zip|json))+$/i;
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
  const kinds = facts.flatMap((one) => one.kinds);
  const [pair] = pairs;
  const [quote] = quotes;
  const kind = joinKinds(kinds) ?? null;
  const contradiction = pairContradiction(pairs, quotes) ?? kindContradiction(pair?.symbol, kinds);
  const [venue = null, ...otherVenues] = new Set(facts.flatMap((one) => one.venues));
  const agreed = intervals.every(({ interval }) => interval === intervals[0].interval);
  const [interval] = agreed ? intervals : [];
  return {
    symbol: pair === undefined || contradiction !== null ? null : withFuture(pair.symbol, kind),
    kind,
    venue: otherVenues.length > 0 ? null : venue,
    quoteOnly: pair === undefined && contradiction === null ? (quote?.quote ?? null) : null,
    interval: interval?.interval ?? null,
    bareMinutes: facts.find((one) => one.bareMinutes !== null)?.bareMinutes ?? null,
    contradiction,
    evidence: { symbol: pair?.text ?? quote?.text ?? null, interval: interval?.text ?? null },
    name: names[facts.findIndex((one) => one.pairs.length + one.quotes.length > 0)] ?? names[0] ?? "",
  };
}

/** Two pairs, or a pair and a currency that it is not quoted in, or two currencies; null where the names agree. */
function pairContradiction(pairs: NameFacts["pairs"], quotes: NameFacts["quotes"]): string | null {
  const [pair] = pairs;
  const other = pairs.find(({ symbol }) => !samePair(symbol, pair.symbol));
  const currency = pair === undefined ? quotes[0]?.quote : marketOf(pair.symbol).quote;
  const against = other?.symbol ?? quotes.find(({ quote }) => quote !== currency)?.text;
  return against === undefined ? null : `${pair?.symbol ?? quotes[0].text} and ${against}`;
}

/** Kinds that contradict each other, the pair's own among them; null where they agree. */
function kindContradiction(symbol: string | undefined, kinds: readonly StatedKind[]): string | null {
  const own = symbol === undefined ? null : kindOf(symbol);
  const kind = joinKinds(kinds);
  if (kind !== undefined && joinKinds([kind, own]) !== undefined) return null;
  return [own, ...kinds].filter((one) => one !== null).join(" and ");
}

/** What a symbol's own spelling states of the kind: nothing where it is a plain pair, as Binance names its futures too. */
export function kindOf(symbol: string): StatedKind | null {
  const { kind } = marketOf(symbol);
  return kind === "spot" ? null : kind;
}

/** What several statements of the kind say together: null where none says anything, undefined where they contradict. */
export function joinKinds(kinds: readonly (StatedKind | null)[]): StatedKind | null | undefined {
  const stated = new Set(kinds.filter((kind) => kind !== null));
  // Mark prices are a perpetual's.
  if (stated.has("index")) return "index";
  if (stated.size > 1 && !stated.has("spot")) stated.delete("future");
  return stated.size > 1 ? undefined : ([...stated][0] ?? null);
}

/** A plain pair as a perpetual where its kind is one, or a future that nothing says more of. */
export function withFuture(symbol: string, kind: StatedKind | null): string {
  return kindOf(symbol) === null && (kind === "perpetual" || kind === "future") ? `${symbol}_PERP` : symbol;
}

/**
 * What one text states of the kind and the venue: `swap`, `binance-futures`, `BINANCEFTS`.
 * @param counts whether a word for a kind is read as one
 */
export function kindAndVenue(text: string, counts: (word: string) => boolean = () => true) {
  const bare = text.toUpperCase().replace(/[^A-Z\d]/g, "");
  const kindIn = (word: string) => (counts(word) ? (KINDS.get(word) ?? null) : null);
  const venue = [...VENUES].find((one) => {
    const rest = bare.startsWith(one) ? bare.slice(one.length) : null;
    return rest === "" || (rest !== null && kindIn(rest) !== null);
  });
  const known = venue === undefined ? null : (OTHER_NAMES[venue] ?? venue);
  return { kind: kindIn(bare.slice(venue?.length ?? 0)), venue: known };
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
  const facts: NameFacts = { pairs: [], quotes: [], intervals: [], kinds: [], venues: [], bareMinutes: null };
  const rest: Word[] = [];
  let pairEnd = -1;
  for (let at = 0; at < words.length; ) {
    const found = pairAt(words, at);
    if (found === null) {
      rest.push(words[at]);
      at += 1;
      continue;
    }
    const text = textOf(words.slice(at, at + found.words));
    if (found.symbol !== null) facts.pairs.push({ symbol: found.symbol, text });
    if (found.quoteOnly !== null) facts.quotes.push({ quote: found.quoteOnly, text });
    if (found.venue !== undefined) facts.venues.push(OTHER_NAMES[found.venue] ?? found.venue);
    at += found.words;
    pairEnd = rest.length;
  }
  const after = pairEnd < 0 ? [] : rest.slice(pairEnd);
  statedByRest(rest, after, facts);
  // Windows' names in capitals: a month looks like a minute.
  facts.intervals = intervalsIn(rest, after).filter(
    ({ interval }) => interval !== "1M" || name !== name.toUpperCase(),
  );
  const minutes = after.length === 1 && /^[1-9]\d{0,4}$/.test(after[0].text) ? Number(after[0].text) : null;
  if (minutes !== null && intervalOfMs(minutes * MINUTE_MS) !== null) facts.bareMinutes = minutes;
  return facts;
}

/** Kinds and venues in the words beside the pair, each in one word or in two; right after the pair, vague words too. */
function statedByRest(rest: readonly Word[], [next]: readonly Word[], { kinds, venues }: NameFacts): void {
  for (const [i, word] of rest.entries()) {
    const texts = new Set([word.capitals, word.capitals + (rest[i + 1]?.capitals ?? "")]);
    const found = [...texts].map((text) =>
      kindAndVenue(text, (one) => !VAGUE_KINDS.has(one) || word === next),
    );
    kinds.push(...found.flatMap(({ kind }) => kind ?? []));
    venues.push(...found.flatMap(({ venue }) => venue ?? []));
  }
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
  return inTwoWords(words, at) ?? ofCoin(words, at) ?? inOneWord(words, at) ?? afterVenue(words, at);
}

/** Deribit's `BTC-PERPETUAL`, `BTC-28JUN24`, Kraken's `PI_XBTUSD`. */
function ofCoin(words: readonly Word[], at: number): Found | null {
  const [first, second] = words.slice(at, at + 2);
  const spelled = second === undefined ? "" : first.capitals + second.before + second.capitals;
  const perpetual =
    /^P[IF]_/.test(spelled) || (KNOWN_COINS.has(first.capitals) && /-PERP(ETUAL)?$/.test(spelled));
  const ended = KNOWN_COINS.has(first.capitals) ? expiryOf(second) : null;
  const symbol = perpetual
    ? normalizeSymbol(spelled)
    : ended === null
      ? null
      : `${first.capitals}USD_${ended}`;
  return symbol === null || kindOf(symbol) === null ? null : { words: 2, symbol, quoteOnly: null };
}

const GLUED_DATE = /(?<=\p{L}{4})20\d\d-?(\d\d){0,2}$/u;
/** Names of venues so short have been given to coins too (`DYDXUSDT`). */
const SHORT = 4;

/** `BTCUSDT`, `bitstampUSD`, `binanceBTCUSDT`, each with the kind of market that may follow. */
function inOneWord(words: readonly Word[], at: number): Found | null {
  const capitals = words[at].capitals.replace(GLUED_DATE, "");
  if (capitals.length < 5 || isNoCoin(capitals)) return null;
  const isTicker = words[at].text === words[at].capitals;
  const venues = [...VENUES].filter((one) => capitals.startsWith(one));
  const alone = venues.find(
    (one) => isQuote(capitals.slice(one.length)) && !(isTicker && one.length <= SHORT),
  );
  if (alone !== undefined)
    return { words: 1, symbol: null, quoteOnly: capitals.slice(alone.length), venue: alone };
  const symbol = normalizeSymbol(capitals) ?? "";
  const { base, quote, kind } = marketOf(symbol);
  if (base === null || quote === null) return null;
  const suffix = kind === "perpetual" ? "_PERP" : "";
  // As exchanges spell it, in capitals and quoted in a stablecoin, any word can be a coin: HIGHUSDT, DATAUSDT.
  if (isTicker && isDollar(quote) && quote !== "USD") return withKind(words[at + 1], 1, base + quote, suffix);
  if (VENUES.has(base)) return { words: 1, symbol: null, quoteOnly: quote, venue: base };
  const glued = venues.find((venue) => venue.length > 5 && venue !== base);
  const coin = glued === undefined ? base : base.slice(glued.length);
  const found = canBeCoin(coin) ? withKind(words[at + 1], 1, coin + quote, suffix) : null;
  return found === null || glued === undefined ? found : { ...found, venue: glued };
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
  return withKind(third, 2, symbol);
}

/** Whether `b` is what `a` is quoted in, where they are two words: a coin quotes well-known coins alone. */
function quotes(a: string, b: string): boolean {
  if (isMoney(b)) return a !== b;
  return isQuote(b) && KNOWN_COINS.has(a) && !["BTC", "XBT", b].includes(a);
}

/** `bitstamp_USD`: a currency alone after a venue. */
function afterVenue(words: readonly Word[], at: number): Found | null {
  const { capitals } = words[at];
  const isAfter = at > 0 && VENUES.has(words[at - 1].capitals);
  return isAfter && isMoney(capitals) ? { words: 1, symbol: null, quoteOnly: capitals } : null;
}

/** The pair of `count` words with the expiry or the kind of the next one: `_240628`, `-28JUN24`, `_PERP`, `-SWAP`, `.P`. */
function withKind(next: Word | undefined, count: number, pair: string, kind = ""): Found | null {
  const ended = expiryOf(next);
  const named = next !== undefined && /^[_-](?:PERP|PERPETUAL|SWAP)$|^\.P$/.test(next.before + next.capitals);
  const suffix = ended !== null ? `_${ended}` : named ? "_PERP" : kind;
  const symbol = normalizeSymbol(pair + suffix);
  return symbol === null
    ? null
    : { words: count + (ended !== null || named ? 1 : 0), symbol, quoteOnly: null };
}

/**
 * The expiry that a word is, `YYMMDD`. In a file's name six digits are one, not a date, where they are the last Friday of a
 * quarter; with letters, the last Friday of a month.
 */
function expiryOf(word: Word | undefined): string | null {
  if (word === undefined || !/^[_-]$/.test(word.before)) return null;
  const [, digits] = /_(\d{6})$/.exec(normalizeSymbol(`BTC-USD-${word.capitals}`) ?? "") ?? [];
  const day = parseDay((digits ?? "").replace(/(..)(..)(..)/, "20$1-$2-$3"));
  if (day === null) return null;
  const [month, nextWeek] = [Number(digits.slice(2, 4)), Number(addDays(day, 7).slice(5, 7))];
  const ends = nextWeek !== month && new Date(startOfDay(day)).getUTCDay() === 5;
  return ends && (month % 3 === 0 || word.capitals !== digits) ? digits : null;
}

function isNoCoin(capitals: string): boolean {
  const { kind, venue } = kindAndVenue(capitals);
  return kind !== null || venue !== null || GENERIC_WORDS.has(capitals);
}

/** Whether a word can be a coin's ticker: not a number, a venue, a general word or an interval. */
function canBeCoin(capitals: string): boolean {
  if (capitals.length > 12 || isNoCoin(capitals)) return false;
  return /\p{L}/u.test(capitals) ? parseInterval(capitals.toLowerCase()) === null : capitals.length === 1;
}

/** A pair's tickers are in one case: `BTC_USDT` and `btc_usdt` are pairs, `prices_USD` is none. */
function sameCase(a: string, b: string): boolean {
  const both = a + b;
  return both === both.toUpperCase() || both === both.toLowerCase();
}

/** Numbers with a unit; where there is none, a word such as `hourly`, or CryptoDataDownload's `d` after the pair. */
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
