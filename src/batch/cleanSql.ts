import { type Dialect, duckdbDialect } from "../lake/dialect.ts";

/** The columns of `<asset>_clean`, in their published order. */
export const CLEAN_COLUMNS = "symbol, open_time, open, high, low, close, volume, trades, origin";

/** The values that make two rows of one open time the same or a conflict, in the order in which they decide. */
const VALUES = ["coalesce(trades, -1)", "volume", "close", "high", "low", "open"];

/** A year that came in sorted and unique: its rows as they are. @param rows what stands behind FROM */
export function orderedSql(rows: string): string {
  return `SELECT ${CLEAN_COLUMNS} FROM ${rows}`;
}

/** Takes one symbol's rows of one year, in any order, into the table `minutes`. */
export function loadSql(rows: string): string {
  return `CREATE OR REPLACE TEMP TABLE minutes AS ${orderedSql(rows)}`;
}

/**
 * Rows with their `place` among those of one `key`, 1 for the one that stays (`compareDuplicates` of candle/), and
 * whether they are a `conflict` with it. Where rows are identical the person's own comes before a fetched one.
 * @param rows what stands behind FROM
 */
export function placedSql(rows: string, key: string, { tuple }: Dialect): string {
  const value = tuple(VALUES);
  const order = `${VALUES.map((text) => `${text} DESC`).join(", ")}, origin DESC`;
  return `SELECT *, row_number() OVER best AS place, ${value} <> first_value(${value}) OVER best AS conflict
    FROM ${rows} WINDOW best AS (PARTITION BY ${key} ORDER BY ${order})`;
}

/** The table `repeated`: the rows of `minutes` whose open time stands more than once, in their places. */
export function repeatedSql(): string {
  const twice = "SELECT open_time FROM minutes GROUP BY open_time HAVING count(*) > 1";
  const rows = `(SELECT * FROM minutes WHERE open_time IN (${twice}))`;
  return `CREATE OR REPLACE TEMP TABLE repeated AS ${placedSql(rows, "open_time", duckdbDialect)}`;
}

/** What became of the rows: `in`, `kept`, `duplicates`, `conflicts`, each counted for itself. */
export function countSql(): string {
  return `SELECT
      (SELECT count(*) FROM minutes)::DOUBLE AS "in",
      (SELECT count(DISTINCT open_time) FROM minutes)::DOUBLE AS kept,
      (SELECT count(*) FROM repeated WHERE place > 1)::DOUBLE AS duplicates,
      (SELECT count(*) FROM repeated WHERE conflict)::DOUBLE AS conflicts`;
}

/** One candle per open time of `minutes`, sorted. */
export function uniqueSql(): string {
  return `SELECT ${CLEAN_COLUMNS} FROM (
      SELECT ${CLEAN_COLUMNS} FROM minutes WHERE open_time NOT IN (SELECT open_time FROM repeated)
      UNION ALL SELECT ${CLEAN_COLUMNS} FROM repeated WHERE place = 1
    ) ORDER BY open_time`;
}
