import { addDays, type Day, dayOf, startOfDay } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { checkHorizon, checkSeries } from "../check.ts";
import type { Series } from "../forecaster.ts";
import { Prophet } from "./model.ts";
import type { ProphetOptions } from "./prophetOptions.ts";

/** A fitted Prophet taken apart; quote currency, but fractions of the trend where seasonality is multiplicative. */
export interface ProphetComponents {
  symbol: string;
  cutoff: Day;
  /** History, then the future. */
  days: Day[];
  /** Of the history alone. */
  close: Float64Array;
  trend: Float64Array;
  /** The 80 % band of the trend. */
  trendLower: Float64Array;
  trendUpper: Float64Array;
  /** Days where the trend's slope changed by more than 1 % of the scaled axes, as Prophet's own plot draws them. */
  changepoints: Day[];
  /** Monday to Sunday; null where the model has none. */
  weekly: Float64Array | null;
  /** 1 January to 31 December of a common year; null where the model has none. */
  yearly: Float64Array | null;
  multiplicative: boolean;
}

const MONDAY = "2018-01-01" as Day;
const THRESHOLD = 0.01;

/**
 * Fits Prophet to the closes and takes it apart: trend with its changepoints, weekly and yearly effect.
 * @param options as of `Prophet`; names, log and anchoring have no meaning here
 * @throws CandlebookError as `prophet`
 */
export function prophetComponents(
  series: Series,
  options: ProphetOptions = {},
  horizon = 30,
): ProphetComponents {
  checkSeries(series);
  checkHorizon(horizon);
  const { symbol, days, close } = series;
  const cutoff = days[days.length - 1];
  const all = [...days, ...Array.from({ length: horizon }, (_, i) => addDays(cutoff, i + 1))];
  const fitted = new Prophet(options).fit({ ds: days.map(startOfDay), y: close });
  const { trend, trendLower, trendUpper } = fitted.predict(
    { ds: all.map(startOfDay) },
    { seed: days.length },
  );
  const effect = (name: string, count: number) => {
    const ds = Array.from({ length: count }, (_, i) => startOfDay(addDays(MONDAY, i)));
    return fitted.predict({ ds }).components[name] ?? null;
  };
  const { delta } = fitted.estimate.parameters;
  return {
    symbol,
    cutoff,
    days: all,
    close,
    trend,
    trendLower: trendLower ?? trend,
    trendUpper: trendUpper ?? trend,
    changepoints: fitted.changepoints
      .filter((_, i) => Math.abs(delta[i]) >= THRESHOLD)
      .map((ds) => dayOf(ds as EpochMs)),
    weekly: effect("weekly", 7),
    yearly: effect("yearly", 365),
    multiplicative: options.seasonalityMode === "multiplicative",
  };
}
