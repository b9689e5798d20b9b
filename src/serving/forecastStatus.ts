import type { Lake } from "../lake/session.ts";
import type { Day } from "../time/day.ts";

/** The last forecast of a symbol, and how it fares. */
export interface ForecastStatus {
  symbol: string;
  /** The last day that it has seen. */
  cutoff: Day;
  lastDay: Day;
  /** The model with the best skill in the backtest; `naive` where none is scored. */
  model: string;
  /** Against naive, from the backtest; null where it is unscored. */
  skill: number | null;
  /** Days of the forecast that have come since. */
  daysSince: number;
  /** Mean absolute percentage error on those days, of the model and of naive; null while there are none. */
  mapeSince: number | null;
  mapeNaiveSince: number | null;
}

/**
 * @param forecasts `prophet_forecasts` as a table expression (FROM clause)
 * @param served the same for `daily_filled`
 */
export function forecastStatus(lake: Lake, forecasts: string, served: string): Promise<ForecastStatus[]> {
  const mape = (of: string) => `100 * avg(abs(yhat / close - 1)) FILTER (come.model = ${of})`;
  return lake.rows<ForecastStatus>(`
    WITH forecasts AS (SELECT * FROM ${forecasts}), best AS (
      SELECT symbol, max(cutoff) AS cutoff, max(ds) AS last_day,
        coalesce(arg_max(model, skill), 'naive') AS model, max(skill) AS skill
      FROM forecasts GROUP BY symbol
    ), come AS (
      SELECT f.symbol, f.model, f.ds, f.yhat, d.close
      FROM forecasts f JOIN ${served} d ON d.symbol = f.symbol AND d.day = f.ds
      WHERE d.complete AND d.origin <> 'filled'
    )
    SELECT best.symbol, best.cutoff::VARCHAR AS cutoff, best.last_day::VARCHAR AS "lastDay", best.model, best.skill,
      count(DISTINCT come.ds)::INTEGER AS "daysSince", ${mape("best.model")} AS "mapeSince",
      ${mape("'naive'")} AS "mapeNaiveSince"
    FROM best LEFT JOIN come USING (symbol)
    GROUP BY ALL ORDER BY best.symbol`);
}
