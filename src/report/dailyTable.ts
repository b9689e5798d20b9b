import type { Figure } from "../charts/figure.ts";
import type { Series } from "../forecast/forecaster.ts";
import { addDays, type Day } from "../time/day.ts";

/** One symbol's daily table as the report embeds it: consecutive UTC days, and all that the models see of them. */
export interface DailyTable {
  symbol: string;
  firstDay: Day;
  /** The series' columns by their names, `close` among them; null where a day has no value. */
  columns: Record<string, (number | null)[]>;
}

/** The JSON that the report carries for its own computations. */
export interface EmbeddedTables {
  source: Figure["source"];
  tables: DailyTable[];
}

/**
 * The daily tables that fit into the page, whole histories in the order given: half a history would give other
 * numbers than the library's.
 * @param room maximum size of all of them, in characters of JSON
 */
export function dailyTables(series: readonly Series[], room: number): DailyTable[] {
  let left = room;
  return series.flatMap(({ symbol, days, ...columns }) => {
    const table = { symbol, firstDay: days[0], columns: plain(columns) };
    const size = JSON.stringify(table).length;
    if (days.length === 0 || size > left) return [];
    left -= size;
    return [table];
  });
}

function plain(columns: Omit<Series, "symbol" | "days">): DailyTable["columns"] {
  const known = Object.entries(columns).filter(([, values]) => values !== undefined);
  return Object.fromEntries(
    known.map(([name, values]) => [
      name,
      Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
    ]),
  );
}

/** The embedded table as the models' input series. */
export function seriesOf({ symbol, firstDay, columns }: DailyTable): Series {
  const filled = Object.entries(columns).map(([name, values]) => [
    name,
    Float64Array.from(values, (value) => value ?? Number.NaN),
  ]);
  return {
    symbol,
    days: columns.close.map((_, i) => addDays(firstDay, i)),
    ...(Object.fromEntries(filled) as Omit<Series, "symbol" | "days">),
  };
}
