import { AMOUNTS, type Amount } from "../candle/candle.ts";
import {
  brokenSql,
  LARGEST_VOLUME,
  REJECT_REASONS,
  type RejectReason,
  validSql,
} from "../candle/validity.ts";
import { type Dialect, duckdbDialect } from "../lake/dialect.ts";
import { literal } from "../lake/session.ts";
import { UNKNOWN_TEXTS } from "../recognition/cells.ts";
import { amountsOf, type FileForm } from "../recognition/form.ts";
import { EARLIEST_MS, type EpochMs, epochUnitSql } from "../time/epoch.ts";
import { isOpenTimeSql } from "./intervalSql.ts";
import { NO_DELIMITER } from "./lines.ts";
import { symbolSql } from "./symbolSql.ts";
import { openTimeSql } from "./timeSql.ts";

/** Codes of `reason` in a parsed piece: a candle, a blank line, else 1 + its place in `REJECT_REASONS`. */
export const VALID = 0;
export const BLANK = 100;

const codeOf = (reason: RejectReason): number => 1 + REJECT_REASONS.indexOf(reason);

/** SQL for the name of a reject's code. */
export const REASON_NAME = `CASE reason ${REJECT_REASONS.map(
  (reason) => `WHEN ${codeOf(reason)} THEN '${reason}'`,
).join(" ")} END`;

/** SQL for whether a row's prices are numbers. */
export const PRICED = "coalesce(abs(open + high + low + close) < 'infinity'::DOUBLE, false)";

/** Bits of `unit`: how the time was written. */
export const UNITS = ["s", "ms", "us", "iso", "ns", "days"] as const;

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

/** Options of a parse of lines. */
export interface ParseOptions {
  form: FileForm;
  /** The pair where no column has it. */
  symbol: string | null;
  /** The last open time that can be true. */
  latest: EpochMs;
  dialect?: Dialect;
  /** Columns of `lines` that the result keeps, as its last: what orders the lines where the engine does not. */
  order?: string;
  /** Where the lines are of several files: SQL for the pair of a line's file, and for whether its column may have a name. */
  ofFile?: { symbol: string; isNamed: (named: string) => string };
}

/**
 * Every line with what it says, one row a line, in their order: `symbol ms unit`, the figures of a minute
 * (`MINUTE_FIGURES`), `reason raw`; `raw` only where the line is rejected, `reason` a code (see `VALID`, `BLANK`).
 * The line is read as one text and split by us: only so every kind of bad line is seen with its raw text, in
 * one pass. A quote means nothing but at both ends of a cell, or one stray quote would swallow the lines after it.
 * Whether a row is `plain` is one conjunction, and why it is not is asked of the others alone: that halves the time.
 * @param lines a table expression (FROM clause) with a column `l`
 */
export function parseSql(
  lines: string,
  { form, symbol, latest, dialect = duckdbDialect, order, ofFile }: ParseOptions,
): string {
  const kept = order === undefined ? "" : `, ${order}`;
  const { columns, times } = form;
  const { trim, codeType } = dialect;
  const field = (index: number): string => dialect.item("f", index);
  const number = (index: number): string => numberSql(field(index), form, dialect);
  const numbers = [columns.open, columns.high, columns.low, columns.close, columns.volume].map(field);
  const time =
    columns.timeOfDay === null
      ? field(columns.time)
      : `(${trim(field(columns.time))} || ' ' || ${trim(field(columns.timeOfDay))})`;
  const trades = columns.trades === null ? null : field(columns.trades);
  const underscore = (text: string): string => `(contains(l, '_') AND contains(${text}, '_'))`;
  const onGrid = isOpenTimeSql("ms", form.interval, dialect);
  const openTime = { ms: "ms", onGrid, earliest: EARLIEST_MS, latest };
  const broken = brokenSql(openTime);
  const counted = `read_trades >= 0 AND read_trades < ${Number.MAX_SAFE_INTEGER} AND read_trades = floor(read_trades)`;
  const unknown = trades === null ? "true" : unknownSql(trades, dialect);
  const amounts = amountsSql(form, dialect);
  const countable = trades === null ? "true" : `CASE WHEN ${counted} THEN true ELSE ${unknown} END`;
  return `
WITH split AS (
  SELECT l, CASE WHEN contains(l, '"') THEN ${dialect.splitQuoted("l", form.delimiter)}
      ELSE ${dialect.split("l", form.delimiter)} END AS f${kept} FROM ${lines}
), typed AS (
  SELECT l, f${kept}, ${dialect.count("f")} AS fields,
    ${symbolOfRow(symbol, form, dialect, ofFile)} AS symbol,
    ${columns.timeOfDay === null ? number(columns.time) : "NULL::DOUBLE"} AS t,
    ${number(columns.open)} AS open, ${number(columns.high)} AS high, ${number(columns.low)} AS low,
    ${number(columns.close)} AS close, ${number(columns.volume)} AS read_volume,
    ${columns.trades === null ? "NULL::DOUBLE" : number(columns.trades)} AS read_trades${amounts.read}
  FROM split
), timed AS (
  SELECT *, CASE WHEN read_volume = 0 THEN 0 ELSE read_volume END AS volume,
    ${openTimeSql(time, "t", times, dialect)} AS ms,
    ${unitSql(times.kind)}::${codeType} AS unit
  FROM typed
), tested AS (
  SELECT *, coalesce(fields = ${form.fields} AND symbol IS NOT NULL
    AND ${validSql(openTime)} AND NOT contains(l, '_') AND ${countable}
    ${amounts.plain}, false) AS plain
  FROM timed
), judged AS (
  SELECT *, CASE
      WHEN plain THEN ${VALID}
      WHEN l IS NULL OR ${trim("l")} = '' THEN ${BLANK}
      WHEN fields <> ${form.fields} THEN ${codeOf("wrong_columns")}
      WHEN symbol IS NULL THEN ${codeOf("unknown_symbol")}
      WHEN ${broken.bad_time} OR ${underscore(time)} THEN ${codeOf("bad_time")}
      WHEN ${broken.off_grid} THEN ${codeOf("off_grid")}
      WHEN ${[...numbers, ...(trades === null ? [] : [trades]), ...amounts.cells].map(underscore).join(" OR ")}
        OR NOT ${countable} ${amounts.unreadable} OR ${broken.unreadable_number} THEN ${codeOf("unreadable_number")}
      WHEN ${broken.non_positive_price} THEN ${codeOf("non_positive_price")}
      WHEN ${broken.negative_volume} ${amounts.negative} THEN ${codeOf("negative_volume")}
      WHEN ${broken.high_low_inconsistent} THEN ${codeOf("high_low_inconsistent")}
      ELSE ${VALID}
    END::${codeType} AS reason
  FROM tested
)
SELECT symbol, ms, unit, open, high, low, close, volume, ${amounts.column("quoteVolume")},
  CASE WHEN reason = ${VALID} AND read_trades < ${Number.MAX_SAFE_INTEGER} THEN read_trades::BIGINT END AS trades,
  ${amounts.column("takerBase")}, ${amounts.column("takerQuote")}, reason,
  CASE WHEN reason BETWEEN 1 AND ${REJECT_REASONS.length} THEN l END AS raw${kept}
FROM judged`;
}

/**
 * Whether a cell says that its figure is not known. Not by IN: of more than five texts the embedded engine makes a join,
 * for every row, also where a CASE comes first.
 */
function unknownSql(cell: string, { text, trim }: Dialect): string {
  return `(${UNKNOWN_TEXTS.map((unknown) => `lower(${trim(cell)}) = ${text(unknown)}`).join(" OR ")})`;
}

/** What the statement has of the amounts that the form has columns of; empty where it has none. */
function amountsSql(form: FileForm, dialect: Dialect) {
  const found = amountsOf(form).map((amount) => {
    const cell = dialect.item("f", form.columns[amount] as number);
    const [read, unknown] = [`read_${AMOUNTS[amount]}`, unknownSql(cell, dialect)];
    return { amount, cell, read, unknown, number: numberSql(cell, form, dialect) };
  });
  const all = (sql: (one: (typeof found)[number]) => string) => found.map(sql).join("");
  return {
    cells: found.map(({ cell }) => cell),
    read: all(({ number, read }) => `, ${number} AS ${read}`),
    plain: all(
      ({ unknown, read }) => ` AND coalesce(${read} >= 0 AND ${read} <= ${LARGEST_VOLUME}, ${unknown})`,
    ),
    unreadable: all(
      ({ unknown, read }) => ` OR NOT (${unknown} OR coalesce(abs(${read}) <= ${LARGEST_VOLUME}, false))`,
    ),
    negative: all(({ read }) => ` OR coalesce(${read} < 0, false)`),
    column: (amount: Amount) => {
      const one = found.find((own) => own.amount === amount);
      if (one === undefined) return `NULL::DOUBLE AS ${AMOUNTS[amount]}`;
      const value = `CASE WHEN ${one.read} = 0 THEN 0 ELSE ${one.read} END`;
      return `CASE WHEN ${one.read} <= ${LARGEST_VOLUME} THEN ${value} END AS ${AMOUNTS[amount]}`;
    },
  };
}

/** A cell as a double, null where it is none: what `numberOf` is in JavaScript. */
export function numberSql(
  cell: string,
  { decimal }: Pick<FileForm, "decimal">,
  { double, matches, replaceAll, trim }: Dialect,
): string {
  if (decimal === null) return double(cell);
  if (decimal === ".") {
    const grouped = `[+-]?([0-9]{1,3}(,[0-9]{3})+)([.][0-9]*)?`;
    return `CASE WHEN ${matches(trim(cell), grouped)} THEN ${double(replaceAll(trim(cell), ",", ""))} ELSE ${double(trim(cell))} END`;
  }
  const grouped = `[+-]?([0-9]{1,3}([. '\u00a0\u202f][0-9]{3})+|[0-9]+)?(,[0-9]*)?`;
  const point = replaceAll(replaceAll(trim(cell), "[. '\u00a0\u202f]", ""), ",", ".");
  return `CASE WHEN ${matches(trim(cell), grouped)} THEN ${double(point)} END`;
}

/** A unit as its bit. */
function unitCode(unit: (typeof UNITS)[number]): string {
  return String(1 << UNITS.indexOf(unit));
}

function unitSql(kind: FileForm["times"]["kind"]): string {
  if (kind === "serial") return unitCode("days");
  if (kind === "text") return unitCode("iso");
  return `CASE WHEN t IS NULL THEN ${unitCode("iso")} ${epochUnitSql("t", ({ unit }) => unitCode(unit))} END`;
}

/** The pair: the known one where the row's column names it, or is not there; else the column's. */
function symbolOfRow(
  symbol: string | null,
  { columns, names, perpetual }: FileForm,
  dialect: Dialect,
  ofFile?: ParseOptions["ofFile"],
): string {
  const own = () => ofFile?.symbol ?? dialect.text(symbol as string);
  if (columns.symbol === null) return own();
  const named = symbolSql(dialect.item("f", columns.symbol), dialect);
  if (symbol === null) return perpetual ? dialect.replaceAll(named, "^([^_]+)\\z", "$1_PERP") : named;
  const isNamed = ofFile?.isNamed(named) ?? `${named} IN (${names.map(dialect.text).join(", ")})`;
  return `CASE WHEN ${isNamed} THEN ${own()} END`;
}
