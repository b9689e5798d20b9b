import type { Origin } from "../candle/candle.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined } from "../core/text.ts";
import { type CalendarClass, calendarPanel, countClasses } from "./calendar.ts";
import { slug } from "./escape.ts";
import type { Figure, SymbolOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { minutesText } from "./origins.ts";
import { daysFromTo, rowsOfOne } from "./rows.ts";
import { rangeText, TEXTS } from "./texts.ts";
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

const ORIGINS: readonly Origin[] = ["batch", "backfill", "speed", "filled"];

const NO_ROW = { en: "no row", vi: "không có dòng" };

const CLASSES: readonly CalendarClass[] = [
  { label: { en: "batch: own minutes", vi: "theo lô: nến phút riêng" }, colour: ORIGIN_COLOURS.batch },
  { label: { en: "backfill: fetched", vi: "tải bù: lấy về" }, colour: ORIGIN_COLOURS.backfill },
  { label: { en: "speed: live", vi: "tốc độ: từ dòng" }, colour: ORIGIN_COLOURS.speed },
  { label: { en: "filled: carried forward", vi: "lấp đầy: mang sang" }, colour: ORIGIN_COLOURS.filled },
  { label: TEXTS.notOver, colour: PALETTE.vermillion },
  { label: NO_ROW, colour: "#ffffff" },
];

/**
 * A calendar of the source of each day of the timeline: a row for each month, a cell for each day.
 * @param days rows of `daily_filled`, in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function originCalendar(days: readonly DayOrigin[], options: SymbolOptions): Figure {
  const { symbol, rows } = rowsOfOne(days, options.symbol);
  const byDay = new Map(rows.map((row) => [row.day, row]));
  const all = daysFromTo([...byDay.keys()]).map((day) => {
    const row = byDay.get(day);
    if (row === undefined) return { day, kind: CLASSES.length - 1, words: NO_ROW };
    const close = formatPrice(row.close);
    const words = joined(
      [
        ORIGIN_TEXTS[row.origin],
        minutesText(row.minutes),
        en`close ${close}`.vi`giá đóng ${close}`,
        ...(row.complete ? [] : [TEXTS.notOver]),
      ],
      ", ",
    );
    return { day, kind: row.complete ? ORIGINS.indexOf(row.origin) : CLASSES.length - 2, words };
  });
  const counts = countClasses(CLASSES, all).filter(({ count }) => count > 0);
  const span = rangeText(all[0].day, all[all.length - 1].day);
  const subtitle = en`${all.length} days from ${span} (UTC)`.vi`${all.length} ngày từ ${span} (UTC)`;
  const kinds = joined(
    counts.map(({ label, count }) => en`${count} ${label}`.vi`${count} ${label}`),
    ", ",
  );
  return makeFigure({
    id: `${slug(symbol)}-origins`,
    title: en`${symbol}: the source of each day`.vi`${symbol}: nguồn của mỗi ngày`,
    subtitle,
    alt: en`A calendar of ${subtitle}: ${kinds}.`.vi`Lịch ${subtitle}: ${kinds}.`,
    source: options.source,
    ...calendarPanel(CLASSES, all),
  });
}
