import { en } from "../core/text.ts";
import { MIN_DAYS } from "./check.ts";
import { defineForecaster, eachDay, logNormal } from "./define.ts";
import type { Forecaster } from "./forecaster.ts";
import { logReturns, mean, standardDeviation } from "./returns.ts";

/**
 * Random walk with drift on log price: the mean daily log return continues.
 * Band: Gaussian on log price, sigma × √(h (1 + h / n)) over n returns, which counts the drift's own uncertainty
 * (Hyndman & Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., section 5.5).
 */
export function drift(): Forecaster {
  return defineForecaster({
    name: "drift",
    title: { en: "Random walk with drift", vi: "Bước ngẫu nhiên có độ trôi" },
    method: en`the mean daily log return continues; σ × √(h (1 + h / n)), n the number of returns`
      .vi`lợi suất log ngày trung bình tiếp tục; σ × √(h (1 + h / n)), n là số lợi suất`,
    needs: { days: MIN_DAYS, columns: ["close"] },
    spec: { name: "drift" },
    fit({ close }) {
      const last = close[close.length - 1];
      const returns = logReturns(close);
      const slope = mean(returns);
      const sigma = standardDeviation(returns);
      return {
        predict: eachDay((h) =>
          logNormal(last * Math.exp(slope * h), sigma * Math.sqrt(h * (1 + h / returns.length))),
        ),
      };
    },
  });
}
