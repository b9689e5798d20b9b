import { type EpochMs, epochToMs } from "../time/epoch.ts";
import { ZONE, zoneOffset } from "../time/zone.ts";

export type DateOrder = "ymd" | "ydm" | "dmy" | "mdy";

/** Patterns with the replacement of each match, as texts that JavaScript, RE2 and Java read the same way. */
export type Rewrites = readonly (readonly [pattern: string, replacement: string])[];

/** How a file writes its times. */
export interface TimeForm {
  /**
   * `epoch`: numbers of any unit, or ISO 8601 with a zone, row by row; with an offset, texts too. `serial`: days since 1899-12-30, as
   * spreadsheets count. `text`: a date and a time of day.
   */
  kind: "epoch" | "serial" | "text";
  /** Of a text's date. */
  order: DateOrder;
  /** Minutes east of UTC of a text without a zone; null: such a text is not read. */
  offset: number | null;
  /** What makes of a text as this file writes it a date with its parts in digits, where it is none. */
  rewrites?: Rewrites;
  /** Milliseconds from the stamp to the open time: 0, or negative where the file stamps the close. */
  shift: number;
}

export const EPOCH_TIMES: TimeForm = { kind: "epoch", order: "ymd", offset: null, shift: 0 };

/** Regular expressions that JavaScript, RE2 and Java read the same way: the engines' SQL (`openTimeSql`) is made from them too. */
export const DATE_PATTERNS: Record<DateOrder, { whole: string; parts: string; iso: string }> = {
  ymd: {
    whole: `(${separated("\\d{4}", "\\d{1,2}", "\\d{1,2}")}|\\d{8})`,
    parts: "^(\\d{4})[-/.]?(\\d{1,2})[-/.]?(\\d{1,2})",
    iso: "$1-$2-$3",
  },
  ydm: {
    whole: `(${separated("\\d{4}", "\\d{1,2}", "\\d{1,2}")})`,
    parts: "^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})",
    iso: "$1-$3-$2",
  },
  dmy: { whole: yearLast(), parts: "^(\\d{1,2})[-/.](\\d{1,2})[-/.](\\d{4})", iso: "$3-$2-$1" },
  mdy: { whole: yearLast(), parts: "^(\\d{1,2})[-/.](\\d{1,2})[-/.](\\d{4})", iso: "$3-$1-$2" },
};
const CLOCK = "\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?";
export const HALF_DAY = " ?[AaPp][Mm]";

function separated(first: string, second: string, third: string): string {
  return ["-", "/", "\\."].map((mark) => `${first}${mark}${second}${mark}${third}`).join("|");
}

function yearLast(): string {
  return `(${separated("\\d{1,2}", "\\d{1,2}", "\\d{4}")})`;
}

const TIME = `([T ]+${CLOCK}(${HALF_DAY})?)?( ?${ZONE})?`;
/** A whole date text of an order, with or without a time of day and a zone. */
export function textPattern(order: DateOrder): string {
  return DATE_PATTERNS[order].whole + TIME;
}

/** ISO 8601 with a zone, as files of epoch numbers may mix in. */
export const ISO = `\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)? ?${ZONE}`;

const ISO_TEXT = new RegExp(`^${ISO}$`);
const TEXT = new RegExp(`^(${textPattern("ymd")}|${textPattern("dmy")})$`);
const TIME_OF_DAY = new RegExp(`^${CLOCK}(${HALF_DAY})?$`);

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const anyCase = (letters: string) =>
  letters.replace(/[a-z]/gi, (one) => `[${one.toUpperCase()}${one.toLowerCase()}]`);

/** `20240301 000000`, `202403010000` */
const COMPACT: Rewrites = [
  ["^(\\d{8})[T ]*([01]\\d|2[0-3])([0-5]\\d)([0-5]\\d)", "$1 $2:$3:$4"],
  ["^(\\d{8})[T ]*([01]\\d|2[0-3])([0-5]\\d)( ?[A-Z+-].*)?$", "$1 $2:$3$4"],
];

/** `Fri, 01 Mar 2024 00:00:00 +0000` (RFC 2822), `Fri Mar 01 2024 00:00:00 GMT+0100 (CET)` (JavaScript), `01-Mar-2024 00:00` */
const NAMED: Rewrites = [
  ["^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +", ""],
  [" *\\([^)]*\\)$", ""],
  ["^([A-Za-z]{3}) +(\\d{1,2}) (\\d{1,2}:[0-9:]+) (\\d{4})$", "$4-$1-$2 $3"],
  ["^([A-Za-z]{3})[a-z]* +(\\d{1,2}),? +(\\d{4}),?", "$3-$1-$2"],
  ["^(\\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\\d{4}),?", "$3-$2-$1"],
  ...MONTHS.map(
    (name, i) => [`^(\\d{4})-${anyCase(name)}-`, `$1-${String(i + 1).padStart(2, "0")}-`] as const,
  ),
];

/** `… GMT+0100`, `… UTC+7` */
const OFFSET: Rewrites = [
  [" ?(GMT|UTC)([+-])(\\d)$", "$20$3"],
  [" ?(GMT|UTC)([+-]\\d)", "$2"],
];

/** A text with its file's rewrites done. */
export function rewritten(text: string, rewrites: Rewrites = []): string {
  return rewrites.reduce((found, [pattern, to]) => found.replace(new RegExp(pattern, "g"), to), text);
}

const ALL_DIGITS = /^(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d([0-5]\d)?$/;
const LETTERS = /:\d{2}(?:\.\d+)?(?: ?[AaPp][Mm])? ?([A-Z]{2,5})$/;

/** The letters of a zone after a time that mean several zones, or for one with a change of clocks: `EST`. */
export function zoneLetters(cell: string): string | null {
  const letters = LETTERS.exec(cell)?.[1] ?? "";
  return /^([AP]M|UTC|GMT|)$/.test(letters) ? null : letters;
}

/** What makes of a cell a date with its parts in digits; null where it is no date. */
export function rewritesOf(cell: string): Rewrites | null {
  if (isPlainDate(cell)) return [];
  if (/^\d+$/.test(cell)) return ALL_DIGITS.test(cell) ? COMPACT : null;
  if (!/[A-Za-z ]/.test(cell)) return null;
  const letters = zoneLetters(cell);
  const steps = [COMPACT, NAMED, OFFSET, letters === null ? [] : ([[` ?${letters}$`, ""]] as const)];
  const needed: Rewrites[number][] = [];
  let text = cell;
  for (const step of steps) {
    const before = text;
    text = rewritten(before, step);
    if (text !== before) needed.push(...step);
  }
  return TEXT.test(text) ? needed : null;
}

/** Whether a cell is a date whose parts are digits. */
export function isPlainDate(cell: string): boolean {
  return TEXT.test(cell) && !/^\d+$/.test(cell);
}

/** Whether a cell is a date, with or without a time of day and a zone. */
export function isDateText(cell: string): boolean {
  return rewritesOf(cell) !== null;
}

/** Whether a cell is ISO 8601 with a zone. */
export function isIso(cell: string): boolean {
  return ISO_TEXT.test(cell);
}

/** Whether a cell is a time of day alone, `00:01` or `12:05 AM`. */
export function isTimeOfDay(cell: string): boolean {
  return TIME_OF_DAY.test(cell);
}

/** Whether a date text says its zone. */
export function hasZone(cell: string): boolean {
  return new RegExp(`\\d( ?[AaPp][Mm])? ?${ZONE}$`).test(cell) && /:/.test(cell);
}

/** Days from the first day of spreadsheets to 1970. */
export const SERIAL_EPOCH = 25_569;
/** Serial days of 2009 and 2100. */
export const SERIAL_RANGE = [39_814, 73_051] as const;

/**
 * The open time that a cell states, by the form of its file.
 * @param cell trimmed; of two columns, the date and the time of day with a blank between
 * @returns null where it states none
 */
export function openTimeOf(cell: string, form: TimeForm): EpochMs | null {
  const ms = stampOf(cell, form);
  return ms === null ? null : ((ms + form.shift) as EpochMs);
}

function stampOf(cell: string, { kind, order, offset, rewrites }: TimeForm): number | null {
  const plain = /^\d+(\.\d*)?$/.test(cell);
  if (kind === "serial") {
    const days = plain ? Number(cell) : Number.NaN;
    if (!(days >= SERIAL_RANGE[0] && days <= SERIAL_RANGE[1])) return null;
    return Math.round((days - SERIAL_EPOCH) * 86_400) * 1000 - (offset ?? 0) * 60_000;
  }
  if (kind === "epoch" && plain) return epochToMs(Number(cell));
  if (kind === "epoch" && offset === null && !isIso(cell)) return null;
  return textToMs(rewritten(cell, rewrites), order, offset);
}

const OF_DAY = new RegExp(
  `^[T ]+(\\d{1,2}):(\\d{2})(?::(\\d{2})(\\.\\d{1,9})?)?(?: ?([AaPp])[Mm])?(?: ?${ZONE})?$`,
);

/** A date text as milliseconds; null where it is none, no such moment exists, or neither it nor the form gives the zone. */
function textToMs(cell: string, order: DateOrder, offset: number | null): number | null {
  if (!new RegExp(`^${textPattern(order)}$`).test(cell)) return null;
  const { parts, iso } = DATE_PATTERNS[order];
  const date = new RegExp(parts).exec(cell)?.[0] ?? "";
  const [year, month, day] = date.replace(new RegExp(parts), iso).split("-").map(Number);
  const rest = cell.slice(date.length);
  const clock = OF_DAY.exec(/^[T ]+\d{1,2}:/.test(rest) ? rest : ` 00:00${rest}`);
  if (clock === null) return null;
  const [, hours, minutes, seconds = "0", fraction = "0", half, zone] = clock;
  const twelve = half !== undefined && (Number(hours) < 1 || Number(hours) > 12);
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (/p/i.test(half) ? 12 : 0);
  const midnight = Date.UTC(year, month - 1, day);
  const exists = month >= 1 && month <= 12 && new Date(midnight).getUTCDate() === day;
  if (!exists || twelve || hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const east = zone === undefined ? offset : zoneOffset(zone);
  if (east === null) return null;
  const ofDay = ((hour * 60 + Number(minutes) - east) * 60 + Number(seconds)) * 1000;
  return midnight + ofDay + Math.floor(Number(fraction) * 1000 + 1e-6);
}
