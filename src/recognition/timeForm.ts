import { inputError } from "../core/errors.ts";
import { offsetText, zoneOffset } from "../time/zone.ts";
import { isPlainNumber } from "./cells.ts";
import { type Evidence, ofRows } from "./evidence.ts";
import { type Layout, type Row, shortened } from "./layout.ts";
import type { Statement } from "./statement.ts";
import {
  type DateOrder,
  EPOCH_TIMES,
  hasZone,
  isIso,
  isPlainDate,
  openTimeOf,
  rewritesOf,
  rewritten,
  SERIAL_RANGE,
  type TimeForm,
  zoneLetters,
} from "./times.ts";

/** A row's time as text: of two columns, with a blank between; of a number, with a decimal point. */
export function timeCell(
  cells: readonly string[],
  time: number,
  timeOfDay: number | null,
  decimal: "." | "," | null,
): string {
  const cell = cells[time] ?? "";
  if (timeOfDay !== null) return `${cell} ${cells[timeOfDay] ?? ""}`;
  return decimal === "," && /^\d+,\d+$/.test(cell) ? cell.replace(",", ".") : cell;
}

/** A statement of a zone: minutes east of UTC. */
export interface StatedZone {
  offset: number;
  by: string;
}

/**
 * What states the zone of a file's times: `--zone`, a column that has one zone in every row, the name of the time's column.
 * @throws CandlebookError `bad_option`; `no_time_zone` where the column has several
 */
export function statedZones(
  { where, stated }: { where: string; stated: Statement },
  { places, zone: inHeader }: Layout,
  rows: readonly Row[],
): StatedZone[] {
  const zones: StatedZone[] = [];
  if (stated.zone !== undefined) zones.push({ offset: statedOffset(where, stated.zone), by: "--zone" });
  const column = places.zone;
  if (column !== undefined) {
    const texts = new Map(rows.map((row) => [row.cells[column] ?? "", row]));
    const [[text, row], second] = [...texts, ["", null] as const];
    if (row !== null && second[1] !== null) {
      throw inputError(
        "no_time_zone",
        `${where}, line ${second[1].line}: "${shortened(second[1].text)}": column ${column + 1} has the zone "${second[0]}", and "${text}" before: two zones in one file.`,
        "Export the times in UTC, or give each zone a file of its own.",
      );
    }
    const offset = zoneOfCell(text);
    if (offset !== null) zones.push({ offset, by: `column ${column + 1}` });
  }
  if (inHeader !== null) zones.push({ offset: inHeader, by: "the header" });
  return zones;
}

/** A zone as a column has it: also `UTC+7`, and hours or seconds alone. */
function zoneOfCell(text: string): number | null {
  const bare = text.replace(/^(?:UTC|GMT)(?=[+-])/i, "");
  const [, sign, hours] = /^([+-]?)(\d{1,2})(?:\.0)?$/.exec(bare) ?? [];
  if (hours !== undefined) return zoneOffset(`${sign || "+"}${hours.padStart(2, "0")}:00`);
  const seconds = /^[+-]?\d{4,5}$/.test(bare) && !/^[+-]\d{4}$/.test(bare) ? Number(bare) : Number.NaN;
  return seconds % 900 === 0 ? seconds / 60 : zoneOffset(bare);
}

interface TimeQuestion {
  where: string;
  rows: readonly Row[];
  /** The time of each row. */
  cells: readonly string[];
  stated: Statement;
  /** What states the zone of times without one, strongest first. */
  zones: readonly StatedZone[];
  /** The column holds the time of the close. */
  closing: boolean;
}

/** What nearly every row has. */
const most = (count: number, of: number) => of > 0 && count > of / 2;

/**
 * How the times are written. Nothing but a statement gives the zone of a time without one.
 * @throws CandlebookError `no_time_zone`, `ambiguous_date`
 */
export function findTimeForm(question: TimeQuestion): { times: TimeForm; evidence: Evidence[] } {
  const { rows } = question;
  refuseLetters(question);
  const rewrites = question.cells.map(rewritesOf).find((found) => found !== null) ?? [];
  const cells = question.cells.map((cell) => rewritten(cell, rewrites));
  const texts = cells.filter(isPlainDate);
  const serial = cells.filter((cell) => isSerial(cell));
  const bare = texts.filter((cell) => !hasZone(cell));
  if (most(serial.length, rows.length)) {
    const zone = zoneOf(question, serial[0]);
    const shown = say(
      "time",
      "spreadsheet days",
      "shown",
      `numbers from 2009 to 2100 in ${ofRows(serial.length, rows.length)}`,
    );
    return closing(question, { kind: "serial", order: "ymd", offset: zone.offset, shift: 0 }, [
      shown,
      zone.evidence,
    ]);
  }
  if (!most(texts.length, rows.length)) {
    const shown = say("time", "epoch numbers", "shown", "their size gives the unit");
    return closing(question, { ...EPOCH_TIMES, offset: ofOthers(question) }, [shown]);
  }
  const { order, evidence } = dateOrder(question, cells);
  const text = { kind: "text" as const, order, shift: 0, ...(rewrites.length > 0 ? { rewrites } : {}) };
  if (!most(bare.length, texts.length)) {
    const zone = say(
      "zone",
      "as each time states",
      "stated",
      `${ofRows(texts.length - bare.length, rows.length)} have one`,
    );
    const plain = isIso(texts[0]) && rewrites.length === 0;
    const times: TimeForm = { ...(plain ? EPOCH_TIMES : text), offset: ofOthers(question) };
    refuseHalfDays(question, cells);
    return closing(question, times, [evidence, zone]);
  }
  const zone = zoneOf(question, question.cells[cells.indexOf(bare[0])]);
  refuseHalfDays(question, cells);
  return closing(question, { ...text, offset: zone.offset }, [evidence, zone.evidence]);
}

/** Of times that state no zone, in a file where most do: the stated one. */
function ofOthers({ where, stated }: TimeQuestion): number | null {
  return stated.zone === undefined ? null : statedOffset(where, stated.zone);
}

/** @throws CandlebookError `no_time_zone` where letters such as `EST` replace a zone, and none or one is stated */
function refuseLetters({ where, rows, cells, stated }: TimeQuestion): void {
  const found = cells.map(zoneLetters);
  const letters = new Map(found.flatMap((name, i) => (name === null ? [] : [[name, i]])));
  const count = found.filter((name) => name !== null).length;
  if (!most(count, cells.length) || (letters.size === 1 && stated.zone !== undefined)) return;
  const [[, at]] = [...letters].reverse();
  throw inputError(
    "no_time_zone",
    `${where}, line ${rows[at].line}: the time "${cells[at]}" has ${[...letters.keys()].join(" and ")} for a zone, letters that mean several offsets.`,
    letters.size > 1
      ? "Export the times in UTC."
      : "State it: --zone UTC, or an offset such as --zone -05:00.",
  );
}

/** @throws CandlebookError `ambiguous_time` where one o'clock follows twelve on the same day, and nothing says AM or PM */
function refuseHalfDays({ where, rows, cells: shown }: TimeQuestion, cells: readonly string[]): void {
  const clocks = cells.map((cell) => /^(\S+?)[T ]+(\d{1,2}):\d{2}(?!.*[AaPp][Mm])/.exec(cell));
  const hours = clocks.map((clock) => (clock === null ? null : Number(clock[2])));
  if (hours.some((hour) => hour !== null && (hour < 1 || hour > 12))) return;
  const at = hours.findIndex(
    (hour, i) =>
      clocks[i - 1]?.[1] === clocks[i]?.[1] &&
      ((hour === 1 && hours[i - 1] === 12) || (hour === 12 && hours[i - 1] === 1)),
  );
  if (at < 0) return;
  throw inputError(
    "ambiguous_time",
    `${where}, line ${rows[at].line}: the time "${shown[at]}" follows "${shown[at - 1]}": a clock of twelve hours without AM or PM.`,
    "Export the times with AM and PM, or with 24 hours.",
  );
}

function say(question: Evidence["question"], answer: string, grade: Evidence["grade"], by: string): Evidence {
  return { question, answer, grade, by };
}

function isSerial(cell: string): boolean {
  const days = Number(cell);
  return isPlainNumber(cell) && !/e/i.test(cell) && days >= SERIAL_RANGE[0] && days <= SERIAL_RANGE[1];
}

function zoneOf({ where, rows, cells, zones }: TimeQuestion, cell: string) {
  const [first, ...others] = zones;
  if (first === undefined) {
    throw noTimeZone(where, rows[cells.indexOf(cell)], cell);
  }
  const against = others.find(({ offset }) => offset !== first.offset);
  if (against !== undefined) {
    throw inputError(
      "no_time_zone",
      `${where}: ${first.by} states ${zoneText(first.offset)}, but ${against.by} states ${zoneText(against.offset)}.`,
      first.by === "--zone" ? `Leave --zone out, or correct ${against.by}.` : "Correct one of them.",
    );
  }
  const by = zones.map((zone) => zone.by).join("; ");
  return { offset: first.offset, evidence: say("zone", zoneText(first.offset), "stated", by) };
}

/** The refusal of a time that states no zone. */
export function noTimeZone(where: string, { line, text }: { line: number; text: string }, cell: string) {
  return inputError(
    "no_time_zone",
    `${where}, line ${line}: the time "${cell}" of "${shortened(text)}" has no time zone.`,
    "State it: --zone UTC, or an offset such as --zone +07:00.",
  );
}

function zoneText(minutes: number): string {
  return minutes === 0 ? "UTC" : offsetText(minutes);
}

/** @throws CandlebookError `bad_option` */
function statedOffset(where: string, zone: string): number {
  const offset = zoneOffset(zone);
  if (offset !== null) return offset;
  throw inputError(
    "bad_option",
    `${where}: --zone is "${zone}", which is not UTC, an offset, or a zone whose clocks never change.`,
    "State an offset, such as --zone +07:00; a file with a change of clocks in it has to be exported in UTC.",
  );
}

function dateOrder(question: TimeQuestion, cells: readonly string[]) {
  const texts = cells.filter(isPlainDate);
  const parts = texts.flatMap((cell) => {
    const found = /^(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}/.exec(cell);
    return found === null ? [] : [{ cell, first: Number(found[1]), second: Number(found[2]) }];
  });
  return most(parts.length, texts.length)
    ? yearLastOrder(question, cells, parts)
    : yearFirstOrder(question, cells, texts);
}

function yearFirstOrder(
  { where, rows, cells: shown, stated }: TimeQuestion,
  cells: readonly string[],
  texts: readonly string[],
) {
  const asked = stated.dateOrder === "ydm";
  const dayLast = (cell: string) => Number(/^\d{4}[-/.]\d{1,2}[-/.](\d{1,2})/.exec(cell)?.[1]) > 12;
  const wrong = texts.find(asked ? dayLast : isDayBeforeMonth);
  if (wrong !== undefined) {
    const at = cells.indexOf(wrong);
    throw yearFirst(`${where}, line ${rows[at].line}`, shown[at], asked);
  }
  const evidence = asked
    ? say("time", "text, ydm", "stated", "--date-order")
    : say("time", "text, the year first", "shown", "four digits first");
  return { order: (asked ? "ydm" : "ymd") as DateOrder, evidence };
}

function yearLastOrder(
  { where, rows, stated: { dateOrder: wanted } }: TimeQuestion,
  cells: readonly string[],
  parts: readonly { cell: string; first: number; second: number }[],
) {
  const stated = wanted === "dmy" || wanted === "mdy" ? wanted : undefined;
  const dayFirst = parts.find(({ first }) => first > 12);
  const monthFirst = parts.find(({ second }) => second > 12);
  const shown = dayFirst !== undefined ? "dmy" : monthFirst !== undefined ? "mdy" : null;
  const { cell } = dayFirst ?? monthFirst ?? parts[0];
  const problem = () => {
    if (dayFirst !== undefined && monthFirst !== undefined)
      return "and other dates of the file have another order";
    if (shown === null) return stated === undefined ? "can be read day first or month first" : null;
    return shown === (stated ?? shown) ? null : `proves ${shown}, but --date-order is ${stated}`;
  };
  const found = problem();
  if (found !== null) {
    throw inputError(
      "ambiguous_date",
      `${where}, line ${rows[cells.indexOf(cell)].line}: the date "${cell}" ${found}.`,
      "State the order: --date-order dmy (day, month, year) or --date-order mdy.",
    );
  }
  const order: DateOrder = stated ?? (shown as DateOrder);
  const by = shown === null ? "--date-order" : `"${cell}"`;
  return { order, evidence: say("time", `text, ${order}`, shown === null ? "stated" : "shown", by) };
}

/** Whether a date with the year first has a second number that is no month. */
export function isDayBeforeMonth(cell: string): boolean {
  return Number(/^\d{4}[-/.](\d{1,2})[-/.]\d{1,2}/.exec(cell)?.[1]) > 12;
}

/** The refusal of dates with the year first whose day and month are not where they were expected. */
export function yearFirst(place: string, cell: string, asked: boolean) {
  return inputError(
    "ambiguous_date",
    `${place}: the date "${cell}" has ${asked ? "no day" : "no month"} behind the year${asked ? ", as --date-order ydm states" : ""}.`,
    asked ? "Leave --date-order out." : "If the day is before the month: --date-order ydm.",
  );
}

/** Files that stamp a candle with its last moment: …:59.999 or …:59 in every row, or a column that says so. */
function closing({ cells, rows, closing: stated }: TimeQuestion, times: TimeForm, evidence: Evidence[]) {
  const stamps = cells.flatMap((cell) => openTimeOf(cell, times) ?? []);
  for (const [end, shown] of [
    [59_999, "…:59.999"],
    [59_000, "…:59"],
  ] as const) {
    const there = stamps.filter((ms) => ms % 60_000 === end).length;
    if (there < 2 || there < stamps.length * 0.99) continue;
    const by = `${shown} in ${ofRows(there, rows.length)}`;
    return {
      times: { ...times, shift: -end },
      evidence: [...evidence, say("time", "the close of the candle", "shown", by)],
    };
  }
  if (!stated) return { times, evidence };
  return {
    times: { ...times, shift: -60_000 },
    evidence: [...evidence, say("time", "the close of the candle", "stated", "the header")],
  };
}
