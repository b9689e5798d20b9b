import { literal } from "./session.ts";

/**
 * The differences in the SQL syntax of the engines. A stage's statements use it for these and otherwise only syntax
 * that all engines support; both engines then return the same bits.
 */
export interface Dialect {
  /** A text as a literal. */
  text(value: string): string;
  /** The type of texts, of whole numbers without a practical bound, of small codes. */
  textType: string;
  wideType: string;
  codeType: string;
  /** A double that holds a whole number, exactly, as `wideType`; at most 2^93. */
  wide(value: string): string;
  /** Whole division, of numbers ≥ 0. */
  div(dividend: string, divisor: string | number): string;
  /** An instant in milliseconds since 1970, and back; the UTC day of an instant; a day's first millisecond. */
  msOf(instant: string): string;
  instantOf(ms: string): string;
  dayOf(instant: string): string;
  msOfDay(day: string): string;
  /** The first millisecond of the UTC month of an instant in milliseconds. */
  monthOf(ms: string): string;
  /** As a selected column: a row for each day from the first to the last. */
  eachDay(from: string, to: string): string;
  /** Values as one row, to be compared together. */
  tuple(values: readonly string[]): string;
  /** The last value so far that is not null. @param over a window's name */
  lastKnown(value: string, over: string): string;
  /** A window over one sorted part: in the order of its rows, or by an explicit ORDER BY. */
  inOrder(partition: string, order: string): string;
  /** A line split at every delimiter, the number of fields, and one of them counted from 0, null beyond the last. */
  split(line: string, delimiter: string): string;
  /** The same where a delimiter between quotes belongs to its cell; without those quotes. */
  splitQuoted(line: string, delimiter: string): string;
  count(list: string): string;
  item(list: string, index: number): string;
  /** Without white space (Unicode's separators) at both ends. */
  trim(text: string): string;
  /**
   * In NFC. An engine without it does not change the text: letters of two code points are invalid in symbols there.
   */
  nfc(text: string): string;
  /** Whether a whole text has a form; the text with every match replaced, `$1` for the first group. */
  matches(text: string, pattern: string): string;
  replaceAll(text: string, pattern: string, replacement: string): string;
  /** A decimal number as a double, else null; an ISO instant with its zone, else null. */
  double(text: string): string;
  instant(text: string): string;
}

const BETWEEN_QUOTES = '"([^"]*(?:""[^"]*)*)"';

/** A cell between quotes, whole; its first group is what is between them. */
export const QUOTED = `^ *${BETWEEN_QUOTES} *$`;

/** A cell and the delimiter behind it, as `cellsOf` of `recognition` cuts a line; its first group is the cell. */
export function quotedCell(delimiter: string): string {
  return `( *${BETWEEN_QUOTES.replace("(", "(?:")} *|[^${delimiter}]*)[${delimiter}]`;
}

function quotedSimply(delimiter: string): string {
  const cell = `(?: *"[^"${delimiter}]*" *|[^"${delimiter}]*)`;
  return `(?:${cell}[${delimiter}])*${cell}`;
}

/** The embedded engine's syntax. */
export const duckdbDialect: Dialect = {
  text: literal,
  textType: "VARCHAR",
  wideType: "HUGEINT",
  codeType: "UTINYINT",
  wide: (value) => `${value}::HUGEINT`,
  div: (dividend, divisor) => `(${dividend} // ${divisor})`,
  msOf: (instant) => `epoch_ms(${instant})`,
  instantOf: (ms) => `make_timestamptz((${ms}) * 1000)`,
  // A conversion through a time zone takes twice as long.
  dayOf: (instant) => `make_timestamp(epoch_us(${instant}))::DATE`,
  msOfDay: (day) => `epoch_ms(${day})`,
  monthOf: (ms) => `epoch_ms(date_trunc('month', make_timestamp((${ms}) * 1000)))`,
  eachDay: (from, to) => `unnest(generate_series(${from}, ${to}, INTERVAL 1 DAY))::DATE`,
  tuple: (values) => `struct_pack(${values.map((value, i) => `v${i} := ${value}`).join(", ")})`,
  lastKnown: (value, over) => `last_value(${value} IGNORE NULLS) OVER ${over}`,
  // A part is written sorted and read in its order: no sort is needed.
  inOrder: () => "()",
  split: (line, delimiter) => `string_split(${line}, ${literal(delimiter)})`,
  // If no cell contains the delimiter, which is fast to check, the quotes can be removed before the split.
  splitQuoted: (line, delimiter) =>
    `CASE WHEN regexp_full_match(${line}, ${literal(quotedSimply(delimiter))})
      THEN string_split(replace(${line}, '"', ''), ${literal(delimiter)})
      ELSE list_transform(regexp_extract_all(${line} || ${literal(delimiter)}, ${literal(quotedCell(delimiter))}, 1),
      lambda x: regexp_replace(x, ${literal(QUOTED)}, '\\1')) END`,
  count: (list) => `len(${list})`,
  item: (list, index) => `${list}[${index + 1}]`,
  trim: (text) => `trim(${text})`,
  nfc: (text) => `nfc_normalize(${text})`,
  matches: (text, pattern) => `regexp_full_match(${text}, ${literal(pattern)})`,
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${literal(pattern)}, ${literal(replacement.replaceAll("$", "\\"))}, 'g')`,
  double: (text) => `TRY_CAST(${text} AS DOUBLE)`,
  instant: (text) => `TRY_CAST(${text} AS TIMESTAMPTZ)`,
};
