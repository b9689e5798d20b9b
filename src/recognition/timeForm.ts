import { inputError } from "../core/errors.ts";
import { isPlainNumber } from "./cells.ts";
import { type Evidence, ofRows } from "./evidence.ts";
import { type Row, shortened } from "./layout.ts";
import { type Statement, zoneOffset } from "./statement.ts";
import {
  type DateOrder,
  EPOCH_TIMES,
  hasZone,
  isDateText,
  isIso,
  openTimeOf,
  SERIAL_RANGE,
  type TimeForm,
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

interface TimeQuestion {
  where: string;
  rows: readonly Row[];
  /** The time of each row. */
  cells: readonly string[];
  stated: Statement;
  /** The header says that times are in UTC. */
  utc: boolean;
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
  const { cells, rows } = question;
  const texts = cells.filter(isDateText);
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
    return closing(question, EPOCH_TIMES, [shown]);
  }
  const { order, evidence } = dateOrder(question, texts);
  if (!most(bare.length, texts.length)) {
    const zone = say(
      "zone",
      "as each time states",
      "stated",
      `${ofRows(texts.length - bare.length, rows.length)} have one`,
    );
    const plain = isIso(texts[0]);
    const times: TimeForm = plain ? EPOCH_TIMES : { kind: "text", order, offset: null, shift: 0 };
    return closing(question, times, [evidence, zone]);
  }
  const zone = zoneOf(question, bare[0]);
  return closing(question, { kind: "text", order, offset: zone.offset, shift: 0 }, [evidence, zone.evidence]);
}

function say(question: Evidence["question"], answer: string, grade: Evidence["grade"], by: string): Evidence {
  return { question, answer, grade, by };
}

function isSerial(cell: string): boolean {
  const days = Number(cell);
  return isPlainNumber(cell) && !/e/i.test(cell) && days >= SERIAL_RANGE[0] && days <= SERIAL_RANGE[1];
}

function zoneOf({ where, rows, cells, stated, utc }: TimeQuestion, cell: string) {
  if (stated.zone !== undefined && utc && statedOffset(where, stated.zone) !== 0) {
    throw inputError(
      "no_time_zone",
      `${where}: --zone is ${stated.zone}, but the header states UTC.`,
      "Leave --zone out, or correct the header.",
    );
  }
  if (stated.zone !== undefined) {
    return {
      offset: statedOffset(where, stated.zone),
      evidence: say("zone", stated.zone, "stated", "--zone"),
    };
  }
  if (utc) return { offset: 0, evidence: say("zone", "UTC", "stated", "the header") };
  const row = rows[cells.indexOf(cell)];
  throw inputError(
    "no_time_zone",
    `${where}, line ${row.line}: the time "${cell}" of "${shortened(row.text)}" has no time zone.`,
    "State it: --zone UTC, or an offset such as --zone +07:00.",
  );
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

function dateOrder({ where, rows, cells, stated }: TimeQuestion, texts: readonly string[]) {
  const parts = texts.flatMap((cell) => {
    const found = /^(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}/.exec(cell);
    return found === null ? [] : [{ cell, first: Number(found[1]), second: Number(found[2]) }];
  });
  if (!most(parts.length, texts.length)) {
    return {
      order: "ymd" as DateOrder,
      evidence: say("time", "text, the year first", "shown", "four digits first"),
    };
  }
  const dayFirst = parts.find(({ first }) => first > 12);
  const monthFirst = parts.find(({ second }) => second > 12);
  const shown = dayFirst !== undefined ? "dmy" : monthFirst !== undefined ? "mdy" : null;
  const { cell } = dayFirst ?? monthFirst ?? parts[0];
  const row = rows[cells.indexOf(cell)];
  const both = dayFirst !== undefined && monthFirst !== undefined;
  if (
    both ||
    (shown === null && stated.dateOrder === undefined) ||
    (shown !== null && shown !== (stated.dateOrder ?? shown))
  ) {
    const found =
      shown === null
        ? "can be read day first or month first"
        : both
          ? "and other dates of the file have another order"
          : `proves ${shown}, but --date-order is ${stated.dateOrder}`;
    throw inputError(
      "ambiguous_date",
      `${where}, line ${row.line}: the date "${cell}" ${found}.`,
      "State the order: --date-order dmy (day, month, year) or --date-order mdy.",
    );
  }
  const order: DateOrder = stated.dateOrder ?? (shown as DateOrder);
  const by = shown === null ? "--date-order" : `"${cell}"`;
  return { order, evidence: say("time", `text, ${order}`, shown === null ? "stated" : "shown", by) };
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
