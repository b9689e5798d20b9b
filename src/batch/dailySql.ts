import type { Dialect } from "../lake/dialect.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";
import { type FixedInterval, intervalMs } from "../time/interval.ts";
import { bitOf, completeSql, type FoldedCandles, originSql, sumsSql, VWAP } from "./candlesSql.ts";

/**
 * The gaps inside the days of one part: the first candle that is missing and the first that is there again.
 * A clean part is sorted, so each row's neighbour is the row before it.
 * @param rows a table expression (FROM clause), in its order of time
 */
export function dayGapsSql(rows: string, interval: FixedInterval, { msOf, div, inOrder }: Dialect): string {
  const day = div("ms", DAY_MS);
  const length = intervalMs(interval);
  return `SELECT symbol, before + ${length} AS from_ms, ms AS to_ms
    FROM (
      SELECT symbol, ms, lag(ms) OVER ${inOrder(`symbol, ${day}`, "ms")} AS before
      FROM (SELECT symbol, ${msOf("open_time")} AS ms FROM ${rows})
    )
    WHERE ms - before > ${length} AND ${day} = ${div("before", DAY_MS)}`;
}

/**
 * `daily_batch`, from days as parts (see `partsSql`). `minutes` is how many of the day's minutes there are, null where the
 * row is, or has, a daily candle.
 * @param days a table expression (FROM clause)
 */
export function dailySql(days: string, folded: Omit<FoldedCandles, "interval">, dialect: Dialect): string {
  const { dayOf, div, instantOf } = dialect;
  const summed = `(SELECT symbol, ms, open, high, low, close, covered, sources, origin, first_ms, end_ms,
    ${sumsSql(["volume", "quote_volume", "taker_base"], dialect)}, trades::BIGINT AS trades FROM ${days})`;
  return `SELECT symbol, ${dayOf(instantOf("ms"))} AS day, open, high, low, close, volume, quote_volume, trades,
      taker_base, ${VWAP} AS vwap, CASE WHEN (sources & ${bitOf("1d")}) = 0 THEN ${div("covered", MINUTE_MS)}::INTEGER END AS minutes,
      ${originSql()} AS origin, ${completeSql({ ...folded, interval: "1d" }, dialect)} AS complete
    FROM ${summed} AS summed WINDOW all_candles AS (PARTITION BY symbol) ORDER BY symbol, day`;
}

/** Days as parts (see `partsSql`), and the gaps inside them, of each symbol's finest series: table expressions. */
export interface DayTables {
  days: string;
  gaps: string;
}

/** The end of the last whole candle up to `until`, `end` at least. @param end the end of a candle, `finest` the length of one: expressions */
export function tailSql(until: number, end: string, finest: string, { div }: Dialect): string {
  return `${end} + ${div(`greatest(${until} - ${end}, 0)`, finest)} * ${finest}`;
}

/**
 * `gaps`: every gap from a symbol's first candle to its last, and on to `until`; those within days, and those from one
 * day to the next. `end` is the first candle that is there again. A gap has the label
 * whose stretch covers most of it, at least half; times before the exchange's first candle are listed too.
 * @param until milliseconds; null: no tail
 * @param labels a table expression (FROM clause) with `symbol from_ms to_ms label source`; null: nothing is known of any gap
 */
export function gapsSql(
  { days, gaps }: DayTables,
  { until, labels }: { until: number | null; labels: string | null },
  dialect: Dialect,
): string {
  const { instantOf, div, textType } = dialect;
  const tail = until === null ? "NULL" : tailSql(until, "end_ms", "finest", dialect);
  const none = `(SELECT symbol, from_ms, to_ms, '' AS label, '' AS source FROM ${gaps} WHERE false)`;
  const common = "least(found.to_ms, told.to_ms) - greatest(found.from_ms, told.from_ms)";
  return `WITH found AS (
      SELECT symbol, from_ms, to_ms FROM ${gaps}
      UNION ALL
      SELECT symbol, end_ms,
        coalesce(lead(first_ms) OVER (PARTITION BY symbol ORDER BY ms), ${tail}) AS to_ms
      FROM ${days}
    ), told AS (
      SELECT symbol, from_ms, to_ms, label, source FROM ${labels ?? none} AS labels
    ), best AS (
      SELECT found.symbol, found.from_ms, max_by(label, ${common}) AS label, max_by(source, ${common}) AS source
      FROM found JOIN told ON found.symbol = told.symbol AND 2 * (${common}) >= found.to_ms - found.from_ms
      GROUP BY found.symbol, found.from_ms
    ), listed AS (
      SELECT symbol, from_ms, to_ms, coalesce(label, 'unexplained') AS label, source::${textType} AS source
      FROM found LEFT JOIN best USING (symbol, from_ms) WHERE to_ms > from_ms
      UNION ALL
      SELECT symbol, from_ms, to_ms, label, source
      FROM told JOIN (SELECT symbol, min(first_ms) AS begins FROM ${days} GROUP BY symbol) AS beginnings USING (symbol)
      WHERE label = 'before_listing' AND to_ms <= begins
    )
    SELECT symbol, ${instantOf("from_ms")} AS start, ${instantOf("to_ms")} AS "end",
      ${div("(to_ms - from_ms)", MINUTE_MS)}::INTEGER AS minutes, label, source
    FROM listed ORDER BY symbol, from_ms`;
}

/** `per_day`: how many minutes each day has, from a symbol's first day to its last and on to `until`, 0 where none. */
export function perDaySql({ days }: DayTables, until: number | null, dialect: Dialect): string {
  const { div, eachDay, dayOf, instantOf } = dialect;
  const last = until === null ? "max(day)" : `greatest(max(day), ${dayOf(instantOf(String(until - 1)))})`;
  const own = `SELECT symbol, ${dayOf(instantOf("ms"))} AS day, ${div("covered", MINUTE_MS)} AS minutes FROM ${days}`;
  return `WITH own AS (${own})
    SELECT symbol, day, coalesce(minutes, 0)::INTEGER AS minutes
    FROM (
      SELECT symbol, ${eachDay("min(day)", last)} AS day FROM own GROUP BY symbol
    ) AS calendar LEFT JOIN own USING (symbol, day)
    ORDER BY symbol, day`;
}
