import { isoSql } from "../lake/columns.ts";

/**
 * The questions that are asked of the timeline, as statements over the view `days`: the complete days of
 * `daily_filled` that a source has, none that was filled. Percentages are rounded to 6 digits, so that no last bit
 * depends on the engine's threads.
 */

/** Days in a rolling window, and in a year of a market that never closes. */
export const VOLATILITY_DAYS = 30;
const YEAR_DAYS = 365;
const TOP = 10;
const CORRELATION_DAYS = 90;

/** The returns of each two symbols on the days that both have. */
const PAIRS = `pairs AS (
  SELECT x.symbol AS symbol_a, y.symbol AS symbol_b, day, x.log_return AS a, y.log_return AS b
  FROM returns x JOIN returns y USING (day)
  WHERE x.symbol < y.symbol AND x.log_return IS NOT NULL AND y.log_return IS NOT NULL)`;

const finite = (value: string) => `CASE WHEN isfinite(${value}) THEN round(${value}, 6) END`;

/**
 * Views that the statements read. `returns` has the change from the close of the day before; null where that day
 * has no row.
 * @param served `daily_filled` as a table expression (FROM clause)
 */
export function resultViews(served: string): string[] {
  return [
    `CREATE TEMP VIEW days AS SELECT * FROM ${served} WHERE complete AND origin <> 'filled'`,
    `CREATE TEMP VIEW returns AS
      SELECT symbol, day, close, CASE WHEN before_day = day - 1 THEN ln(close / before) END AS log_return
      FROM (SELECT *, lag(close) OVER each AS before, lag(day) OVER each AS before_day
        FROM days WINDOW each AS (PARTITION BY symbol ORDER BY day))`,
  ];
}

const percent = (fraction: string) => `round(100 * (${fraction}), 6)`;

const top = (columns: string, by: string) => `SELECT symbol, rank, day::VARCHAR AS day, ${columns}
  FROM (SELECT *, row_number() OVER (PARTITION BY symbol ORDER BY ${by} DESC, day)::INTEGER AS rank
    FROM days WHERE ${by} IS NOT NULL)
  WHERE rank <= ${TOP} ORDER BY symbol, rank`;

const correlation = (year: string) => `SELECT symbol_a, symbol_b, ${year} AS year, count(*)::INTEGER AS days,
    ${finite("corr(a, b)")} AS correlation
  FROM pairs GROUP BY ALL HAVING count(*) >= 30`;

/** By file name, without `.csv`. */
export const RESULT_STATEMENTS = {
  top_days_by_change: top(
    `open, close, ${percent("close / open - 1")} AS change_percent`,
    "abs(close / open - 1)",
  ),
  top_days_by_volume: top("volume, close", "volume"),
  mean_volume_by_month: `SELECT symbol, strftime(day, '%Y-%m') AS month, count(volume)::INTEGER AS days,
      round(avg(volume), 6) AS mean_volume FROM days GROUP BY ALL ORDER BY ALL`,
  mean_return_by_year: `SELECT symbol, year(day)::INTEGER AS year, count(log_return)::INTEGER AS days,
      ${percent("avg(exp(log_return) - 1)")} AS mean_return_percent,
      ${percent("exp(sum(log_return)) - 1")} AS year_return_percent
    FROM returns GROUP BY ALL ORDER BY ALL`,
  correlation: `WITH ${PAIRS}
    FROM (${correlation("'all'")} UNION ALL ${correlation("year(day)::VARCHAR")}) ORDER BY symbol_a, symbol_b, year`,
  rolling_correlation: `WITH ${PAIRS}, rolled AS (
      SELECT symbol_a, symbol_b, day, count(*) OVER last AS days, corr(a, b) OVER last AS r FROM pairs
      WINDOW last AS (PARTITION BY symbol_a, symbol_b ORDER BY day ROWS ${CORRELATION_DAYS - 1} PRECEDING))
    SELECT symbol_a, symbol_b, day::VARCHAR AS day, ${finite("r")} AS correlation
    FROM rolled WHERE days = ${CORRELATION_DAYS} ORDER BY symbol_a, symbol_b, day`,
  returns: `SELECT symbol, day::VARCHAR AS day, close, ${percent("exp(log_return) - 1")} AS return_percent
    FROM returns ORDER BY ALL`,
  drawdown: `SELECT symbol, day::VARCHAR AS day, close, peak, ${percent("close / peak - 1")} AS drawdown_percent
    FROM (SELECT symbol, day, close, max(close) OVER (PARTITION BY symbol ORDER BY day) AS peak FROM days)
    ORDER BY ALL`,
  volatility: `SELECT symbol, day::VARCHAR AS day, CASE WHEN count(log_return) OVER last = ${VOLATILITY_DAYS}
      THEN ${percent(`stddev_samp(log_return) OVER last * sqrt(${YEAR_DAYS})`)} END AS volatility_percent
    FROM returns
    WINDOW last AS (PARTITION BY symbol ORDER BY day ROWS ${VOLATILITY_DAYS - 1} PRECEDING) ORDER BY symbol, day`,
} as const;

export type ResultName = keyof typeof RESULT_STATEMENTS;

/** The list of gaps, instants as ISO 8601 in UTC. */
export function gapsCsvSql(gaps: string): string {
  const iso = (column: string) => `${isoSql(`"${column}"`)} AS "${column}"`;
  return `SELECT symbol, ${iso("start")}, ${iso("end")}, minutes::DOUBLE AS minutes, label, source
    FROM ${gaps} ORDER BY symbol, start`;
}
