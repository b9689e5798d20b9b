import type { DailyCandle } from "../candle/candle.ts";
import { MINUTES_PER_DAY } from "../time/epoch.ts";
import { COMPARED_FIELDS } from "./reconcileSql.ts";
import type { Cause, ReconciliationRow } from "./reconciliation.ts";

/** A layer's rows in memory. */
export interface LayerDays {
  /** `batch`, `backfill` or `speed`. */
  label: string;
  days: readonly DailyCandle[];
}

export interface CompareOptions {
  /** The layers' prices come from different sources. */
  otherSource?: boolean;
  /** Whether events of the day came after its window had closed. */
  isLate?: (day: DailyCandle) => boolean;
}

/** Sums of volumes made elsewhere differ by so much, relative. */
const ROUNDING = 1e-9;

/**
 * The days that two layers know, compared field by field: the rule of `reconciliation`, for rows in memory.
 * @param a goes before `b` in the merge
 * @returns by symbol, day and field; fields that both know
 */
export function compareDays(a: LayerDays, b: LayerDays, options: CompareOptions = {}): ReconciliationRow[] {
  const others = new Map(b.days.map((day) => [`${day.symbol} ${day.day}`, day]));
  const pairs = a.days.flatMap((day) => {
    const other = others.get(`${day.symbol} ${day.day}`);
    return other === undefined ? [] : [[day, other] as const];
  });
  pairs.sort(([x], [y]) => (`${x.symbol} ${x.day}` < `${y.symbol} ${y.day}` ? -1 : 1));
  const isSpeed = [a.label, b.label].includes("speed");
  return pairs.flatMap(([x, y]) =>
    COMPARED_FIELDS.flatMap((field): ReconciliationRow[] => {
      const [valueA, valueB] = [x[field], y[field]];
      if (valueA === null || valueB === null) return [];
      const difference = valueB - valueA;
      const equal = Math.abs(difference) <= ROUNDING * Math.max(Math.abs(valueA), Math.abs(valueB));
      const late = isSpeed && (options.isLate?.(x) ?? false);
      return [
        {
          ...{ symbol: x.symbol, day: x.day, field },
          ...{ layer_a: a.label, value_a: valueA, layer_b: b.label, value_b: valueB },
          ...{ difference, relative: valueA === 0 ? null : difference / Math.abs(valueA) },
          cause: equal ? null : causeOf(x, y, late, options.otherSource ?? false),
        },
      ];
    }),
  );
}

function causeOf(x: DailyCandle, y: DailyCandle, late: boolean, otherSource: boolean): Cause {
  if (!x.complete || !y.complete) return "open_day";
  if (late) return "late_events";
  const known = x.minutes ?? y.minutes;
  const bothKnown = x.minutes !== null && y.minutes !== null;
  if (bothKnown && x.minutes !== y.minutes) return "minutes_missing";
  if (known !== null && known < MINUTES_PER_DAY) return "minutes_missing";
  return otherSource || !bothKnown ? "other_source" : "unexplained";
}
