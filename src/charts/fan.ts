import { inputError } from "../core/errors.ts";
import { en, type Text } from "../core/text.ts";
import type { FilledDays } from "../evaluation/backtest.ts";
import type { ModelScore } from "../evaluation/score.ts";
import type { Forecast, ForecastStep } from "../forecast/forecaster.ts";
import { TEXTS } from "./texts.ts";
import { formatPercent } from "./theme.ts";

/** What figures need of one symbol's forecasts; the forecast stage's result has it. */
export interface Fan {
  symbol: string;
  /** One for each model. */
  forecasts: readonly Forecast[];
  /** The backtest's, one for each model; null scores where the history is too short. */
  scores: readonly ModelScore[];
  /** What a forecast that knew the window's volatility would have scored. */
  ceiling?: ModelScore;
  /** Days without data, which neither scores nor models count. */
  filled?: FilledDays;
}

/** One day of a forecast with the ends of its 50 %, 80 % and 95 % intervals, quote currency. */
export interface FanStep extends Pick<ForecastStep, "ds" | "yhat"> {
  lo50: number;
  hi50: number;
  lo80: number;
  hi80: number;
  lo95: number;
  hi95: number;
}

// Indices of 0.025, 0.1, 0.25, 0.75, 0.9 and 0.975 in the 21 published levels; a test holds this to QUANTILE_LEVELS.
export const BOUND_INDEX = { lo95: 0, lo80: 2, lo50: 5, hi50: 15, hi80: 18, hi95: 20 } as const;

export function bandsOf({ steps }: Forecast): FanStep[] {
  return steps.map(({ ds, yhat, quantiles }) => ({
    ds,
    yhat,
    lo50: quantiles[BOUND_INDEX.lo50],
    hi50: quantiles[BOUND_INDEX.hi50],
    lo80: quantiles[BOUND_INDEX.lo80],
    hi80: quantiles[BOUND_INDEX.hi80],
    lo95: quantiles[BOUND_INDEX.lo95],
    hi95: quantiles[BOUND_INDEX.hi95],
  }));
}

/**
 * A model's forecast; the first that is not the naive one where no model is named.
 * @throws CandlebookError `nothing_to_draw`, `no_such_model`
 */
export function forecastOf({ symbol, forecasts }: Fan, model?: string): Forecast {
  const chosen = forecasts.find((one) => (model === undefined ? one.model !== "naive" : one.model === model));
  const found = chosen ?? (model === undefined ? forecasts[0] : undefined);
  if (found !== undefined && found.steps.length > 0) return found;
  const names = forecasts.map((one) => one.model).join(", ");
  throw model === undefined
    ? inputError("nothing_to_draw", `There is no forecast for ${symbol}.`, "Run the forecast first.")
    : inputError("no_such_model", `No forecast by ${model} for ${symbol}.`, `There are ${names || "none"}.`);
}

export function horizonOf({ forecasts }: Fan): number {
  return Math.max(0, ...forecasts.map(({ steps }) => steps.length));
}

/** The backtest's verdict in words: a forecast is never shown without it. */
export function skillWords({ scores }: Fan, model: string): Text {
  if (model === "naive") {
    return en`the naive forecast, which others are measured against`
      .vi`dự báo naive, thước đo cho các mô hình khác`;
  }
  const skill = scores.find((score) => score.model === model)?.skill ?? null;
  if (skill === null) return TEXTS.noBacktest;
  const percent = formatPercent(Math.abs(skill) * 100);
  return skill > 0
    ? en`its CRPS in the backtest is ${percent} lower than naive's`
        .vi`CRPS trong kiểm định lùi thấp hơn naive ${percent}`
    : en`its CRPS in the backtest is ${percent} higher than naive's`
        .vi`CRPS trong kiểm định lùi cao hơn naive ${percent}`;
}
