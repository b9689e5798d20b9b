import { en, joined } from "../core/text.ts";
import { MINUTES_PER_DAY } from "../time/epoch.ts";
import { type CalendarDay, calendarPanel, countClasses } from "./calendar.ts";
import { slug } from "./escape.ts";
import type { Figure, SymbolOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { daysFromTo, rowsOfOne } from "./rows.ts";
import { rangeText } from "./texts.ts";
import { PALETTE } from "./theme.ts";

/** What the figure needs of a daily row; `DailyCandle` has it. */
export interface DayMinutes {
  symbol: string;
  day: string;
  /** Of 1,440; null where the row is the exchange's own daily candle. */
  minutes: number | null;
}

// From calm to loud: what is whole should not draw the eye.
const CLASSES = [
  {
    label: en`all ${MINUTES_PER_DAY} minutes`.vi`đủ ${MINUTES_PER_DAY} phút`,
    colour: "#9ecae1",
    holds: (minutes: number | null) => minutes === MINUTES_PER_DAY,
  },
  {
    label: { en: "daily candle, minutes unknown", vi: "nến ngày, không rõ số phút" },
    colour: "#d9d9d9",
    holds: (minutes: number | null) => minutes === null,
  },
  {
    label: { en: "up to 60 missing", vi: "thiếu tối đa 60 phút" },
    colour: PALETTE.yellow,
    holds: (minutes: number | null) => (minutes ?? 0) >= MINUTES_PER_DAY - 60,
  },
  {
    label: { en: "more missing", vi: "thiếu nhiều hơn" },
    colour: PALETTE.orange,
    holds: (minutes: number | null) => (minutes ?? 0) > 0,
  },
  { label: { en: "none", vi: "không có phút nào" }, colour: PALETTE.vermillion, holds: () => true },
] as const;

/**
 * A calendar of how many of its 1,440 minutes each day has: a row for each month, a cell for each day. Days without
 * a row between the first and the last count as having none.
 * @param days rows of a daily table, in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function completenessChart(days: readonly DayMinutes[], options: SymbolOptions): Figure {
  const { source } = options;
  const { symbol, rows } = rowsOfOne(days, options.symbol);
  const all = calendarOf(rows);
  const missing = all.reduce((sum, { minutes }) => sum + MINUTES_PER_DAY - (minutes ?? MINUTES_PER_DAY), 0);
  const expected = all.length * MINUTES_PER_DAY;
  const subtitle = en`${all.length} days, ${missing} minutes missing of ${expected}`
    .vi`${all.length} ngày, thiếu ${missing} trên ${expected} phút`;
  const span = rangeText(all[0].day, all[all.length - 1].day);
  const counts = countClasses(CLASSES, all)
    .filter(({ count }) => count > 0)
    .map(({ label, count }) => en`${count} with ${label}`.vi`${count} ngày ${label}`);
  const words = joined(counts, ", ");
  return makeFigure({
    id: `${slug(symbol)}-completeness`,
    title: en`${symbol}: minutes by day`.vi`${symbol}: số phút theo ngày`,
    subtitle,
    alt: en`A calendar from ${span} (UTC): ${subtitle}. Days: ${words}.`
      .vi`Lịch từ ${span} (UTC): ${subtitle}. Số ngày: ${words}.`,
    source,
    ...calendarPanel(CLASSES, all),
  });
}

function calendarOf(rows: readonly DayMinutes[]): (CalendarDay & { minutes: number | null })[] {
  const byDay = new Map(rows.map((row) => [row.day, row.minutes]));
  return daysFromTo([...byDay.keys()]).map((day) => {
    const minutes = byDay.has(day) ? (byDay.get(day) ?? null) : 0;
    const words =
      minutes === null
        ? { en: "a daily candle", vi: "nến ngày" }
        : en`${minutes} of ${MINUTES_PER_DAY} minutes`.vi`${minutes} trên ${MINUTES_PER_DAY} phút`;
    return { day, minutes, words, kind: CLASSES.findIndex(({ holds }) => holds(minutes)) };
  });
}
