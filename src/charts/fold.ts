import { DAY_MS } from "../time/epoch.ts";

/** What folding needs of a candle. */
export interface FoldableCandle {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
}

export interface FoldableDay extends FoldableCandle {
  day: string;
}

export type FoldUnit = "day" | "week" | "month";

/** A static figure of `WIDTH` pixels shows about this many candles apart from each other. */
const MOST_CANDLES = 330;

/** The finest unit whose candles can still be distinguished. */
export function unitFor(days: number, most = MOST_CANDLES): FoldUnit {
  if (days <= most) return "day";
  return days / 7 <= most * 2 ? "week" : "month";
}

/**
 * Days folded into weeks (from Monday) or months: open of the first, close of the last, highest high, lowest low,
 * volume summed; `day` is the Monday, or the first of the month.
 * @param days sorted by day
 */
export function foldDays<Row extends FoldableDay>(days: readonly Row[], unit: FoldUnit): Row[] {
  if (unit === "day") return [...days];
  return foldCandles(days, "day", (day) => (unit === "month" ? `${day.slice(0, 7)}-01` : mondayOf(day)));
}

/**
 * Consecutive candles of one interval folded into one: open of the first, close of the last, highest high, lowest low,
 * volume summed.
 * @param rows sorted by `key`
 * @param key the field with a candle's time
 * @param startOf the start of the interval that holds a time
 */
export function foldCandles<Key extends string, Row extends FoldableCandle & Record<Key, string | number>>(
  rows: readonly Row[],
  key: Key,
  startOf: (time: Row[Key]) => Row[Key],
): Row[] {
  const folded: Row[] = [];
  for (const row of rows) {
    const start = startOf(row[key]);
    const last = folded[folded.length - 1];
    if (last?.[key] !== start) {
      folded.push({ ...row, [key]: start });
    } else {
      last.high = Math.max(last.high, row.high);
      last.low = Math.min(last.low, row.low);
      last.close = row.close;
      last.volume = (last.volume ?? 0) + (row.volume ?? 0);
    }
  }
  return folded;
}

// 1970-01-01 was a Thursday.
function mondayOf(day: string): string {
  const date = Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
  const monday = date - ((((date + 3) % 7) + 7) % 7);
  return new Date(monday * DAY_MS).toISOString().slice(0, 10);
}
