/** The columns of `<asset>_clean`, in their published order. */
const CLEAN_COLUMNS = "symbol, open_time, open, high, low, close, volume, trades, origin";

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
 * The table `repeated`: the rows of `minutes` whose open time stands more than once, with their `place` among
 * those of their open time, 1 for the one that stays (`compareDuplicates` of candle/), and whether they are a
 * `conflict` with it. Where rows are identical the person's own comes before a fetched one.
 */
export function repeatedSql(): string {
  const value = `struct_pack(${VALUES.map((text, i) => `v${i} := ${text}`).join(", ")})`;
  const order = `${VALUES.map((text) => `${text} DESC`).join(", ")}, origin DESC`;
  return `CREATE OR REPLACE TEMP TABLE repeated AS
    SELECT *, row_number() OVER best AS place, ${value} <> first_value(${value}) OVER best AS conflict
    FROM minutes
    WHERE open_time IN (SELECT open_time FROM minutes GROUP BY open_time HAVING count(*) > 1)
    WINDOW best AS (PARTITION BY open_time ORDER BY ${order})`;
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
