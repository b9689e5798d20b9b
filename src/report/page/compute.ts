import { inputError } from "../../core/errors.ts";
import { bandIndices, type Forecast } from "../../forecast/forecaster.ts";
import { forecasterOf } from "../../forecast/registry.ts";
import { type DailyTable, seriesOf } from "../dailyTable.ts";

/** What the reader may change. */
export interface Choice {
  model: string;
  /** Days ahead. */
  horizon: number;
  /** Percent of the band: one of `BAND_LEVELS`. */
  level: number;
}

/** The bands that the published quantiles allow, in percent. */
export const BAND_LEVELS: readonly number[] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95];

/** A day of the forecast with the ends of the chosen band, quote currency. */
export interface BandDay {
  day: string;
  daysAhead: number;
  forecast: number;
  low: number;
  high: number;
}

/**
 * The forecast of a shipped model from the whole embedded history: the same modules, and so the same numbers, as
 * `candlebook forecast`.
 * @throws CandlebookError as the models do; `bad_level` (exit 2)
 */
export function compute(table: DailyTable, { model, horizon, level }: Choice): BandDay[] {
  if (!BAND_LEVELS.includes(level)) {
    throw inputError(
      "bad_level",
      `There is no band of ${level} %.`,
      `Choose among ${BAND_LEVELS.join(", ")}.`,
    );
  }
  const [low, high] = bandIndices(level);
  const { steps }: Forecast = forecasterOf({ name: model }).fit(seriesOf(table)).predict(horizon);
  return steps.map(({ ds, stepsAhead, yhat, quantiles }) => ({
    day: ds,
    daysAhead: stepsAhead,
    forecast: yhat,
    low: quantiles[low],
    high: quantiles[high],
  }));
}
