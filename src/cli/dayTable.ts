import type { DailyCandle } from "../candle/candle.ts";
import { textTable } from "./table.ts";

const SHOWN = ["symbol", "day", "open", "high", "low", "close", "volume", "minutes", "complete"];

/** Daily rows as text. */
export function dayTable(days: readonly DailyCandle[]): string {
  const rows = days.slice(0, 20).map((day) => ({ ...day, complete: day.complete ? "yes" : "no" }));
  const more = days.length > rows.length ? `\n… and ${days.length - rows.length} more` : "";
  return textTable(rows, SHOWN) + more;
}
