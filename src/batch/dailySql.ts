import { VOLUME_UNIT } from "../candle/daily.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";

/**
 * The tables that a symbol's years are folded into. `days` has each day's first and last minute too (milliseconds),
 * `holes` the first and last minute missing inside a day.
 */
export const FOLD_TABLES = `
  CREATE TEMP TABLE days (symbol VARCHAR, day DATE, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE,
    volume DOUBLE, minutes INTEGER, origin VARCHAR, first_ms BIGINT, last_ms BIGINT);
  CREATE TEMP TABLE holes (symbol VARCHAR, from_ms BIGINT, to_ms BIGINT)`;

/**
 * One year of clean minutes to days: `foldDays` of candle/ as a statement. Volumes are summed as whole numbers of
 * 1e-8; the sum goes through text because the engine's own way from a wide integer to a double rounds twice.
 * @param rows what stands behind FROM
 */
export function foldSql(rows: string): string {
  return `INSERT INTO days
    SELECT symbol, (open_time AT TIME ZONE 'UTC')::DATE AS day,
      min_by(open, open_time), max(high), min(low), max_by(close, open_time),
      sum(round(volume * ${VOLUME_UNIT})::HUGEINT)::VARCHAR::DOUBLE / ${VOLUME_UNIT}, count(*)::INTEGER,
      CASE WHEN bool_or(origin = 'backfill') THEN 'backfill' ELSE 'batch' END,
      epoch_ms(min(open_time)), epoch_ms(max(open_time))
    FROM ${rows} GROUP BY symbol, day`;
}

/**
 * The holes inside the days of one year. A clean part is sorted, so each row's neighbour is the row before it.
 * @param rows what stands behind FROM, in its order of time
 */
export function holesSql(rows: string): string {
  return `INSERT INTO holes
    SELECT symbol, before + ${MINUTE_MS}, ms
    FROM (SELECT symbol, ms, lag(ms) OVER () AS before FROM (SELECT symbol, epoch_ms(open_time) AS ms FROM ${rows}))
    WHERE ms - before > ${MINUTE_MS} AND ms // ${DAY_MS} = before // ${DAY_MS}`;
}

/**
 * `daily_batch`. A day is complete when it has ended; a symbol's first and last day only where the day's first and
 * last minute are there: what lies beyond the ends of the files may exist elsewhere.
 */
export function dailySql(now: number): string {
  return `SELECT symbol, day, open, high, low, close, volume, minutes, origin,
      epoch_ms(day) + ${DAY_MS} <= ${now}
        AND (day > min(day) OVER all_days OR first_ms = epoch_ms(day))
        AND (day < max(day) OVER all_days OR last_ms = epoch_ms(day) + ${DAY_MS - MINUTE_MS}) AS complete
    FROM days WINDOW all_days AS (PARTITION BY symbol) ORDER BY symbol, day`;
}

/**
 * `gaps`: every hole of a minute or more from a symbol's first minute to its last, and on to `until`; those within
 * days, and those from one day to the next. `end` is the first minute that is there again.
 * @param until milliseconds; null: no tail
 */
export function gapsSql(until: number | null): string {
  return `WITH found AS (
      SELECT symbol, from_ms, to_ms FROM holes
      UNION ALL
      SELECT symbol, last_ms + ${MINUTE_MS},
        coalesce(lead(first_ms) OVER (PARTITION BY symbol ORDER BY day), ${until ?? "NULL"}) AS to_ms
      FROM days
    )
    SELECT symbol, make_timestamptz(from_ms * 1000) AS start, make_timestamptz(to_ms * 1000) AS "end",
      ((to_ms - from_ms) // ${MINUTE_MS})::INTEGER AS minutes, 'unexplained' AS label, NULL::VARCHAR AS source
    FROM found WHERE to_ms > from_ms ORDER BY symbol, from_ms`;
}

/** `per_day`: how many minutes each day has, from a symbol's first day to its last and on to `until`, 0 where none. */
export function perDaySql(until: number | null): string {
  const last = until === null ? "max(day)" : `greatest(max(day), make_timestamp(${until - 1} * 1000)::DATE)`;
  return `SELECT symbol, day, coalesce(minutes, 0)::INTEGER AS minutes
    FROM (
      SELECT symbol, unnest(generate_series(min(day), ${last}, INTERVAL 1 DAY))::DATE AS day FROM days GROUP BY symbol
    ) LEFT JOIN days USING (symbol, day)
    ORDER BY symbol, day`;
}
