import { inputError } from "../../core/errors.ts";
import { DAY_MS } from "../../time/epoch.ts";
import { type FeatureBlock, requireColumn } from "./features.ts";
import type { History, SortedRows } from "./history.ts";
import {
  type Availability,
  type Regressor,
  requireOption,
  requirePriorScale,
  type Settings,
} from "./prophetOptions.ts";

/** Its future values are known and are passed with the rows to predict. */
export const knownFuture: Availability = { kind: "knownFuture" };

/** The value of `days` days before is used; it is looked up in the history, never in the future's rows. */
export function lagged(days: number): Availability {
  return { kind: "lagged", days };
}

/** @throws CandlebookError `regressor_availability` unless it is known in advance or a whole number of days late */
function checkAvailability({ name, availability }: Regressor): void {
  const kind = availability?.kind;
  if (kind === "knownFuture") return;
  if (kind === "lagged" && Number.isInteger(availability.days) && availability.days > 0) return;
  throw inputError(
    "regressor_availability",
    `Regressor ${name} is neither known in advance nor lagged by whole days: its value on a future day is unknown ` +
      "at the cutoff, so a forecast that used it would know the future.",
    "Declare it knownFuture (calendar, halvings) or lagged(days) with days of at least the horizon.",
  );
}

/** The history without the rows for which a lagged regressor has no value. */
export function dropUnlagged(history: History, settings: Settings): History {
  settings.regressors.forEach(checkAvailability);
  const lags = settings.regressors.flatMap(({ availability: a }) => (a.kind === "lagged" ? [a.days] : []));
  if (lags.length === 0) return history;
  const dates = new Set(history.ds);
  const kept = [...history.ds.keys()].filter((i) =>
    lags.every((lag) => dates.has(history.ds[i] - lag * DAY_MS)),
  );
  if (kept.length < 2) {
    throw inputError(
      "prophet_history",
      `The history has ${history.ds.length} rows, of which ${kept.length} have a value ${Math.max(...lags)} days before.`,
      "Use a smaller lag or a longer history.",
    );
  }
  const pick = (values: Float64Array) => Float64Array.from(kept, (i) => values[i]);
  return {
    ds: pick(history.ds),
    y: pick(history.y),
    cap: history.cap && pick(history.cap),
    floor: history.floor && pick(history.floor),
    columns: Object.fromEntries(Object.entries(history.columns).map(([name, v]) => [name, pick(v)])),
  };
}

/**
 * @param all the whole history, where lagged values are looked up
 * @param fitted the rows of it that are fitted, whose mean and deviation standardize the regressor
 */
export function makeRegressors(all: History, fitted: History, settings: Settings): FeatureBlock[] {
  return settings.regressors.map((regressor) => {
    const priorScale = regressor.priorScale ?? settings.holidaysPriorScale;
    requirePriorScale(priorScale, `${regressor.name}.priorScale`);
    const mode = regressor.mode ?? settings.seasonalityMode;
    requireOption(mode === "additive" || mode === "multiplicative", `${regressor.name}.mode`, mode, "a mode");
    const read = reader(regressor, all);
    const { mean, deviation } = standardization(read(fitted), regressor.standardize ?? "auto");
    return {
      name: regressor.name,
      kind: "regressor",
      mode,
      priorScale,
      width: 1,
      fill(rows, matrix, stride, offset) {
        read(rows).forEach((v, i) => {
          matrix[i * stride + offset] = (v - mean) / deviation;
        });
      },
    };
  });
}

function reader({ name, availability }: Regressor, all: History): (rows: SortedRows) => Float64Array {
  if (availability.kind === "knownFuture") return (rows) => requireColumn(rows, name);
  const column = requireColumn(all, name);
  const byDate = new Map(Array.from(all.ds, (ds, i) => [ds, column[i]]));
  return (rows) =>
    rows.ds.map((ds) => {
      const value = byDate.get(ds - availability.days * DAY_MS);
      if (value !== undefined) return value;
      throw inputError(
        "regressor_availability",
        `Regressor ${name} is lagged by ${availability.days} days; its value for ${new Date(ds).toISOString()} is not ` +
          "in the history.",
        "Predict fewer days, or lag it by at least the horizon.",
      );
    });
}

/** As `initialize_scales` of Python Prophet: sample deviation; a constant column stays as it is. */
function standardization(
  values: Float64Array,
  wanted: "auto" | boolean,
): { mean: number; deviation: number } {
  const distinct = new Set(values);
  const binary = distinct.size === 2 && distinct.has(0) && distinct.has(1);
  if (wanted === false || distinct.size < 2 || (wanted === "auto" && binary))
    return { mean: 0, deviation: 1 };
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
