import { en } from "../core/text.ts";
import { MIN_DAYS } from "./check.ts";
import { defineForecaster, eachDay, logNormal } from "./define.ts";
import type { Forecaster } from "./forecaster.ts";
import { logReturns, standardDeviation } from "./returns.ts";

/**
 * The last close, for every day ahead: what every other model has to beat.
 * Band: Gaussian on log price, sigma of all daily log returns so far × √h.
 */
export function naive(): Forecaster {
  return defineForecaster({
    name: "naive",
    title: { en: "Naive", vi: "Naive (giá cuối)" },
    method: en`the last close; Gaussian on log price, σ of all daily log returns so far × √h`
      .vi`giá đóng cửa cuối; Gauss trên log giá, σ của mọi lợi suất log ngày đến nay × √h`,
    needs: { days: MIN_DAYS, columns: ["close"] },
    spec: { name: "naive" },
    fit({ close }) {
      const last = close[close.length - 1];
      const sigma = standardDeviation(logReturns(close));
      return { predict: eachDay((stepsAhead) => logNormal(last, sigma * Math.sqrt(stepsAhead))) };
    },
  });
}
