import { REJECT_REASONS, type RejectReason } from "../candle/validity.ts";
import type { CandlebookError } from "../core/errors.ts";
import { inputError } from "../core/errors.ts";
import { type Lake, literal } from "../lake/session.ts";
import { cellsOf } from "../recognition/cells.ts";
import { MOST_BROKEN, ofRows } from "../recognition/evidence.ts";
import { readHeader } from "../recognition/header.ts";
import { checkInterval } from "../recognition/interval.ts";
import { shortened } from "../recognition/layout.ts";
import { refuseOtherPairs } from "../recognition/market.ts";
import { type KnownOfText, misreadColumns, type Recognition } from "../recognition/recognize.ts";
import { type Steps, sumSteps } from "../recognition/steps.ts";
import { isDayBeforeMonth, yearFirst } from "../recognition/timeForm.ts";
import { linesSql, VALID } from "./parseSql.ts";
import type { Piece } from "./pieces.ts";
import type { ReadPiece } from "./readPiece.ts";
import type { Stretch } from "./stretches.ts";

/** A line as it is in the file, and its number, from 1. */
interface Line {
  line: number;
  text: string;
}

/** What the rows of a whole text say of its form. */
export interface Tally {
  rows: number;
  /** By reason: rejected rows, and the first of them. */
  rejected: Map<RejectReason, { rows: number; first: Line }>;
  /** By piece. */
  steps: Map<number, Steps>;
  /** Rejected lines that may be a header. */
  headers: Line[];
  /** Whether the rows were held against the columns that have one text. */
  constantsHeld: boolean;
  /** What some of the lines say, in any order. */
  stretches: Stretch[];
}

export function newTally(): Tally {
  return { rows: 0, rejected: new Map(), steps: new Map(), headers: [], constantsHeld: false, stretches: [] };
}

/** Lines that begin with a letter and have no number of four digits: among them a second header would be. */
const LIKE_A_HEADER = `regexp_matches(raw, '^\\s*"?\\pL') AND NOT regexp_matches(raw, '[0-9]{4}')`;
const MOST_HEADERS = 100;

/** Adds what a piece says. Its tables are still there. */
export async function tallyPiece(lake: Lake, tally: Tally, index: number, read: ReadPiece): Promise<void> {
  tally.steps.set(index, read.steps);
  tally.rows += read.groups.reduce((sum, { rows }) => sum + rows, 0);
  if (read.groups.every(({ reason }) => reason === VALID)) return;
  const found = await lake.rows<{
    reason: RejectReason;
    rows: number;
    line: number;
    text: string;
    lines: number[] | null;
    texts: string[] | null;
  }>(
    `SELECT reason, count(*)::DOUBLE AS rows, min(line)::DOUBLE AS line, arg_min(raw, line) AS text,
       list(line::DOUBLE ORDER BY line) FILTER (${LIKE_A_HEADER}) AS lines,
       list(raw ORDER BY line) FILTER (${LIKE_A_HEADER}) AS texts
     FROM ${read.rejects} GROUP BY reason`,
  );
  for (const { reason, rows, line, text, lines, texts } of found) {
    const before = tally.rejected.get(reason);
    const first = before !== undefined && before.first.line < line ? before.first : { line, text };
    tally.rejected.set(reason, { rows: (before?.rows ?? 0) + rows, first });
    const likely = (lines ?? []).slice(0, MOST_HEADERS);
    tally.headers.push(...likely.map((line, i) => ({ line, text: (texts ?? [])[i] })));
  }
}

/** Holds a piece's rows against the columns that have one text. @throws CandlebookError `conflicting_files` */
export async function holdConstants(
  lake: Lake,
  where: string,
  piece: Piece,
  { form, constants }: Recognition,
): Promise<void> {
  const other = constants.map(({ place, text }) => `trim(cells[${place + 1}], ' "') <> ${literal(text)}`);
  const header = Math.max(0, form.headerLine + 1 - piece.firstLine);
  const found = await lake.rows<{ line: number; text: string }>(
    `SELECT line::DOUBLE AS line, l AS text
     FROM (SELECT l, row_number() OVER () - 1 AS line, string_split(l, ${literal(form.delimiter)}) AS cells
       FROM ${linesSql(piece.path)})
     WHERE line >= ${header} AND len(cells) = ${form.fields} AND (${other.join(" OR ")}) ORDER BY line LIMIT 1`,
  );
  const rows = found.map(({ line, text }) => ({
    line: piece.firstLine + line,
    text,
    cells: cellsOf(text, form.delimiter),
  }));
  refuseOtherPairs(where, constants, rows);
}

const SHAPES: Partial<Record<RejectReason, string>> = {
  high_low_inconsistent: "low ≤ open, close ≤ high",
  off_grid: "open times are whole minutes",
};

/**
 * Holds a text's rows, when all are read, against the form that its first lines were recognised by.
 * @throws CandlebookError `second_header`, `mixed_intervals`, `interval_conflict`, `other_interval`, `misread_columns`
 */
export function judgeText(known: KnownOfText, recognition: Recognition, tally: Tally): void {
  const { where, stated, fetched } = known;
  const second = tally.headers.find(({ text }) => isOtherHeader(text, recognition));
  if (second !== undefined) throw secondHeader(where, second);
  if (fetched) return;
  if (recognition.constants.length > 0 && !tally.constantsHeld) {
    throw inputError(
      "no_symbol",
      `${where}: its columns of the pair can't be read here as they are spelled.`,
      "Read the file without --engine spark.",
    );
  }
  checkInterval(
    where,
    recognition.interval.statements,
    sumSteps(tally.steps.values()),
    recognition.interval.closes,
  );
  if (stated.acceptRejects) return;
  refuseOtherDates(where, recognition, tally);
  refuseWithoutCandles(where, recognition, tally);
  for (const reason of REJECT_REASONS) {
    const [rule, broken] = [SHAPES[reason], tally.rejected.get(reason)];
    // One broken row is a broken row, however short the file.
    if (rule === undefined || broken === undefined || broken.rows < 2) continue;
    if (broken.rows > tally.rows * MOST_BROKEN)
      throw misreadColumns(where, broken.first, ofRows(broken.rows, tally.rows), rule);
  }
}

const EXPECTED: Record<RejectReason, [expected: string, next: string]> = {
  wrong_columns: [
    "as many cells as the other lines have",
    "Name the columns: --columns time,open,high,low,close,volume.",
  ],
  unknown_symbol: [
    "the pair that was stated, or a trading pair",
    "State the pair that the column names, or none.",
  ],
  bad_time: [
    "a time from 2009 to tomorrow: an epoch number whose digits are all there (1.70925E+12 has lost them), or a date with a time of day and a zone",
    "Export the times whole; --zone, --date-order and --columns state how they are written.",
  ],
  off_grid: ["an open time on a whole minute", "Take the 1-minute file of the same market."],
  unreadable_number: [
    "prices, a volume and a count of trades in digits",
    "State the decimal mark, --decimal . or --decimal , or the columns: --columns.",
  ],
  non_positive_price: ["prices above 0", "Name the columns: --columns time,open,high,low,close,volume."],
  negative_volume: ["a volume of at least 0", "Name the column of base volume: --volume COLUMN."],
  high_low_inconsistent: [
    "low ≤ open, close ≤ high",
    "Name the columns: --columns time,open,high,low,close,volume.",
  ],
};

/** @throws CandlebookError `no_valid_rows` where the text has rows, and none is a candle */
function refuseWithoutCandles(where: string, { form }: Recognition, { rows, rejected }: Tally): void {
  const most = [...rejected].sort(([, a], [, b]) => b.rows - a.rows || a.first.line - b.first.line)[0];
  const all = [...rejected.values()].reduce((sum, one) => sum + one.rows, 0);
  if (most === undefined || all < rows) return;
  const [reason, { first, rows: count }] = most;
  const cells = reason === "wrong_columns" ? `${form.fields} cells` : EXPECTED[reason][0];
  throw inputError(
    "no_valid_rows",
    `${where}: none of its ${rows} rows is a candle; ${reason} in ${count}, such as ${lineText(first)}. Expected: ${cells}.`,
    EXPECTED[reason][1],
  );
}

/** The first rows can be of a day that is a month too. @throws CandlebookError `ambiguous_date` */
function refuseOtherDates(where: string, { form }: Recognition, { rejected }: Tally): void {
  const bad = rejected.get("bad_time");
  if (form.times.kind !== "text" || form.times.order !== "ymd" || bad === undefined || bad.rows < 2) return;
  const { line, text } = bad.first;
  const cell = cellsOf(text, form.delimiter)[form.columns.time] ?? "";
  if (isDayBeforeMonth(cell))
    throw yearFirst(`${where}${line === null ? "" : `, line ${line}`}`, cell, false);
}

/** A header inside the file that puts columns elsewhere; one that repeats the first is a rejected row. */
function isOtherHeader(line: string, { form, market }: Recognition): boolean {
  const own = form.header === null ? null : readHeader(cellsOf(form.header, form.delimiter), market);
  const cells = cellsOf(line, form.delimiter);
  const found = readHeader(cells, market);
  if (found.missing.length > 0) return false;
  return JSON.stringify([found.places, found.volumes]) !== JSON.stringify([own?.places, own?.volumes]);
}

function lineText({ line, text }: Line): string {
  return `line ${line}: "${shortened(text)}"`;
}

function secondHeader(where: string, { line, text }: Line): CandlebookError {
  return inputError(
    "second_header",
    `${where}, ${lineText({ line, text })} is a second header, with other columns than the file began with.`,
    "Give the rows below it a file of their own.",
  );
}
