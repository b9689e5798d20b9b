import { inputError } from "../../core/errors.ts";
import { BAND_LEVELS, bandIndices } from "../../forecast/forecaster.ts";
import { forecasterOf } from "../../forecast/registry.ts";
import { type DailyTable, seriesOf } from "../../report/dailyTable.ts";

/** What the reader may change. */
export interface Choice {
  model: string;
  /** Days ahead. */
  horizon: number;
  /** Percent of the band: one of `BAND_LEVELS`. */
  level: number;
}

/** A day of the forecast with the ends of the chosen band, quote currency. */
export interface BandDay {
  day: string;
  daysAhead: number;
  forecast: number;
  low: number;
  high: number;
}

/**
 * The forecast of a shipped model from the whole embedded history, by the same modules, so with the same numbers, as
 * `candlebook forecast`.
 * @throws CandlebookError as the models do; `bad_level` (exit 2)
 */
export function bandForecast(table: DailyTable, { model, horizon, level }: Choice): BandDay[] {
  if (!BAND_LEVELS.includes(level)) {
    throw inputError(
      "bad_level",
      `There is no band of ${level} %.`,
      `Choose among ${BAND_LEVELS.join(", ")}.`,
    );
  }
  const [low, high] = bandIndices(level);
  const { steps } = forecasterOf({ name: model }).fit(seriesOf(table)).predict(horizon);
  return steps.map(({ ds, stepsAhead, yhat, quantiles }) => ({
    day: ds,
    daysAhead: stepsAhead,
    forecast: yhat,
    low: quantiles[low],
    high: quantiles[high],
  }));
}
