import type { Origin, Source } from "../candle/candle.ts";
import { type CalendarClass, calendarFigure, countClasses } from "./calendar.ts";
import { slug } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { daysFromTo, rowsOfOne } from "./rows.ts";
import { formatPrice, ORIGIN_COLOURS, PALETTE } from "./theme.ts";

/** What the figure needs of a daily row; `ServedDay` has it. */
export interface DayOrigin {
  symbol: string;
  day: string;
  close: number;
  minutes: number | null;
  origin: Origin;
  complete: boolean;
}

export interface OriginCalendarOptions {
  source: Source;
  /** Needed where the rows hold several. */
  symbol?: string;
}

const ORIGINS: readonly Origin[] = ["batch", "backfill", "speed", "filled"];

const CLASSES: readonly CalendarClass[] = [
  { label: "batch: own minutes", colour: ORIGIN_COLOURS.batch },
  { label: "backfill: fetched", colour: ORIGIN_COLOURS.backfill },
  { label: "speed: live", colour: ORIGIN_COLOURS.speed },
  { label: "filled: carried forward", colour: ORIGIN_COLOURS.filled },
  { label: "not over yet", colour: PALETTE.vermillion },
  { label: "no row", colour: "#ffffff" },
];

/**
 * A calendar of where each day of the timeline comes from: a row for each month, a cell for each day.
 * @param days rows of `daily_filled`, in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function originCalendar(days: readonly DayOrigin[], options: OriginCalendarOptions): Figure {
  const { symbol, rows } = rowsOfOne(days, options.symbol);
  const byDay = new Map(rows.map((row) => [row.day, row]));
  const all = daysFromTo([...byDay.keys()]).map((day) => {
    const row = byDay.get(day);
    if (row === undefined) return { day, kind: CLASSES.length - 1, words: "no row" };
    const made = row.minutes === null ? "daily candle" : `${row.minutes} minutes`;
    const words = `${row.origin}, ${made}, close ${formatPrice(row.close)}${row.complete ? "" : ", not over yet"}`;
    return { day, kind: row.complete ? ORIGINS.indexOf(row.origin) : CLASSES.length - 2, words };
  });
  const counts = countClasses(CLASSES, all).filter(({ count }) => count > 0);
  const subtitle = `${all.length} days from ${all[0].day} to ${all[all.length - 1].day} (UTC)`;
  return calendarFigure({
    id: `${slug(symbol)}-origins`,
    title: `${symbol}: where each day comes from`,
    subtitle,
    alt: `A calendar of ${subtitle}: ${counts.map(({ label, count }) => `${count} ${label}`).join(", ")}.`,
    source: options.source,
    classes: CLASSES,
    days: all,
  });
}
