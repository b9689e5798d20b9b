import { inputError } from "../../core/errors.ts";
import type { History, SortedRows } from "./history.ts";
import type { Settings } from "./prophetOptions.ts";

/** How dates and values are brought to the scale that the priors are meant for. */
export interface Scales {
  /** First date and length of the history, milliseconds. */
  start: number;
  span: number;
  /** Subtracted from y unless the rows carry a floor of their own. */
  yMin: number;
  /** Divides y; 1 where it would be 0. */
  yScale: number;
  /** Each row carries its own floor (logistic growth with a floor column). */
  floorColumn: boolean;
}

/** As `initialize_scales` of Python Prophet 1.5 (forecaster.py). */
export function makeScales(history: History, settings: Settings): Scales {
  const { ds, y, cap } = history;
  const floor = settings.growth === "logistic" ? history.floor : null;
  let yMin = 0;
  let yScale = 0;
  if (settings.scaling === "absmax") {
    yScale = y.reduce((most, v, i) => Math.max(most, Math.abs(v - (floor?.[i] ?? 0))), 0);
  } else if (floor && cap) {
    yMin = floor.reduce((least, v) => Math.min(least, v));
    yScale = cap.reduce((most, v) => Math.max(most, v)) - yMin;
  } else {
    yMin = y.reduce((least, v) => Math.min(least, v));
    yScale = y.reduce((most, v) => Math.max(most, v)) - yMin;
  }
  return {
    start: ds[0],
    span: ds[ds.length - 1] - ds[0],
    yMin,
    yScale: yScale || 1,
    floorColumn: floor !== null,
  };
}

/** Time as a share of the history: 0 at its first row, 1 at its last. */
export function scaleTime(ds: ArrayLike<number>, scales: Scales): Float64Array {
  return Float64Array.from(ds, (v) => (v - scales.start) / scales.span);
}

/** What is subtracted from y, row by row. */
export function floorOf(rows: SortedRows, scales: Scales): Float64Array {
  if (!scales.floorColumn) return new Float64Array(rows.ds.length).fill(scales.yMin);
  if (rows.floor === null) throw missingColumn("floor", "the history has one");
  return rows.floor;
}

/**
 * Scaled capacity; null unless growth is logistic.
 * @throws CandlebookError `prophet_cap` where it is missing or not above the floor
 */
export function scaledCap(rows: SortedRows, settings: Settings, scales: Scales): Float64Array | null {
  if (settings.growth !== "logistic") return null;
  if (rows.cap === null) throw missingColumn("cap", "logistic growth needs it");
  const floor = floorOf(rows, scales);
  return rows.cap.map((cap, i) => {
    if (cap > floor[i]) return (cap - floor[i]) / scales.yScale;
    throw inputError(
      "prophet_cap",
      `cap is ${cap} where the floor is ${floor[i]}; it must be above the floor.`,
      "Raise cap or lower floor.",
    );
  });
}

function missingColumn(name: string, why: string) {
  return inputError("prophet_cap", `The rows have no ${name}; ${why}.`, `Pass ${name} with the rows.`);
}
