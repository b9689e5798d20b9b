/** A row that does not open one usual step after the row before it. */
export interface Break {
  /** Open time, milliseconds since 1970. */
  at: number;
  /** From the row before; null at the first row. */
  step: number | null;
}

/** The rows of one year (UTC). */
export interface RowsOfYear {
  year: number;
  rows: number;
  /** The earliest and the latest open time, milliseconds since 1970. */
  first: number;
  last: number;
}

/**
 * Counts rows by year, in any order, from the few that break the usual step: between two breaks each row opens one
 * usual step after the one before.
 * @param breaks in the order of the rows; the first row is one
 * @param rows how many there are
 * @param usual the usual step, milliseconds
 */
export function yearsOfRows(breaks: readonly Break[], rows: number, usual: number): RowsOfYear[] {
  const years = new Map<number, RowsOfYear>();
  let left = rows;
  for (const [i, { at }] of breaks.entries()) {
    const next = breaks[i + 1];
    let run = next === undefined ? left : (next.at - (next.step ?? 0) - at) / usual + 1;
    left -= run;
    for (let first = at; run > 0; ) {
      const year = new Date(first).getUTCFullYear();
      const inYear = Math.min(run, Math.ceil((Date.UTC(year + 1, 0) - first) / usual));
      const last = first + (inYear - 1) * usual;
      const before = years.get(year) ?? { year, rows: 0, first, last };
      years.set(year, {
        year,
        rows: before.rows + inYear,
        first: Math.min(before.first, first),
        last: Math.max(before.last, last),
      });
      run -= inYear;
      first = last + usual;
    }
  }
  return [...years.values()].sort((a, b) => a.year - b.year);
}
