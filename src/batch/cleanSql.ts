import { type Dialect, duckdbDialect } from "../lake/dialect.ts";
import { literal } from "../lake/session.ts";
import { MINUTE_ORIGINS } from "./files.ts";
import { oneOf } from "./layout.ts";

const CANDLE = "open_time, open, high, low, close, volume, trades";

/** The columns of `<asset>_clean`, in their published order. */
export const CLEAN_COLUMNS = `symbol, ${CANDLE}, origin`;

/** The values that make two rows of one open time the same or a conflict, in the order in which they decide. */
const VALUES = ["coalesce(trades, -1)", "volume", "close", "high", "low", "open"];

/** Whether a row was fetched to close a gap: of the two origins a sort carries a flag more easily than texts. */
const FETCHED = "origin = 'backfill'";

/** The same as one symbol's part is written. */
function written(symbol: string, fetched: string): string {
  const [batch, backfill] = MINUTE_ORIGINS.map((origin) => oneOf(literal(origin), MINUTE_ORIGINS));
  return `${oneOf(literal(symbol), [symbol])} AS symbol, ${CANDLE}, CASE WHEN ${fetched} THEN ${backfill} ELSE ${batch} END AS origin`;
}

/** A year that was read sorted and unique: its rows as they are. @param rows a table expression (FROM clause) */
export function orderedSql(rows: string, symbol: string): string {
  return `SELECT ${written(symbol, FETCHED)} FROM ${rows}`;
}

/**
 * Rows with their `place` among those of one `key`, 1 for the one that stays (`compareDuplicates` of candle/), and
 * whether they are a `conflict` with it. Where rows are identical the person's own precedes a fetched one.
 * @param rows a table expression (FROM clause)
 */
export function placedSql(rows: string, key: string, { tuple }: Dialect): string {
  const value = tuple(VALUES);
  const order = `${VALUES.map((text) => `${text} DESC`).join(", ")}, origin DESC`;
  return `SELECT *, row_number() OVER best AS place, ${value} <> first_value(${value}) OVER best AS conflict
    FROM ${rows} WINDOW best AS (PARTITION BY ${key} ORDER BY ${order})`;
}

/** The table `again`: the open times of which a row follows another of the same or a later time. */
export function lateSql(rows: string): string {
  return `CREATE OR REPLACE TEMP TABLE again AS SELECT DISTINCT open_time FROM (
      SELECT open_time, lag(latest) OVER () AS before FROM (
        SELECT open_time, max(open_time) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest FROM ${rows}
      )
    ) WHERE open_time <= before`;
}

/** The table `again`: the open times that occur more than once. */
export function twiceSql(rows: string): string {
  return `CREATE OR REPLACE TEMP TABLE again AS
    SELECT open_time FROM ${rows} GROUP BY open_time HAVING count(*) > 1`;
}

/** The table `repeated`: the rows whose open time is in `again`, in their places. */
export function repeatedSql(rows: string): string {
  const own = `(SELECT ${CLEAN_COLUMNS} FROM ${rows} SEMI JOIN again USING (open_time))`;
  return `CREATE OR REPLACE TEMP TABLE repeated AS ${placedSql(own, "open_time", duckdbDialect)}`;
}

/** What became of the rows: `in`, `duplicates`, `conflicts`, each counted for itself. */
export function countSql(rows: string): string {
  return `SELECT
      (SELECT count(*) FROM ${rows})::DOUBLE AS "in",
      (SELECT count(*) FROM repeated WHERE place > 1)::DOUBLE AS duplicates,
      (SELECT count(*) FROM repeated WHERE conflict)::DOUBLE AS conflicts`;
}

/** One candle per open time, sorted: the rows that are alone, and of the others the first. */
export function uniqueSql(rows: string, symbol: string): string {
  const carried = `${CANDLE}, ${FETCHED} AS fetched`;
  return `SELECT ${written(symbol, "fetched")} FROM (
      SELECT ${carried} FROM ${rows} ANTI JOIN again USING (open_time)
      UNION ALL SELECT ${carried} FROM repeated WHERE place = 1
    ) ORDER BY open_time`;
}
