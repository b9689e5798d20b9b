import { VOLUME_UNIT } from "../candle/foldDay.ts";
import type { Dialect } from "../lake/dialect.ts";
import { literal } from "../lake/literal.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";
import type { CutCandles } from "./cutCandles.ts";

/**
 * One part of clean minutes to `days`: `foldDays` of candle/ as a statement, with each day's first and last minute
 * (milliseconds). Volumes are summed as whole numbers of 1e-8; the sum is cast through text because the embedded
 * engine's own way from a wide integer to a double rounds twice.
 * @param rows a table expression (FROM clause)
 */
export function foldSql(rows: string, { dayOf, msOf, wide, textType }: Dialect): string {
  return `SELECT symbol, ${dayOf("open_time")} AS day,
      min_by(open, open_time) AS open, max(high) AS high, min(low) AS low, max_by(close, open_time) AS close,
      sum(${wide(`round(volume * ${VOLUME_UNIT})`)})::${textType}::DOUBLE / ${VOLUME_UNIT} AS volume,
      count(*)::INTEGER AS minutes,
      CASE WHEN bool_or(origin = 'backfill') THEN 'backfill' ELSE 'batch' END AS origin,
      ${msOf("min(open_time)")} AS first_ms, ${msOf("max(open_time)")} AS last_ms
    FROM ${rows} GROUP BY symbol, ${dayOf("open_time")}`;
}

/**
 * The gaps inside the days of one part to `holes`: the first minute that is missing and the first that is there
 * again. A clean part is sorted, so each row's neighbour is the row before it.
 * @param rows a table expression (FROM clause), in its order of time
 */
export function holesSql(rows: string, { msOf, div, inOrder }: Dialect): string {
  const day = div("ms", DAY_MS);
  return `SELECT symbol, before + ${MINUTE_MS} AS from_ms, ms AS to_ms
    FROM (
      SELECT symbol, ms, lag(ms) OVER ${inOrder(`symbol, ${day}`, "ms")} AS before
      FROM (SELECT symbol, ${msOf("open_time")} AS ms FROM ${rows})
    )
    WHERE ms - before > ${MINUTE_MS} AND ${day} = ${div("before", DAY_MS)}`;
}

/**
 * `daily_batch`. A day is complete when it has ended; a symbol's first and last day only where the day's first and
 * last minute are there, and none between them that a file cuts: what lies beyond the ends of the files may exist
 * elsewhere.
 */
export function dailySql(now: number, { msOfDay }: Dialect, cut: CutCandles = {}): string {
  const start = msOfDay("day");
  const isCut = Object.entries(cut).map(
    ([symbol, days]) => `(symbol = ${literal(symbol)} AND ${start} IN (${days.join(", ")}))`,
  );
  const inside = "day > min(day) OVER all_days AND day < max(day) OVER all_days";
  return `SELECT symbol, day, open, high, low, close, volume, minutes, origin,
      ${start} + ${DAY_MS} <= ${now}
        AND (day > min(day) OVER all_days OR first_ms = ${start})
        AND (day < max(day) OVER all_days OR last_ms = ${start} + ${DAY_MS - MINUTE_MS})
        ${isCut.length === 0 ? "" : `AND NOT (${inside} AND (${isCut.join(" OR ")}))`} AS complete
    FROM days WINDOW all_days AS (PARTITION BY symbol) ORDER BY symbol, day`;
}

/**
 * `gaps`: every gap of a minute or more from a symbol's first minute to its last, and on to `until`; those within
 * days, and those from one day to the next. `end` is the first minute that is there again. A gap has the label
 * whose stretch covers most of it, at least half; times before the exchange's first candle are listed too.
 * @param until milliseconds; null: no tail
 * @param labels a table expression (FROM clause) with `symbol from_ms to_ms label source`; null: nothing is known of any gap
 */
export function gapsSql(until: number | null, labels: string | null, dialect: Dialect): string {
  const { instantOf, div, textType } = dialect;
  const none = `(SELECT symbol, from_ms, to_ms, '' AS label, '' AS source FROM holes WHERE false)`;
  const common = "least(found.to_ms, told.to_ms) - greatest(found.from_ms, told.from_ms)";
  return `WITH found AS (
      SELECT symbol, from_ms, to_ms FROM holes
      UNION ALL
      SELECT symbol, last_ms + ${MINUTE_MS},
        coalesce(lead(first_ms) OVER (PARTITION BY symbol ORDER BY day), ${until ?? "NULL"}) AS to_ms
      FROM days
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
      FROM told JOIN (SELECT symbol, min(first_ms) AS begins FROM days GROUP BY symbol) AS beginnings USING (symbol)
      WHERE label = 'before_listing' AND to_ms <= begins
    )
    SELECT symbol, ${instantOf("from_ms")} AS start, ${instantOf("to_ms")} AS "end",
      ${div("(to_ms - from_ms)", MINUTE_MS)}::INTEGER AS minutes, label, source
    FROM listed ORDER BY symbol, from_ms`;
}

/** `per_day`: how many minutes each day has, from a symbol's first day to its last and on to `until`, 0 where none. */
export function perDaySql(until: number | null, { eachDay, dayOf, instantOf }: Dialect): string {
  const last = until === null ? "max(day)" : `greatest(max(day), ${dayOf(instantOf(String(until - 1)))})`;
  return `SELECT symbol, day, coalesce(minutes, 0)::INTEGER AS minutes
    FROM (
      SELECT symbol, ${eachDay("min(day)", last)} AS day FROM days GROUP BY symbol
    ) AS calendar LEFT JOIN days USING (symbol, day)
    ORDER BY symbol, day`;
}
