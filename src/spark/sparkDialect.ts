import { type Dialect, QUOTED, quotedCell } from "../lake/dialect.ts";

/** Unicode's separators (category Zs), which the embedded engine's `trim` removes. */
const SPACES =
  " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000";

/** Numbers as the embedded engine parses them; Java's own parser accepts `1f`, `0x1p3` and `NaN` too. */
const NUMBER = "\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*";

/** Text as a literal of Spark, where a backslash escapes. */
export function sparkText(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/**
 * Spark's syntax. Its session time zone must be UTC, and double quotes must mean names (see `sparkSettings`).
 */
export const sparkDialect: Dialect = {
  text: sparkText,
  textType: "STRING",
  wideType: "DECIMAL(38, 0)",
  codeType: "INT",
  // A cast from a double to a decimal uses its shortest digits, which beyond 2^53 is another number.
  wide: (value) => {
    const high = `floor(${value} / 4611686018427387904D)`;
    const low = `${value} - ${high} * 4611686018427387904D`;
    return `(CAST(CAST(${high} AS BIGINT) AS DECIMAL(19, 0)) * 4611686018427387904BD + CAST(CAST(${low} AS BIGINT) AS DECIMAL(38, 0)))::DECIMAL(38, 0)`;
  },
  div: (dividend, divisor) => `(${dividend} DIV ${divisor})`,
  msOf: (instant) => `unix_millis(${instant})`,
  instantOf: (ms) => `timestamp_millis(${ms})`,
  dayOf: (instant) => `CAST(${instant} AS DATE)`,
  msOfDay: (day) => `(unix_date(${day}) * 86400000L)`,
  monthOf: (ms) => `unix_millis(date_trunc('MONTH', timestamp_millis(${ms})))`,
  eachDay: (from, to) => `explode(sequence(${from}, ${to}, INTERVAL 1 DAY))`,
  tuple: (values) => `struct(${values.join(", ")})`,
  lastKnown: (value, over) => `last_value(${value}) IGNORE NULLS OVER ${over}`,
  inOrder: (partition, order) => `(PARTITION BY ${partition} ORDER BY ${order})`,
  // Java splits at one character without its regular expressions, several times as fast.
  split: (line, delimiter) =>
    `split(${line}, ${sparkText(delimiter.replace(/[.$|()[{^?*+\\]/g, "\\$&"))}, -1)`,
  splitQuoted: (line, delimiter) =>
    `transform(regexp_extract_all(concat(${line}, ${sparkText(delimiter)}), ${sparkText(quotedCell(delimiter))}, 1),
      x -> regexp_replace(x, ${sparkText(QUOTED)}, '$1'))`,
  count: (list) => `size(${list})`,
  item: (list, index) => `get(${list}, ${index})`,
  trim: (text) => `trim(BOTH ${sparkText(SPACES)} FROM ${text})`,
  nfc: (text) => text,
  matches: (text, pattern) => `${text} RLIKE ${sparkText(`^(?:${pattern})\\z`)}`,
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${sparkText(pattern)}, ${sparkText(replacement)})`,
  double: (text) =>
    `CASE WHEN ${text} RLIKE ${sparkText(`^${NUMBER}\\z`)} THEN try_cast(${text} AS DOUBLE) END`,
  instant: (text) => `try_cast(${text} AS TIMESTAMP)`,
};

/** Settings with which Spark returns the same results as the embedded engine. */
export const sparkSettings: Record<string, string> = {
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.ansi.enabled": "true",
  "spark.sql.ansi.doubleQuotedIdentifiers": "true",
  "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
  "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
};
