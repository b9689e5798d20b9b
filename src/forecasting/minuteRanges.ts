import { assetOf } from "../candle/symbol.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Series } from "../forecast/forecaster.ts";
import { type PriceRange, realizedRange } from "../forecast/volatility/realizedRange.ts";
import { readTable } from "../lake/read.ts";
import type { Lake } from "../lake/session.ts";
import { type Day, dayOf } from "../time/day.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "../time/epoch.ts";

/**
 * The series with the variance of each day that its clean minutes know in every hour; as it is where there are none.
 */
export async function withMinuteRanges(workspace: Workspace, lake: Lake, series: Series): Promise<Series> {
  const minutes = await readTable(workspace, `${assetOf(series.symbol)}_clean`);
  if (minutes === null) return series;
  const hours = await lake.rows<PriceRange & { hour: number }>(`
    SELECT (epoch_ms(open_time) // ${HOUR_MS})::DOUBLE AS hour, min_by(open, open_time) AS open, max(high) AS high,
      min(low) AS low, max_by(close, open_time) AS close
    FROM ${minutes.sql} GROUP BY 1 ORDER BY 1`);
  const days = Map.groupBy(hours, ({ hour }) => dayOf((hour * HOUR_MS) as EpochMs));
  const varianceOf = (day: Day) => {
    const own = days.get(day);
    return own?.length === DAY_MS / HOUR_MS ? realizedRange(own) : Number.NaN;
  };
  return { ...series, variance: Float64Array.from(series.days, varianceOf) };
}
