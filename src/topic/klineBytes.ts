import { shortText } from "./shortText.ts";

/** The fields of a kline in a message that `encodeMessage` wrote. */
export interface EncodedKline {
  symbol: string;
  openTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  /** Null in a message of version 1. */
  quoteVolume: number | null;
  trades: number;
  takerBase: number | null;
  takerQuote: number | null;
  final: boolean;
  eventTime: number;
  simulated: boolean;
}

const word = (text: string): Uint8Array => Buffer.from(text);
const SYMBOL = word('{"type":"kline","symbol":"');
const OPEN_TIME = word('","openTime":');
const OPEN = word(',"open":"');
const HIGH = word('","high":"');
const LOW = word('","low":"');
const CLOSE = word('","close":"');
const VOLUME = word('","volume":"');
const TRADES = word('","trades":');
const QUOTE_VOLUME = word('","quoteVolume":"');
const TAKER_BASE = word(',"takerBase":"');
const TAKER_QUOTE = word('","takerQuote":"');
const FINAL = word(',"final":true');
const QUOTED_FINAL = word('","final":true');
const EVENT_TIME = word(',"eventTime":');
const NOT_FINAL = word(',"final":false,"eventTime":');
const QUOTED_NOT_FINAL = word('","final":false,"eventTime":');
const VERSION = word(',"v":2');
const SIMULATED = word(',"market":"simulated"');
const [ZERO, NINE, POINT, A, M, P, Z, BRACE] = [..."09.AMPZ}"].map((letter) => letter.charCodeAt(0));

/** Digits of a whole number, and on either side of a decimal's point, at most. */
const WHOLE_DIGITS = 15;
const DECIMAL_DIGITS = 24;
/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, n) => 10 ** n);

/**
 * Parses the bytes of a kline exactly as `encodeMessage` writes it, its numbers not longer than a double holds: in a
 * third of the time that a string, a pattern and a string for each field need.
 * @returns null for any other bytes
 */
export function parseEncodedKline(bytes: Uint8Array, from: number, to: number): EncodedKline | null {
  const cursor: Cursor = { bytes, at: from };
  const symbol = readSymbol(cursor);
  if (symbol === null) return null;
  const openTime = readWhole(cursor, OPEN_TIME);
  const open = readDecimal(cursor, OPEN);
  const high = readDecimal(cursor, HIGH);
  const low = readDecimal(cursor, LOW);
  const close = readDecimal(cursor, CLOSE);
  const volume = readDecimal(cursor, VOLUME);
  // Version 2 has three amounts more; in version 1 the trades follow at once.
  const isWhole = startsWith(cursor, QUOTE_VOLUME);
  const quoteVolume = isWhole ? readDecimal(cursor, QUOTE_VOLUME) : 0;
  const trades = readWhole(cursor, TRADES);
  const takerBase = isWhole ? readDecimal(cursor, TAKER_BASE) : 0;
  const takerQuote = isWhole ? readDecimal(cursor, TAKER_QUOTE) : 0;
  const final = skip(cursor, isWhole ? QUOTED_FINAL : FINAL);
  const eventTime = readWhole(cursor, final ? EVENT_TIME : isWhole ? QUOTED_NOT_FINAL : NOT_FINAL);
  const simulated = skip(cursor, SIMULATED);
  // A field that could not be parsed is NaN, and so is the sum.
  const amounts = volume + quoteVolume + takerBase + takerQuote;
  const all = openTime + open + high + low + close + amounts + trades + eventTime;
  if (isWhole !== skip(cursor, VERSION)) return null;
  if (bytes[cursor.at] !== BRACE || cursor.at + 1 !== to || Number.isNaN(all)) return null;
  return {
    symbol,
    openTime,
    open,
    high,
    low,
    close,
    volume,
    quoteVolume: isWhole ? quoteVolume : null,
    trades,
    takerBase: isWhole ? takerBase : null,
    takerQuote: isWhole ? takerQuote : null,
    final,
    eventTime,
    simulated,
  };
}

interface Cursor {
  bytes: Uint8Array;
  at: number;
}

function startsWith({ bytes, at }: Cursor, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

function skip(cursor: Cursor, expected: Uint8Array): boolean {
  if (!startsWith(cursor, expected)) return false;
  cursor.at += expected.length;
  return true;
}

function readSymbol(cursor: Cursor): string | null {
  if (!skip(cursor, SYMBOL)) return null;
  const from = cursor.at;
  for (let byte = cursor.bytes[from]; isDigit(byte) || (byte >= A && byte <= Z); ) {
    cursor.at += 1;
    byte = cursor.bytes[cursor.at];
  }
  const length = cursor.at - from;
  // Not decided here: shorter names can be those of devices (`CON`), an `M` or `P` at the end can be a kind (`BTCUSDTM`).
  const last = cursor.bytes[cursor.at - 1];
  return length < 5 || length > 20 || last === M || last === P
    ? null
    : shortText(cursor.bytes, from, cursor.at);
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/** A whole number of JSON after the text `before`; NaN where either is missing, or the number is too long. */
function readWhole(cursor: Cursor, before: Uint8Array): number {
  if (!skip(cursor, before)) return Number.NaN;
  const { bytes, at: from } = cursor;
  const to = afterDigits(bytes, from);
  cursor.at = to;
  const length = to - from;
  if (length === 0 || length > WHOLE_DIGITS || (length > 1 && bytes[from] === ZERO)) return Number.NaN;
  return digits(bytes, from, to, 0);
}

/**
 * A decimal number after the text `before`, as the nearest double; NaN as in `readWhole`. A whole number below 2^53
 * divided by a power of ten up to 10^22 is rounded once, and so correctly (W. D. Clinger, How to read floating point
 * numbers accurately, 1990); a longer number is parsed as a string.
 */
function readDecimal(cursor: Cursor, before: Uint8Array): number {
  if (!skip(cursor, before)) return Number.NaN;
  const { bytes, at: from } = cursor;
  const point = afterDigits(bytes, from);
  const fraction = point + 1;
  const to = bytes[point] === POINT ? afterDigits(bytes, fraction) : point;
  cursor.at = to;
  if (point === from || point - from > DECIMAL_DIGITS) return Number.NaN;
  const whole = digits(bytes, from, point, 0);
  if (to === point) return whole <= Number.MAX_SAFE_INTEGER ? whole : longDecimal(bytes, from, to);
  if (to === fraction || to - fraction > DECIMAL_DIGITS) return Number.NaN;
  let last = to;
  while (last > fraction && bytes[last - 1] === ZERO) last -= 1;
  const all = digits(bytes, fraction, last, whole);
  const places = last - fraction;
  if (all > Number.MAX_SAFE_INTEGER || places >= POWERS.length) return longDecimal(bytes, from, to);
  return all / POWERS[places];
}

function afterDigits(bytes: Uint8Array, from: number): number {
  let to = from;
  while (isDigit(bytes[to])) to += 1;
  return to;
}

/** The number whose first digits are `begun`; exact up to 2^53. */
function digits(bytes: Uint8Array, from: number, to: number, begun: number): number {
  let value = begun;
  for (let at = from; at < to; at += 1) value = value * 10 + (bytes[at] - ZERO);
  return value;
}

function longDecimal(bytes: Uint8Array, from: number, to: number): number {
  return Number(String.fromCharCode(...bytes.subarray(from, to)));
}
