import { en, type Text } from "../core/text.ts";
import {
  type BandEnds,
  bandEnds,
  type Forecast,
  QUANTILE_LEVELS,
  quantileIndex,
} from "../forecast/forecaster.ts";
import type { Day } from "../time/day.ts";
import { HOUR_MS } from "../time/epoch.ts";
import type { ModelScore } from "./score.ts";

/** The MAPE, in percent, that forecasts of this kind were once advertised with; see `leakLesson`. */
export const FAMOUS_MAPE = 3.36;

const DAYS_SHOWN = [1, 7, 30];

/** One day of the forecast as an analyst reads it, quote currency. */
export interface SummaryBand extends BandEnds {
  daysAhead: number;
  ds: Day;
  median: number;
  /** Probability that the close of that day is above the last close; between 0.025 and 0.975. */
  rise: number;
}

/** How far off the point forecast was so many days ahead, over all windows of the backtest. */
export interface SummaryError {
  daysAhead: number;
  /** MAPE, percent; null where unscored. */
  mape: number | null;
  naiveMape: number | null;
}

/** What an analyst wants to see first. */
export interface Summary {
  symbol: string;
  model: string;
  cutoff: Day;
  /** Hours since the cutoff day ended. */
  ageHours: number;
  lastClose: number;
  bands: SummaryBand[];
  errors: SummaryError[];
  famousMape: number;
  windows: number;
  /** What a person needs to know before believing any of it. */
  sentence: Text;
}

/** A symbol's forecasts and scores; the forecast stage's result has them. */
export interface Summarized {
  symbol: string;
  cutoff: Day;
  lastClose: number;
  forecasts: readonly Forecast[];
  scores: readonly ModelScore[];
}

/**
 * The forecast of one model in a few numbers, beside the naive's errors.
 * @param model whose forecast it is
 * @param now milliseconds since 1970 UTC
 */
export function summarize(found: Summarized, model: string, now: number): Summary {
  const { symbol, cutoff, lastClose, forecasts, scores } = found;
  const steps = forecasts.find((forecast) => forecast.model === model)?.steps ?? [];
  const shown = [...new Set([...DAYS_SHOWN.filter((day) => day <= steps.length), steps.length])];
  const mapeAt = (name: string, daysAhead: number) =>
    scores.find((score) => score.model === name)?.byStep.find(({ stepsAhead }) => stepsAhead === daysAhead)
      ?.mape ?? null;
  const days = shown.filter((day) => day > 0);
  const windows = scores.find((score) => score.model === model)?.cutoffs ?? 0;
  return {
    symbol,
    model,
    cutoff,
    ageHours: Math.max(0, Math.floor((now - Date.parse(`${cutoff}T24:00:00Z`)) / HOUR_MS)),
    lastClose,
    bands: days.map((daysAhead) => bandOf(steps[daysAhead - 1], lastClose)),
    errors: days.map((daysAhead) => ({
      daysAhead,
      mape: mapeAt(model, daysAhead),
      naiveMape: mapeAt("naive", daysAhead),
    })),
    famousMape: FAMOUS_MAPE,
    windows,
    sentence: verdict(found, model, windows),
  };
}

/** How old the forecast's data are, as a person says it: hours for two days, days from then on. */
export function ageText(ageHours: number): Text {
  const days = Math.floor(ageHours / 24);
  return ageHours < 48
    ? en`${ageHours} hours old`.vi`cách đây ${ageHours} giờ`
    : en`${days} days old`.vi`cách đây ${days} ngày`;
}

/** One row for each band: what `forecast --csv` prints and `summary.csv` holds. */
export function summaryRows(summaries: readonly Summary[]): Record<string, string | number | null>[] {
  return summaries.flatMap(
    ({ symbol, model, cutoff, ageHours, lastClose, bands, errors, famousMape, windows }) =>
      bands.map(({ daysAhead, ds, ...band }, i) => ({
        symbol,
        model,
        cutoff,
        age_hours: ageHours,
        last_close: lastClose,
        days_ahead: daysAhead,
        ds,
        ...band,
        mape: errors[i].mape,
        naive_mape: errors[i].naiveMape,
        famous_mape: famousMape,
        windows,
      })),
  );
}

/** The columns of `summaryRows`, in order. */
export const SUMMARY_COLUMNS: readonly string[] = (
  "symbol,model,cutoff,age_hours,last_close,days_ahead,ds,median,lo80,hi80,lo95,hi95,rise,mape,naive_mape," +
  "famous_mape,windows"
).split(",");

function bandOf(step: Forecast["steps"][number], lastClose: number): SummaryBand {
  return {
    daysAhead: step.stepsAhead,
    ds: step.ds,
    median: step.quantiles[quantileIndex(0.5)],
    ...bandEnds(step.quantiles),
    rise: 1 - levelOf(lastClose, step.quantiles),
  };
}

/** The level of a price among the quantiles, linear between them; the outermost levels beyond them. */
function levelOf(price: number, quantiles: ArrayLike<number>): number {
  const last = quantiles.length - 1;
  if (quantiles[0] === quantiles[last]) return 0.5;
  let above = 0;
  while (above <= last && quantiles[above] <= price) above += 1;
  if (above === 0) return QUANTILE_LEVELS[0];
  if (above > last) return QUANTILE_LEVELS[last];
  const share = (price - quantiles[above - 1]) / (quantiles[above] - quantiles[above - 1]);
  return QUANTILE_LEVELS[above - 1] + share * (QUANTILE_LEVELS[above] - QUANTILE_LEVELS[above - 1]);
}

function verdict({ symbol, scores }: Summarized, model: string, windows: number): Text {
  const own = scores.find((score) => score.model === model);
  if (windows === 0 || own?.coverage80 == null) {
    return en`${symbol}: the history is too short to say how good these forecasts are.`
      .vi`${symbol}: lịch sử quá ngắn để nói các dự báo này tốt đến đâu.`;
  }
  const coverage = Math.round(own.coverage80);
  const held = en`the default's 80 % band held ${coverage} % of the time`
    .vi`dải 80 % của mô hình mặc định giữ được ${coverage} % số lần`;
  const naive = scores.find((score) => score.model === "naive")?.mape;
  const prophet = scores.find((score) => score.model === "prophet")?.mape;
  if (prophet == null || !naive) {
    return en`${symbol}: over ${windows} windows ${held}.`.vi`${symbol}: qua ${windows} cửa sổ, ${held}.`;
  }
  const worse = 100 * (prophet / naive - 1);
  const percent = Math.round(Math.abs(worse));
  const how = worse >= 0 ? { en: "worse", vi: "kém" } : { en: "better", vi: "tốt hơn" };
  return en`${symbol}: by MAPE, Prophet is ${percent} % ${how} than yesterday's price over ${windows} windows; ${held}.`
    .vi`${symbol}: theo MAPE, Prophet ${how} giá hôm qua ${percent} % qua ${windows} cửa sổ; ${held}.`;
}
