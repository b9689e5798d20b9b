import { ORIGIN_PRIORITY } from "../candle/calendar.ts";
import { DAILY_TYPES } from "../lake/columns.ts";

/** The columns of every daily layer, in their published order. */
export const DAILY_COLUMNS = Object.keys(DAILY_TYPES).join(", ");

const priority = `CASE origin ${ORIGIN_PRIORITY.map((origin, i) => `WHEN '${origin}' THEN ${i}`).join(" ")} END`;

/**
 * The one timeline from several layers: `compareLayers`, `fillCalendar` and `withAverages` of candle/ as a
 * statement. Values decide last, so that the result never depends on the order of the rows.
 * @param layers what stands behind FROM, by layer; at least one
 */
export function mergeSql(layers: readonly string[]): string {
  const rows = layers.map((layer) => `SELECT ${DAILY_COLUMNS} FROM ${layer}`).join(" UNION ALL ");
  return `
    WITH served AS (
      SELECT ${DAILY_COLUMNS} FROM (${rows})
      QUALIFY row_number() OVER (
        PARTITION BY symbol, day
        ORDER BY complete DESC, ${priority}, minutes DESC NULLS LAST, volume DESC NULLS LAST,
          close DESC, high DESC, low DESC, open DESC
      ) = 1
    ), calendar AS (
      SELECT symbol, CAST(unnest(generate_series(min(day), max(day), INTERVAL 1 DAY)) AS DATE) AS day
      FROM served GROUP BY symbol
    ), carried AS (
      SELECT symbol, day, served.* EXCLUDE (symbol, day),
        last_value(close IGNORE NULLS) OVER (PARTITION BY symbol ORDER BY day) AS last_close
      FROM calendar LEFT JOIN served USING (symbol, day)
    ), filled AS (
      SELECT symbol, day,
        coalesce(open, last_close) AS open, coalesce(high, last_close) AS high,
        coalesce(low, last_close) AS low, last_close AS close,
        CASE WHEN origin IS NULL THEN 0 ELSE volume END AS volume,
        CASE WHEN origin IS NULL THEN 0 ELSE minutes END AS minutes,
        coalesce(origin, 'filled') AS origin, coalesce(complete, true) AS complete
      FROM carried
    )
    SELECT *, ${average(7)} AS ma7, ${average(30)} AS ma30 FROM filled ORDER BY symbol, day`;
}

function average(days: number): string {
  return `CASE WHEN row_number() OVER (PARTITION BY symbol ORDER BY day) >= ${days}
    THEN avg(close) OVER (PARTITION BY symbol ORDER BY day ROWS ${days - 1} PRECEDING) END`;
}
