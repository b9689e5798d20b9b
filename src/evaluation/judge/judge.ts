import type { Text } from "../../core/text.ts";
import type { Series } from "../../forecast/forecaster.ts";
import { dieboldMariano, holm } from "../dieboldMariano.ts";
import { pinballOf } from "../losses.ts";
import { skill } from "../skill.ts";
import { skillInterval } from "./bootstrap.ts";
import { type Distribution, quantileOf, SCORED_BANDS } from "./distribution.ts";
import { suspicionsOf } from "./suspicion.ts";
import { type DayScore, type ForecastDay, overlapOf, scoreWindows } from "./windows.ts";

/** A central band's score; shares in percent, the others in percent of the price at the cutoff. */
export interface BandScore {
  level: number;
  coverage: number;
  width: number;
  intervalScore: number;
}

/** Means over the forecast days that have come. Null where the forecasts don't say what it needs. */
export interface JudgedScores {
  /** Quote currency. */
  mae: number | null;
  /** Percent. */
  mape: number | null;
  mase: number | null;
  /** Percent of the price at the cutoff, as the pinball losses. */
  crps: number | null;
  pinball10: number | null;
  pinball50: number | null;
  pinball90: number | null;
  bands: BandScore[];
}

/** The CRPS of the naive forecasts on the same days, in the same form: as many levels, or draws. */
export interface Benchmarks {
  naive: number | null;
  /** Its band from the daily log returns of the last 365 days alone. */
  naive365: number | null;
}

export interface JudgedModel extends JudgedScores {
  symbol: string;
  model: string;
  kind: Distribution["kind"];
  /** Cutoffs with an outcome, and forecast days with one. */
  cutoffs: number;
  days: number;
  /** Forecast days without an outcome, and those whose cutoff can't be scored. */
  pending: number;
  unscored: number;
  benchmarks: Benchmarks;
  /** Of the CRPS against the naive, its 95 % interval, and against the naive of 365 days. */
  skill: number | null;
  skillLow: number | null;
  skillHigh: number | null;
  skill365: number | null;
  /** Diebold–Mariano against the naive: t, two-sided p, and p corrected for the number of models (Holm). */
  dmT: number | null;
  dmP: number | null;
  dmPHolm: number | null;
  /** Why it may have seen the days that it forecasts. */
  suspicions: Text[];
}

/**
 * Judges anyone's forecasts of one symbol beside the naive ones.
 * @param series the closes that came; filled days are no outcomes
 * @param forecasts of one symbol, unique by model, cutoff and day
 * @returns one for each model, in the order of their names
 */
export function judge(series: Series, forecasts: readonly ForecastDay[]): JudgedModel[] {
  const groups = [...Map.groupBy(forecasts, ({ model }) => model)].sort(([a], [b]) => (a < b ? -1 : 1));
  const judged = groups.map(([model, own]) => judgeModel(series, model, own));
  const adjusted = holm(judged.map(({ dmP }) => dmP));
  return judged.map((one, i) => ({ ...one, dmPHolm: adjusted[i] }));
}

function judgeModel(series: Series, model: string, forecasts: readonly ForecastDay[]): JudgedModel {
  const ahead = forecasts.filter(({ ds, cutoff }) => ds > cutoff);
  const { windows, pending, unscored } = scoreWindows(series, ahead);
  const days = windows.flatMap((window) => window.days);
  const overlap = overlapOf(windows);
  const crpsOf = (name: keyof DayScore["crps"]) => average(days, ({ crps }) => crps[name]);
  const sums = (name: keyof DayScore["crps"]) =>
    windows.map((window) => window.days.reduce((sum, { crps }) => sum + crps[name], 0));
  const means = (name: keyof DayScore["crps"]) => sums(name).map((sum, i) => sum / windows[i].days.length);
  const test = dieboldMariano(means("own"), means("naive"), overlap - 1);
  const interval = skillInterval(sums("own"), sums("naive"), overlap);
  const [naive, naive365] = [crpsOf("naive"), crpsOf("naive365")];
  const scores = scoresOf(days);
  return {
    symbol: series.symbol,
    model,
    kind: forecasts[0].distribution.kind,
    cutoffs: windows.length,
    days: days.length,
    ...{ pending, unscored },
    ...scores,
    benchmarks: { naive, naive365 },
    skill: skill(scores.crps, naive),
    skillLow: interval?.[0] ?? null,
    skillHigh: interval?.[1] ?? null,
    skill365: skill(scores.crps, naive365),
    dmT: test?.t ?? null,
    dmP: test?.p ?? null,
    dmPHolm: null,
    suspicions: suspicionsOf(forecasts, windows),
  };
}

function scoresOf(days: readonly DayScore[]): JudgedScores {
  const withPoint = days.flatMap((day) => (day.point === null ? [] : [{ ...day, point: day.point }]));
  const error = ({ actual, point }: { actual: number; point: number }) => Math.abs(actual - point);
  const pinball = (level: number) =>
    averageKnown(days, ({ forecast, actual, lastClose }) => {
      const quantile = quantileOf(forecast.distribution, level);
      return quantile === null ? null : (100 * pinballOf(level, quantile, actual)) / lastClose;
    });
  return {
    mae: average(withPoint, error),
    mape: average(withPoint, (day) => (100 * error(day)) / day.actual),
    mase: withPoint.some(({ naiveError }) => naiveError === 0)
      ? null
      : average(withPoint, (day) => error(day) / day.naiveError),
    crps: average(days, ({ crps }) => crps.own),
    pinball10: pinball(0.1),
    pinball50: pinball(0.5),
    pinball90: pinball(0.9),
    bands: SCORED_BANDS.flatMap((level) => bandScore(days, level) ?? []),
  };
}

function bandScore(days: readonly DayScore[], level: number): BandScore | null {
  const tail = (100 - level) / 200;
  const ends = days.flatMap(({ forecast: { distribution }, actual, lastClose }) => {
    const low = quantileOf(distribution, tail);
    const high = quantileOf(distribution, 1 - tail);
    return low === null || high === null ? [] : [{ low, high, actual, lastClose }];
  });
  if (ends.length === 0 || ends.length < days.length) return null;
  const mean = (value: (end: (typeof ends)[number]) => number) => average(ends, value) as number;
  return {
    level,
    coverage: mean(({ low, high, actual }) => (actual >= low && actual <= high ? 100 : 0)),
    width: mean(({ low, high, lastClose }) => (100 * (high - low)) / lastClose),
    intervalScore: mean(({ low, high, actual, lastClose }) => {
      const outside = Math.max(low - actual, actual - high, 0);
      return (100 * (high - low + outside / tail)) / lastClose;
    }),
  };
}

/** Null unless every day has a value. */
function averageKnown(days: readonly DayScore[], value: (day: DayScore) => number | null): number | null {
  const known = days.map(value);
  return known.includes(null) ? null : average(known as number[], (one) => one);
}

function average<Item>(items: readonly Item[], value: (item: Item) => number): number | null {
  if (items.length === 0) return null;
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}
