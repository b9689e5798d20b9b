/** What folding needs of a day. */
export interface FoldableDay {
  day: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
}

export type FoldUnit = "day" | "week" | "month";

/** A static figure of `WIDTH` pixels shows about this many candles apart from each other. */
const MOST_CANDLES = 330;

/** The finest unit whose candles can still be told apart. */
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
  const folded: Row[] = [];
  for (const row of days) {
    const first = unit === "month" ? `${row.day.slice(0, 7)}-01` : mondayOf(row.day);
    const last = folded[folded.length - 1];
    if (last?.day !== first) {
      folded.push({ ...row, day: first });
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
  const date = Math.floor(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
  const monday = date - ((((date + 3) % 7) + 7) % 7);
  return new Date(monday * 86_400_000).toISOString().slice(0, 10);
}
