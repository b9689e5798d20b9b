import { en } from "../core/text.ts";
import { badOption } from "./badOption.ts";
import { MIN_DAYS } from "./check.ts";
import { defineForecaster, eachDay, logNormal } from "./define.ts";
import type { Forecaster } from "./forecaster.ts";
import { hasData } from "./series.ts";

export interface SeasonalNaiveOptions {
  /** Days in a season: 7, the week, by default. */
  seasonLength?: number;
}

/**
 * The close of the same weekday in the last week seen.
 * Band: Gaussian on log price, root mean square of the log changes over a season × √k, k the seasons begun
 * (Hyndman & Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., section 5.5).
 * @throws CandlebookError `bad_option` (exit 2) unless the season is a whole number of days, 1 to 366
 */
export function seasonalNaive({ seasonLength = 7 }: SeasonalNaiveOptions = {}): Forecaster {
  const whole = Number.isInteger(seasonLength) && seasonLength >= 1 && seasonLength <= 366;
  if (!whole)
    throw badOption("seasonal_naive", "seasonLength", seasonLength, "a whole number of days from 1 to 366");
  return defineForecaster({
    name: "seasonal_naive",
    title: { en: "Seasonal naive", vi: "Naive theo mùa" },
    method: en`the close of the same weekday in the last week seen; root mean square of the weekly log changes × √(weeks begun)`
      .vi`giá đóng cửa cùng thứ của tuần cuối đã thấy; căn trung bình bình phương thay đổi log theo tuần × √(số tuần)`,
    needs: { days: Math.max(MIN_DAYS, 2 * seasonLength), columns: ["close"], calendar: true },
    spec: { name: "seasonal_naive", options: { seasonLength } },
    fit(series) {
      const { close } = series;
      let squares = 0;
      let count = 0;
      for (let i = seasonLength; i < close.length; i += 1) {
        if (!hasData(series, i) || !hasData(series, i - seasonLength)) continue;
        squares += (Math.log(close[i]) - Math.log(close[i - seasonLength])) ** 2;
        count += 1;
      }
      const sigma = Math.sqrt(squares / count);
      return {
        predict: eachDay((stepsAhead) => {
          const seasons = Math.ceil(stepsAhead / seasonLength);
          const source = close.length - 1 + stepsAhead - seasons * seasonLength;
          return logNormal(close[source], sigma * Math.sqrt(seasons));
        }),
      };
    },
  });
}
