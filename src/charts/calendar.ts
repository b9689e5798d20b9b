import { en, sameText, type Text, textOf } from "../core/text.ts";
import type { Axis, Description } from "./description.ts";

/** A kind of day, and its colour. */
export interface CalendarClass {
  label: Text;
  colour: string;
}

export interface CalendarDay {
  day: string;
  /** Index into the classes. */
  kind: number;
  /** Is shown when the day is pointed at. */
  words: Text;
}

interface CountedClass extends CalendarClass {
  count: number;
}

/** More months than these have low rows. */
const MANY_MONTHS = 40;

const DAYS: Axis = {
  kind: "number",
  label: { en: "day of the month (UTC)", vi: "ngày trong tháng (UTC)" },
  domain: [0.5, 31.5],
  ticks: Array.from({ length: 16 }, (_, i) => 2 * i + 1),
};

/**
 * A calendar of coloured days: a row for each month, a cell for each day; the legend counts the kinds that are there.
 * @param days in their order
 */
export function calendarPanel(
  classes: readonly CalendarClass[],
  days: readonly CalendarDay[],
): Pick<Description, "x" | "panels"> {
  const months = [...new Set(days.map(({ day }) => day.slice(0, 7)))];
  const rows = new Map(months.map((month, row) => [month, row]));
  const isLong = months.length > MANY_MONTHS;
  const januaries = months.flatMap((month, row) => (row === 0 || month.endsWith("-01") ? [row] : []));
  return {
    x: DAYS,
    panels: [
      {
        height: months.length * (isLong ? 9 : 24),
        y: { kind: "number", names: months.map(sameText), ...(isLong ? { ticks: januaries } : {}) },
        marks: [
          {
            kind: "cells",
            kinds: countClasses(classes, days).map(({ label, colour, count }) => ({
              label: en`${label} (${count})`.vi`${label} (${count})`,
              colour,
              ...(count === 0 ? { unlisted: true } : {}),
            })),
            cells: days.map(({ day, kind, words }) => ({
              column: Number(day.slice(8)),
              row: rows.get(day.slice(0, 7)) as number,
              kind,
              words: textOf((language) => `${day}: ${words[language]}`),
            })),
          },
        ],
      },
    ],
  };
}

/** How many days there are of each kind. */
export function countClasses(
  classes: readonly CalendarClass[],
  days: readonly { kind: number }[],
): CountedClass[] {
  return classes.map(({ label, colour }, kind) => ({
    label,
    colour,
    count: days.filter((day) => day.kind === kind).length,
  }));
}
