import { ORIGIN_PRIORITY } from "../candle/timeline.ts";
import { DAILY_TYPES } from "../lake/columns.ts";
import { type Dialect, duckdbDialect } from "../lake/dialect.ts";

/** The columns of every daily layer, in their published order. */
export const DAILY_COLUMNS = Object.keys(DAILY_TYPES).join(", ");

const priority = `CASE origin ${ORIGIN_PRIORITY.map((origin, i) => `WHEN '${origin}' THEN ${i}`).join(" ")} END`;

/**
 * The one timeline from several layers: `compareLayers`, `settleDays`, `fillCalendar` and `withAverages` of candle/ as a
 * statement. Values decide last, so that the result never depends on the order of the rows.
 * @param layers table expressions (FROM clauses), by layer; at least one
 */
export function mergeSql(layers: readonly string[], { eachDay, lastKnown }: Dialect = duckdbDialect): string {
  const rows = layers.map((layer) => `SELECT ${DAILY_COLUMNS} FROM ${layer}`).join(" UNION ALL ");
  return `
    WITH served AS (
      SELECT ${DAILY_COLUMNS} FROM (${rows})
      QUALIFY row_number() OVER (
        PARTITION BY symbol, day
        ORDER BY complete DESC, ${priority}, minutes DESC NULLS LAST, volume DESC NULLS LAST,
          close DESC, high DESC, low DESC, open DESC,
          quote_volume DESC NULLS LAST, trades DESC NULLS LAST, taker_base DESC NULLS LAST
      ) = 1
    ), calendar AS (
      SELECT symbol, ${eachDay("min(day)", "max(day)")} AS day
      FROM served GROUP BY symbol
    ), ends AS (
      SELECT symbol, min(day) AS first_day, max(day) FILTER (WHERE complete OR origin <> 'speed') AS last_day
      FROM served GROUP BY symbol
    ), carried AS (
      SELECT symbol, day, open, high, low, volume, quote_volume, trades, taker_base, vwap, minutes, origin,
        complete OR (minutes > 0 AND day > first_day AND day < last_day) AS complete,
        ${lastKnown("close", "so_far")} AS last_close
      FROM calendar JOIN ends USING (symbol) LEFT JOIN served USING (symbol, day)
      WINDOW so_far AS (PARTITION BY symbol ORDER BY day)
    ), filled AS (
      SELECT symbol, day,
        coalesce(open, last_close) AS open, coalesce(high, last_close) AS high,
        coalesce(low, last_close) AS low, last_close AS close,
        CASE WHEN origin IS NULL THEN 0 ELSE volume END AS volume, quote_volume, trades, taker_base, vwap,
        CASE WHEN origin IS NULL THEN 0 ELSE minutes END AS minutes,
        coalesce(origin, 'filled') AS origin,
        CASE WHEN origin IS NULL THEN true ELSE coalesce(complete, false) END AS complete
      FROM carried
    )
    SELECT *, ${average(7)} AS ma7, ${average(30)} AS ma30
    FROM filled WINDOW days AS (PARTITION BY symbol ORDER BY day) ORDER BY symbol, day`;
}

/** Null until there are as many rows. Summed from the oldest on: an engine's own average may sum in any order. */
function average(days: number): string {
  const earlier = Array.from({ length: days - 1 }, (_, i) => `lag(close, ${days - 1 - i}) OVER days`);
  return `(${[...earlier, "close"].join(" + ")}) / ${days}`;
}
