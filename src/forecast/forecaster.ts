import type { Text } from "../core/text.ts";
import type { Day } from "../time/day.ts";
import type { Availability } from "./prophet/prophetOptions.ts";

/** Daily prices of one symbol on consecutive UTC days, oldest first; all arrays have the same length. */
export interface Series {
  symbol: string;
  /** Consecutive: `days[i + 1]` is the day after `days[i]`. */
  days: readonly Day[];
  /** Quote currency. A filled day has open = high = low = close. */
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  /** Variance of each day's log return from its minutes; NaN for a day that they don't cover. */
  variance?: Float64Array;
  /** 1 for a filled day, which has no data of its own, else 0; absent where every day has data. */
  filled?: Float64Array;
}

/** The 21 published quantile levels: 0.025, 0.05 … 0.95, 0.975. */
export const QUANTILE_LEVELS: readonly number[] = [
  0.025,
  ...Array.from({ length: 19 }, (_, i) => ((i + 1) * 5) / 100),
  0.975,
];

/** The position of a level among `QUANTILE_LEVELS`. @throws RangeError where it is not published */
export function quantileIndex(level: number): number {
  const index = QUANTILE_LEVELS.findIndex((known) => Math.abs(known - level) < 1e-9);
  if (index < 0) throw new RangeError(`${level} is not one of the published quantile levels`);
  return index;
}

/** The positions of the two ends of the central band of `level` percent. @see quantileIndex */
export function bandIndices(level: number): [number, number] {
  const tail = (100 - level) / 200;
  return [quantileIndex(tail), quantileIndex(1 - tail)];
}

/** The ends of the central bands that tables and summaries show, quote currency. */
export interface BandEnds {
  lo80: number;
  hi80: number;
  lo95: number;
  hi95: number;
}

/** @param quantiles at `QUANTILE_LEVELS` */
export function bandEnds(quantiles: ArrayLike<number>): BandEnds {
  const [[lo80, hi80], [lo95, hi95]] = [80, 95].map((level) => bandIndices(level).map((i) => quantiles[i]));
  return { lo80, hi80, lo95, hi95 };
}

/** The central bands, in percent, whose ends are published quantiles. */
export const BAND_LEVELS: readonly number[] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95];

/** One day of a forecast. */
export interface ForecastStep {
  ds: Day;
  /** 1 for the day after the cutoff. */
  stepsAhead: number;
  /** The point forecast of the close, quote currency. */
  yhat: number;
  /** The close's quantiles at `QUANTILE_LEVELS`, non-decreasing, quote currency. */
  quantiles: Float64Array;
  /** Parts of `yhat`, where the model has them, in the unit its page states. */
  components?: { trend?: number; weekly?: number; yearly?: number };
}

/** A model's answer for the days after its cutoff (the last day that it has seen). */
export interface Forecast {
  symbol: string;
  model: string;
  cutoff: Day;
  steps: ForecastStep[];
  /** Members of the model that the history was too short for, each with the reason. */
  leftOut?: readonly LeftOut[];
}

/** A model fitted to a series; it knows nothing of what came after. */
export interface FittedModel {
  /** @param horizon days ahead, a whole number from 1 to 3,650 */
  predict(horizon: number): Forecast;
}

/** A model, or a member of one, that could not be used, and why. */
export interface LeftOut {
  model: string;
  reason: string;
}

/** A shipped model as text: what a worker thread builds it from, and what a manifest keeps. */
export interface ModelSpec {
  name: string;
  options?: Readonly<Record<string, unknown>>;
}

/** What a model must be given; with less it is left out and named. */
export interface ModelNeeds {
  /** Days of history that have data. */
  days: number;
  /** Columns of the series that it reads and can't do without. */
  columns: readonly ("open" | "high" | "low" | "close" | "variance")[];
  /**
   * It reads the dates, and passes over filled days by itself: `fit` is given the whole calendar. The others are given
   * the days with data, spliced (see `splice`).
   */
  calendar?: boolean;
}

/** A column of a model's own beside the prices. */
export interface OwnFeature {
  availability: Availability;
  /** One value for each of `days`, made from `history` alone; NaN where there is none. */
  values(history: Series, days: readonly Day[]): ArrayLike<number>;
}

export type OwnFeatures = Readonly<Record<string, OwnFeature>>;

/** The features' values by their names, one for each day asked for. */
export type FeatureColumns = Readonly<Record<string, ArrayLike<number>>>;

/** A model with its options set. Fitting the same series twice gives the same bits. */
export interface Forecaster {
  /** As in the published tables, options and file names: `naive`, `drift`, `seasonal_naive` … */
  name: string;
  /** Its name for people. */
  title: Text;
  /** Its point forecast and its band, half a sentence each. */
  method: Text;
  needs: ModelNeeds;
  /** Columns of its own beside the prices; checked for leaks before a backtest uses them. */
  features?: OwnFeatures;
  /** How the registry builds it again elsewhere. A model without one runs in the caller's thread only. */
  spec?: ModelSpec;
  /** It has seen days after its cutoff: a lesson or a ceiling, never a forecast. */
  leaked?: boolean;
  fit(series: Series): FittedModel;
}
