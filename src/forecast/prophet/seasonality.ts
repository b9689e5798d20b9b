import { inputError } from "../../core/errors.ts";
import { DAY_MS } from "../../time/epoch.ts";
import { type FeatureBlock, requireColumn } from "./features.ts";
import type { SortedRows } from "./history.ts";
import { requireOption, requirePriorScale, type Seasonality, type Settings } from "./prophetOptions.ts";

/**
 * The model's seasonalities: the user's own, then yearly, weekly and daily as switched. `auto` as
 * `set_auto_seasonalities` of Python Prophet: yearly from 730 days of history, weekly from 14 days spaced
 * under a week, daily from 2 days spaced under a day, each unless the user has one of that name.
 */
export function makeSeasonalities(ds: Float64Array, settings: Settings): FeatureBlock[] {
  const span = (ds[ds.length - 1] - ds[0]) / DAY_MS;
  let spacing = Number.POSITIVE_INFINITY;
  for (let i = 1; i < ds.length; i++) {
    if (ds[i] > ds[i - 1]) spacing = Math.min(spacing, (ds[i] - ds[i - 1]) / DAY_MS);
  }
  const builtIn = [
    { name: "yearly", period: 365.25, order: 10, on: settings.yearlySeasonality, auto: span >= 730 },
    { name: "weekly", period: 7, order: 3, on: settings.weeklySeasonality, auto: span >= 14 && spacing < 7 },
    { name: "daily", period: 1, order: 4, on: settings.dailySeasonality, auto: span >= 2 && spacing < 1 },
  ];
  const own = new Set(settings.seasonalities.map(({ name }) => name));
  const switchedOn = builtIn.flatMap(({ name, period, order, on, auto }): Seasonality[] => {
    const enabled = on === "auto" ? auto && !own.has(name) : on;
    const fourierOrder = enabled === true ? order : Number(enabled);
    return fourierOrder === 0 ? [] : [{ name, period, fourierOrder }];
  });
  return [...settings.seasonalities, ...switchedOn].map((s) => seasonalityBlock(s, settings));
}

function seasonalityBlock(seasonality: Seasonality, settings: Settings): FeatureBlock {
  const { name, period, fourierOrder, conditionName } = seasonality;
  const priorScale = seasonality.priorScale ?? settings.seasonalityPriorScale;
  requireOption(
    Number.isInteger(fourierOrder) && fourierOrder > 0,
    `${name}.fourierOrder`,
    fourierOrder,
    "a whole number from 1",
  );
  requireOption(period > 0 && Number.isFinite(period), `${name}.period`, period, "a positive number of days");
  requirePriorScale(priorScale, `${name}.priorScale`);
  return {
    name,
    kind: "seasonality",
    mode: seasonality.mode ?? settings.seasonalityMode,
    priorScale,
    width: 2 * fourierOrder,
    fill(rows, matrix, stride, offset) {
      const applies = conditionName === undefined ? null : requireCondition(rows, conditionName);
      rows.ds.forEach((ds, i) => {
        if (applies?.[i] === 0) return;
        const start = i * stride + offset;
        fourier(ds / DAY_MS, period, matrix.subarray(start, start + 2 * fourierOrder));
      });
    },
  };
}

/**
 * sin(2πt/P), cos(2πt/P), sin(4πt/P), … with t in days since 1970 (Taylor and Letham 2018, section 3.2).
 * Writes all terms: the harmonics follow from the first by the addition theorems.
 */
function fourier(days: number, period: number, terms: Float64Array): void {
  const angle = (2 * Math.PI * days) / period;
  const sin1 = Math.sin(angle);
  const cos1 = Math.cos(angle);
  let sin = sin1;
  let cos = cos1;
  for (let q = 0; q < terms.length; q += 2) {
    terms[q] = sin;
    terms[q + 1] = cos;
    const next = sin * cos1 + cos * sin1;
    cos = cos * cos1 - sin * sin1;
    sin = next;
  }
}

function requireCondition(rows: SortedRows, name: string): Float64Array {
  const column = requireColumn(rows, name);
  const bad = column.find((v) => v !== 0 && v !== 1);
  if (bad === undefined) return column;
  throw inputError(
    "prophet_column",
    `The condition ${name} holds ${bad}; it must be 0 or 1 in every row.`,
    "Use 1 where the seasonality applies and 0 where it does not.",
  );
}
