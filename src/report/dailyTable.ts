import type { Series } from "../forecast/forecaster.ts";
import type { Day } from "../time/day.ts";

/** One symbol's daily table as it stands in the report: consecutive UTC days, quote currency. */
export interface DailyTable {
  symbol: string;
  firstDay: Day;
  open: number[];
  high: number[];
  low: number[];
  close: number[];
}

/**
 * The daily tables that fit into the page, whole histories in the order given: half a history would give other
 * numbers than the library's.
 * @param room characters of JSON that all of them may take
 */
export function dailyTables(series: readonly Series[], room: number): DailyTable[] {
  let left = room;
  return series.flatMap(({ symbol, days, open, high, low, close }) => {
    const [o, h, l, c] = [open, high, low, close].map((values) => Array.from(values));
    const table = { symbol, firstDay: days[0], open: o, high: h, low: l, close: c };
    const size = JSON.stringify(table).length;
    if (days.length === 0 || size > left) return [];
    left -= size;
    return [table];
  });
}
