import { sameText } from "../core/text.ts";
import type { Axis, Description, LineMark, Mark } from "./description.ts";
import { daysFromTo } from "./rows.ts";
import { TEXTS } from "./texts.ts";
import { INK, PALETTE } from "./theme.ts";

/** A line over days, each of them once. */
export interface DayLine extends LineMark {
  points: readonly { x: string; y: number | null }[];
}

/** The colours of symbols, in the order of their names. */
const SYMBOL_COLOURS = [
  PALETTE.orange,
  PALETTE.blue,
  PALETTE.green,
  PALETTE.purple,
  PALETTE.vermillion,
  PALETTE.sky,
];

/** A line for each symbol, sorted by name. */
export function linesBySymbol<Row extends { symbol: string; day: string }>(
  rows: readonly Row[],
  value: (row: Row) => number | null,
): DayLine[] {
  const symbols = [...new Set(rows.map((row) => row.symbol))].sort();
  return symbols.map((symbol, i) => ({
    kind: "line",
    label: sameText(symbol),
    colour: SYMBOL_COLOURS[i % SYMBOL_COLOURS.length],
    points: everyDay(
      rows.filter((row) => row.symbol === symbol),
      (row) => row.day,
    ).map(({ day, row }) => ({ x: day, y: row === undefined ? null : value(row) })),
  }));
}

/** Every day from the first row's to the last's, with its row where there is one. */
export function everyDay<Row>(
  rows: readonly Row[],
  dayOf: (row: Row) => string,
): { day: string; row: Row | undefined }[] {
  if (rows.length === 0) return [];
  const byDay = new Map(rows.map((row) => [dayOf(row), row]));
  return daysFromTo([...byDay.keys()]).map((day) => ({ day, row: byDay.get(day) }));
}

/** Past closes as figures of forecasts draw them. */
export function closeLine(closes: readonly { day: string; close: number | null }[]): LineMark {
  const points = closes.map(({ day, close }) => ({ x: day, y: close }));
  return { kind: "line", label: TEXTS.close, colour: INK, width: 1.6, points };
}

/** One panel of marks over days. @param height pixels */
export function overDays(y: Axis, marks: readonly Mark[], height = 300): Pick<Description, "x" | "panels"> {
  return { x: { kind: "day" }, panels: [{ height, y, marks }] };
}

/** The axis of closes. */
export const CLOSE_AXIS: Axis = { kind: "number", label: TEXTS.closeAxis, format: "price" };
