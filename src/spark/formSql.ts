import { HEADER_PATTERNS, MOST_HEADERS, otherTextSql, ZONELESS } from "../batch/judge.ts";
import { BLANK, PRICED, parseSql, REASON_NAME, VALID } from "../batch/parseSql.ts";
import { TIMED } from "../batch/readPiece.ts";
import { REJECT_REASONS } from "../candle/validity.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import type { Dialect } from "../lake/dialect.ts";
import { amountsOf, type FileForm } from "../recognition/form.ts";
import type { Recognition } from "../recognition/recognize.ts";
import type { EpochMs } from "../time/epoch.ts";
import { intervalMs } from "../time/interval.ts";
import { sparkDialect, sparkText } from "./sparkDialect.ts";
import { folderSql } from "./sparkEngine.ts";

/** The texts of one form: what their statements share. */
export interface TextsOfForm {
  form: FileForm;
  /** Whether the pair of each is known, so that a column of symbols is checked against it. */
  named: boolean;
  /** Columns that have the same text in every row of a file; the texts themselves are each file's. */
  constants: Recognition["constants"];
  latest: EpochMs;
}

/** A text's row in the table of texts; the text's file has `file_name`. */
export const TEXTS_SCHEMA = `file_name STRING, text_id INT, file_id INT, origin STRING, shown STRING, own_symbol STRING,
  own_names ARRAY<STRING>, head ARRAY<STRING>, own_texts ARRAY<ARRAY<STRING>>, direction INT`;

/** Cells that may hold anything but quotes, underscores, control characters and what is not ASCII. */
const cellPattern = (delimiter: string) => `(?:(?!${delimiter})[ !#-^\`-~])*+`;
const NUMBER = "[+-]?[0-9]++(?:[.][0-9]*+)?+(?:[eE][+-]?[0-9]++)?+";

/**
 * A regular expression of lines whose numbers can be cast as they are, narrower than what `parseSql` accepts. Null where
 * the form has none. Java's own parser would also accept `1f`, and a control character beside a number.
 */
export function plainLine({ columns, delimiter, fields, decimal, times }: FileForm): string | null {
  if (decimal !== null || delimiter.length !== 1) return null;
  const { time, open, high, low, close, volume, trades } = columns;
  const numbers = [open, high, low, close, volume, ...(trades === null ? [] : [trades])];
  if (times.kind !== "text" && columns.timeOfDay === null) numbers.push(time);
  const escaped = `\\x${delimiter.charCodeAt(0).toString(16).padStart(2, "0")}`;
  const cells = Array.from({ length: fields }, (_, i) =>
    numbers.includes(i) ? NUMBER : cellPattern(escaped),
  );
  return `^${cells.join(escaped)}\\z`;
}

/** In a plain line a number is cast without another look at its cell; amounts, which may be unknown, are no such number. */
function plainDialect(form: FileForm): Dialect {
  const amounts = amountsOf(form).map((amount) => sparkDialect.item("f", form.columns[amount] as number));
  return {
    ...sparkDialect,
    double: (cell) =>
      amounts.includes(cell)
        ? sparkDialect.double(cell)
        : `CASE WHEN is_plain THEN CAST(${cell} AS DOUBLE) ELSE ${sparkDialect.double(cell)} END`,
  };
}

/**
 * The lines of a folder of texts, parsed by `parseSql`, with their place among all lines (ascending in each text), their
 * text, whether they have a text of the header's, and those that have another text than their column.
 * @param texts the table of texts
 */
export function parsedSql(folder: string, texts: string, { form, named, constants, latest }: TextsOfForm) {
  const other =
    constants.length === 0
      ? "NULL::STRING"
      : `CASE WHEN ${otherTextSql(
          sparkDialect.split("l", form.delimiter),
          { form, constants },
          sparkDialect,
          (cell, i) => `array_contains(own_texts[${i}], ${cell})`,
        )} THEN l END`;
  const isHead = form.headerLine === 0 ? "false" : "array_contains(head, l)";
  const lines = `(SELECT *, ${isHead} AS may_be_head, ${other} AS other_line FROM (${linesSql(folder, texts, form)}))`;
  return parseSql(lines, {
    ...{ form, latest, symbol: named ? "" : null, dialect: plainDialect(form) },
    order: "line_id, text_id, may_be_head, other_line, is_plain, own_symbol, own_names",
    ofFile: { symbol: "own_symbol", isNamed: (cell) => `array_contains(own_names, ${cell})` },
  });
}

/** Spark's lines as our `LineNormalizer` returns them: valid UTF-8, no NUL or unit separator, long ones truncated. */
function linesSql(folder: string, texts: string, form: FileForm): string {
  const cut = `concat(make_valid_utf8(CAST(substring(CAST(value AS BINARY), 1, 1024) AS STRING)),
    '… (', octet_length(value), ' bytes)')`;
  const mended = `translate(CASE WHEN octet_length(value) > 65536 THEN ${cut} ELSE make_valid_utf8(value) END,
    concat(char(0), char(31)), '\\uFFFD\\uFFFD')`;
  const plain = plainLine(form);
  const isPlain =
    plain === null ? "false" : `(octet_length(value) < 1024 AND value RLIKE ${sparkText(plain)})`;
  return `SELECT /*+ BROADCAST(t) */ line_id, text_id, own_symbol, own_names, head, own_texts, is_plain,
      CASE WHEN is_plain THEN value ELSE ${mended} END AS l
    FROM (SELECT monotonically_increasing_id() AS line_id, _metadata.file_name AS file_name, value, ${isPlain} AS is_plain
      FROM ${folderSql(folder, "text")}) AS s JOIN ${texts} AS t USING (file_name)`;
}

/** What of the parsed lines is kept for the statements below. */
export function keptSql(parsed: string): string {
  return `SELECT symbol, ms, unit, ${MINUTE_FIGURES}, reason, raw, line_id, text_id, may_be_head, other_line FROM (${parsed})`;
}

/** Each text's last line of the header, and how many lines it and those before it are. */
export function headsSql(kept: string, { headerLine }: FileForm): string {
  return `SELECT text_id, max(line_id) AS until, count(*) AS heads FROM (
      SELECT text_id, line_id, row_number() OVER (PARTITION BY text_id ORDER BY line_id) AS place FROM ${kept}
      WHERE may_be_head
    ) WHERE place <= ${headerLine} GROUP BY text_id`;
}

/** The kept lines, with whether they are the header or before it. */
export function rowsSql(kept: string, heads: string, { headerLine }: FileForm): string {
  if (headerLine === 0) return `SELECT *, false AS is_head FROM ${kept}`;
  return `SELECT /*+ BROADCAST(h) */ k.*, coalesce(k.line_id <= h.until, false) AS is_head
    FROM ${kept} AS k LEFT JOIN ${heads} AS h ON k.text_id = h.text_id`;
}

const REJECTED = `reason BETWEEN 1 AND ${REJECT_REASONS.length} AND NOT is_head`;
const IS_VALID = `reason = ${VALID} AND NOT is_head`;

/** Candles by text, symbol and year; rejected lines by text and reason; the lines of the header by text. */
export function groupsSql(rows: string, latest: EpochMs): string {
  return `SELECT text_id, is_head, reason, symbol, year, count(*) AS rows, min(low) AS low, max(high) AS high,
      bit_or(unit) AS units, min(ms) AS first, max(ms) AS last, min(ms) FILTER (WHERE ms > ${latest}) AS future,
      count_if(${PRICED}) AS priced, min_by(raw, line_id) AS text, min(line_id) AS line_id
    FROM (SELECT * EXCEPT (reason, symbol), CASE WHEN NOT is_head THEN reason END AS reason,
        CASE WHEN ${IS_VALID} THEN symbol END AS symbol,
        CASE WHEN ${IS_VALID} THEN year(timestamp_millis(ms)) END AS year
      FROM ${rows} WHERE is_head OR reason <> ${BLANK})
    GROUP BY text_id, is_head, reason, symbol, year ORDER BY text_id, symbol, year, reason`;
}

/**
 * Steps between the open times of neighbouring rows of one symbol, within each split of a text. Rows that follow each
 * other by the usual step are collected without a sort: their time less their place is one number.
 */
export function stepsSql(rows: string, texts: string, { interval }: FileForm): string {
  const usual = intervalMs(interval) ?? 30 * 86_400_000;
  const inOrder = "OVER (PARTITION BY text_id, split, symbol ORDER BY line_id)";
  return `WITH islands AS (
      SELECT text_id, split, symbol, direction, island, min(line_id) AS line_id, count(*) AS rows,
        min(ms) AS least, max(ms) AS most
      FROM (SELECT /*+ BROADCAST(t) */ text_id, symbol, direction, line_id, ms, shiftright(line_id, 33) AS split,
          ms - direction * ${usual}L * (line_id & 8589934591L) AS island
        FROM ${rows} JOIN ${texts} AS t USING (text_id)
        WHERE reason IN (${TIMED}) AND ms IS NOT NULL AND NOT is_head)
      GROUP BY text_id, split, symbol, direction, island
    ), stepped AS (
      SELECT *, lag(rows) ${inOrder} AS rows_before,
        abs(CASE WHEN direction > 0 THEN least ELSE most END
          - lag(CASE WHEN direction > 0 THEN most ELSE least END) ${inOrder}) AS step FROM islands
    ), placed AS (
      SELECT *, sum(CASE WHEN rows_before = 1 AND step = step_before THEN 0 ELSE 1 END) ${inOrder} AS place
      FROM (SELECT *, lag(step) ${inOrder} AS step_before FROM stepped)
    ), runs AS (
      SELECT text_id, step AS length, count(*) AS run FROM placed WHERE step <> 0
      GROUP BY text_id, split, symbol, place, step
      UNION ALL SELECT text_id, ${usual}L, rows - 1 FROM islands WHERE rows > 1
    )
    SELECT text_id, length, sum(run) AS count, max(run) AS run FROM runs GROUP BY text_id, length`;
}

const matches = (pattern: string) => `raw RLIKE ${sparkText(pattern)}`;

/** Of each text, rejected lines that may be a header, each once. */
export function headersSql(rows: string): string {
  return `SELECT text_id, line_id, text FROM (
      SELECT *, row_number() OVER (PARTITION BY text_id ORDER BY line_id) AS place FROM (
        SELECT text_id, min(line_id) AS line_id, raw AS text FROM ${rows}
        WHERE ${REJECTED} AND ${matches(HEADER_PATTERNS.has)} AND NOT ${matches(HEADER_PATTERNS.hasNot)}
        GROUP BY text_id, raw)
    ) WHERE place <= ${MOST_HEADERS}`;
}

/** Of each text, the first line that was rejected for a time which may want a zone, and how many there are. */
export function zonelessSql(rows: string): string {
  return `SELECT text_id, count(*) AS rows, min(line_id) AS line_id, min_by(raw, line_id) AS text FROM ${rows}
    WHERE ${REJECTED} AND ${REASON_NAME} = 'bad_time' AND ${matches(ZONELESS)} GROUP BY text_id`;
}

/** Of each text, the first line that has another text in a column that has one. */
export function othersSql(rows: string): string {
  return `SELECT text_id, min(line_id) AS line_id, min_by(other_line, line_id) AS text FROM ${rows}
    WHERE other_line IS NOT NULL AND NOT is_head GROUP BY text_id`;
}

/** A text's candles of a symbol between two times, in their order. */
export function rangeSql(rows: string, id: number, symbol: string, [from, to]: readonly [number, number]) {
  return `SELECT ms AS at, low, high FROM ${rows}
    WHERE ${IS_VALID} AND text_id = ${id} AND symbol = ${sparkText(symbol)} AND ms BETWEEN ${from} AND ${to}
    ORDER BY ms, low, high`;
}

/** Candles as the rows of `<asset>_minutes`, by text, symbol and year. */
export function candlesSql(rows: string, texts: string, without: string): string {
  return `SELECT /*+ BROADCAST(t) */ symbol, timestamp_millis(ms) AS open_time, ${MINUTE_FIGURES}, origin, file_id,
      text_id AS part_text, symbol AS part_symbol, year(timestamp_millis(ms)) AS part_year
    FROM ${rows} JOIN ${texts} AS t USING (text_id) WHERE ${IS_VALID} ${without}`;
}

/** Rejected lines as the rows of `rejects`, by text. */
export function rejectsSql(rows: string, texts: string, without: string): string {
  return `SELECT /*+ BROADCAST(t) */ symbol, shown AS file, NULL::BIGINT AS line, ${REASON_NAME} AS reason, raw,
      text_id AS part_text
    FROM ${rows} JOIN ${texts} AS t USING (text_id) WHERE ${REJECTED} ${without}`;
}
