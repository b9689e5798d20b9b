import { LARGEST_VOLUME, REJECT_REASONS, type RejectReason } from "../candle/validity.ts";
import { type Dialect, duckdbDialect } from "../lake/dialect.ts";
import { literal } from "../lake/session.ts";
import { EARLIEST_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import type { FileForm } from "./form.ts";
import { NO_DELIMITER } from "./lines.ts";

/** Codes of `reason` in a parsed piece: a candle, a blank line, else 1 + its place in `REJECT_REASONS`. */
export const VALID = 0;
export const BLANK = 100;

const codeOf = (reason: RejectReason): number => 1 + REJECT_REASONS.indexOf(reason);

/** SQL for the name of a reject's code. */
export const REASON_NAME = `CASE reason ${REJECT_REASONS.map(
  (reason) => `WHEN ${codeOf(reason)} THEN '${reason}'`,
).join(" ")} END`;

/** Bits of `unit`: how the time was written. */
export const UNITS = ["s", "ms", "us", "iso"] as const;

const ISO = "\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)? ?(Z|UTC|[+-]\\d{2}(:?\\d{2})?)";

/** By default the engine's reader takes 32 MB of new memory for each piece, and the system has to find and clear it. */
export const BUFFER_BYTES = 2_000_000;

/**
 * A piece as the embedded engine's reader takes it: nothing is guessed, and no quote, escape or header is known to it.
 * @param columns the engine's types by name, as its struct literal has them
 * @param more further settings, each behind a comma
 */
export function readerSql(path: string, columns: string, delimiter: string, more = ""): string {
  return `read_csv(${literal(path)}, columns = {${columns}}, delim = ${literal(delimiter)}, header = false,
    quote = '', escape = '', auto_detect = false, new_line = '\\n', max_line_size = 1000000,
    buffer_size = ${BUFFER_BYTES}${more})`;
}

/** A piece's lines as the embedded engine reads them, whole: no delimiter is known to it. */
export function linesSql(path: string): string {
  return readerSql(path, "'l': 'VARCHAR'", NO_DELIMITER);
}

/**
 * Every line with what it says, one row a line, in their order: `symbol ms unit open high low close volume trades
 * reason raw`; `raw` only where the line is rejected, `reason` a code (see `VALID`, `BLANK`).
 * The line is read as one text and split by us: only so every kind of bad line is seen with its raw text, in
 * one pass. Quotes mean nothing but at both ends of a field, or one stray quote would swallow the lines after it.
 * Whether a row is `plain` is one conjunction, and why it is not is asked of the others alone: that halves the time.
 * @param lines what stands behind FROM, with a column `l`
 * @param symbol the pair where no column tells it
 * @param latest the last open time that can be true
 */
export function parseSql(
  lines: string,
  form: FileForm,
  symbol: string | null,
  latest: EpochMs,
  dialect: Dialect = duckdbDialect,
): string {
  const { columns } = form;
  const { trim, codeType } = dialect;
  const field = (index: number): string => dialect.item("f", index);
  const number = (index: number): string => dialect.double(field(index));
  const numbers = [columns.open, columns.high, columns.low, columns.close, columns.volume].map(field);
  const time = field(columns.time);
  const trades = columns.trades === null ? null : field(columns.trades);
  const underscore = (text: string): string => `(contains(l, '_') AND contains(${text}, '_'))`;
  const quoted = `"([^"${form.delimiter === "\t" ? "\\t" : form.delimiter}]*)"`;
  const bare = `CASE WHEN contains(l, '"') THEN ${dialect.replaceAll("l", quoted, "$1")} ELSE l END`;
  const finite = (name: string): string => `abs(${name}) < 'infinity'::DOUBLE`;
  const countable =
    trades === null
      ? "true"
      : `coalesce(read_trades >= 0 AND read_trades < ${Number.MAX_SAFE_INTEGER} AND read_trades = floor(read_trades), ${trim(trades)} = '', false)`;
  return `
WITH split AS (
  SELECT l, ${dialect.split(bare, form.delimiter)} AS f FROM ${lines}
), typed AS (
  SELECT l, f, ${dialect.count("f")} AS fields,
    ${symbol === null ? symbolSql(field(columns.symbol as number), dialect) : dialect.text(symbol)} AS symbol,
    ${number(columns.time)} AS t,
    ${number(columns.open)} AS open, ${number(columns.high)} AS high, ${number(columns.low)} AS low,
    ${number(columns.close)} AS close, ${number(columns.volume)} AS read_volume,
    ${trades === null ? "NULL::DOUBLE" : dialect.double(trades)} AS read_trades
  FROM split
), timed AS (
  SELECT *, CASE WHEN read_volume = 0 THEN 0 ELSE read_volume END AS volume,
    CASE WHEN t IS NULL THEN ${isoSql(time, dialect)}
      WHEN t < 0 THEN NULL
      WHEN t < 1e11 THEN round(t * 1000)
      WHEN t < 1e14 THEN round(t)
      WHEN t < 1e17 THEN round(t / 1000)
    END::BIGINT AS ms,
    CASE WHEN t IS NULL THEN 8 WHEN t < 1e11 THEN 1 WHEN t < 1e14 THEN 2 ELSE 4 END::${codeType} AS unit
  FROM typed
), tested AS (
  SELECT *, coalesce(fields = ${form.fields} AND symbol IS NOT NULL
    AND ms >= ${EARLIEST_MS} AND ms <= ${latest} AND ms % ${MINUTE_MS} = 0
    AND low > 0 AND low <= open AND low <= close AND high >= open AND high >= close AND ${finite("high")}
    AND volume >= 0 AND volume <= ${LARGEST_VOLUME} AND NOT contains(l, '_') AND ${countable}, false) AS plain
  FROM timed
), judged AS (
  SELECT *, CASE
      WHEN plain THEN ${VALID}
      WHEN l IS NULL OR ${trim("l")} = '' THEN ${BLANK}
      WHEN fields <> ${form.fields} THEN ${codeOf("wrong_columns")}
      WHEN symbol IS NULL THEN ${codeOf("unknown_symbol")}
      WHEN ms IS NULL OR ms < ${EARLIEST_MS} OR ms > ${latest} OR ${underscore(time)} THEN ${codeOf("bad_time")}
      WHEN ms % ${MINUTE_MS} <> 0 THEN ${codeOf("off_grid")}
      WHEN ${[...numbers, ...(trades === null ? [] : [trades])].map(underscore).join(" OR ")} OR NOT ${countable}
        OR NOT coalesce(${["open", "high", "low", "close", "volume"].map(finite).join(" AND ")}
        AND abs(volume) <= ${LARGEST_VOLUME}, false) THEN ${codeOf("unreadable_number")}
      WHEN least(open, high, low, close) <= 0 THEN ${codeOf("non_positive_price")}
      WHEN volume < 0 THEN ${codeOf("negative_volume")}
      WHEN low > least(open, close) OR high < greatest(open, close) THEN ${codeOf("high_low_inconsistent")}
      ELSE ${VALID}
    END::${codeType} AS reason
  FROM tested
)
SELECT symbol, ms, unit, open, high, low, close, volume,
  CASE WHEN reason = ${VALID} THEN read_trades::BIGINT END AS trades, reason,
  CASE WHEN reason BETWEEN 1 AND ${REJECT_REASONS.length} THEN l END AS raw
FROM judged`;
}

/** The pair in the exchange's spelling from a column (`btc/usdt`), or null where it can't be one. */
function symbolSql(field: string, { trim, matches }: Dialect): string {
  const bare = `upper(replace(replace(replace(${trim(field)}, '/', ''), '-', ''), '_', ''))`;
  const reserved = "CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9]";
  return `CASE WHEN ${matches(bare, "[A-Z0-9]{2,20}")} AND NOT ${matches(bare, reserved)} THEN ${bare} END`;
}

/** ISO 8601 with a zone to milliseconds; a time without a zone is not guessed. */
function isoSql(text: string, { trim, matches, replaceAll, instant, msOf }: Dialect): string {
  const withSeconds = replaceAll(trim(text), "^(.{10}).(\\d{2}:\\d{2}) ?([A-Z+-].*)$", "$1 $2:00$3");
  const withColon = replaceAll(withSeconds, "([+-]\\d{2})(\\d{2})$", "$1:$2");
  return `CASE WHEN ${matches(trim(text), ISO)} THEN ${msOf(instant(withColon))} END`;
}
