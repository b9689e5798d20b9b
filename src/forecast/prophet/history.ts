import { inputError } from "../../core/errors.ts";

/** A column: one number for all rows, or one per row. */
export type Column = number | ArrayLike<number>;

/** Dates, and what is known at them. */
export interface Rows {
  /** Milliseconds since 1970-01-01 UTC, in any order and of any spacing. */
  ds: ArrayLike<number>;
  /** Capacity of logistic growth, in the unit of y. */
  cap?: Column;
  /** Floor of logistic growth, in the unit of y. */
  floor?: Column;
  /** Regressors and conditions by name. */
  columns?: Readonly<Record<string, ArrayLike<number>>>;
}

/** Dates with the values that were seen. A row whose y is NaN is left out of the fit. */
export interface Observations extends Rows {
  y: ArrayLike<number>;
}

/** Rows in order of time, each column an array. */
export interface SortedRows {
  ds: Float64Array;
  cap: Float64Array | null;
  floor: Float64Array | null;
  columns: Record<string, Float64Array>;
}

export interface History extends SortedRows {
  y: Float64Array;
}

/**
 * The rows to fit: sorted by time, then by y and the columns, so that the order of the input does not matter.
 * @throws CandlebookError `prophet_history` where less than two usable rows at two dates remain, a date or
 *   column is not a number, or y is infinite
 */
export function sortHistory(observations: Observations): History {
  const { y } = observations;
  requireLength("y", y, observations.ds.length);
  for (let i = 0; i < y.length; i++) {
    if (Math.abs(y[i]) === Number.POSITIVE_INFINITY) throw badHistory(`y is infinite in row ${i}`);
  }
  const seen = Array.from({ length: y.length }, (_, i) => i).filter((i) => !Number.isNaN(y[i]));
  const rows = sortRows(observations, seen, y);
  const history = { ...rows, y: Float64Array.from(rows.order, (i) => y[i]) };
  if (history.y.length < 2) throw badHistory(`only ${history.y.length} rows have a y; 2 are needed`);
  if (history.ds[0] === history.ds[history.ds.length - 1]) {
    throw badHistory(`all ${history.ds.length} rows have the same date`);
  }
  return history;
}

/**
 * Rows to predict, sorted by time.
 * @throws CandlebookError `prophet_history` where there are none, or a date or column is not a number
 */
export function sortFuture(rows: Rows): SortedRows {
  if (rows.ds.length === 0) throw badHistory("there are no rows to predict");
  return sortRows(
    rows,
    Array.from({ length: rows.ds.length }, (_, i) => i),
  );
}

function sortRows(rows: Rows, kept: number[], y?: ArrayLike<number>): SortedRows & { order: number[] } {
  const n = rows.ds.length;
  const undated = kept.find((i) => !Number.isFinite(rows.ds[i]));
  if (undated !== undefined) throw badHistory(`ds is not a date in row ${undated}`);
  const named: [string, ArrayLike<number>][] = Object.entries(rows.columns ?? {});
  const cap = rows.cap === undefined ? null : spread(rows.cap, n);
  const floor = rows.floor === undefined ? null : spread(rows.floor, n);
  if (cap) named.push(["cap", cap]);
  if (floor) named.push(["floor", floor]);
  for (const [name, values] of named) {
    requireLength(name, values, n);
    const bad = kept.find((i) => !Number.isFinite(values[i]));
    if (bad !== undefined) throw badHistory(`${name} is not a number in row ${bad}`);
  }
  const keys = y ? [rows.ds, y, ...named.map(([, values]) => values)] : [rows.ds];
  const order = [...kept].sort((a, b) => {
    const key = keys.find((k) => k[a] !== k[b]);
    return key ? key[a] - key[b] : 0;
  });
  const pick = (values: ArrayLike<number>) => Float64Array.from(order, (i) => values[i]);
  return {
    order,
    ds: pick(rows.ds),
    cap: cap && pick(cap),
    floor: floor && pick(floor),
    columns: Object.fromEntries(Object.entries(rows.columns ?? {}).map(([name, v]) => [name, pick(v)])),
  };
}

function spread(column: Column, n: number): ArrayLike<number> {
  return typeof column === "number" ? new Float64Array(n).fill(column) : column;
}

function requireLength(name: string, column: ArrayLike<number>, n: number): void {
  if (column.length !== n) throw badHistory(`${name} has ${column.length} rows, ds has ${n}`);
}

function badHistory(what: string) {
  return inputError(
    "prophet_history",
    `Prophet can't use this series: ${what}.`,
    "Pass one finite number per row; leave a missing y as NaN, and give at least two different dates.",
  );
}
