import { REJECT_REASONS, type RejectReason } from "../candle/validity.ts";
import type { CandlebookError } from "../core/errors.ts";
import { inputError } from "../core/errors.ts";
import { type Dialect, duckdbDialect } from "../lake/dialect.ts";
import type { Lake } from "../lake/session.ts";
import { cellsOf } from "../recognition/cells.ts";
import { MOST_BROKEN, ofRows } from "../recognition/evidence.ts";
import { readHeader } from "../recognition/header.ts";
import { checkInterval } from "../recognition/interval.ts";
import type { KnownOfText } from "../recognition/known.ts";
import { shortened } from "../recognition/layout.ts";
import { refuseOtherTexts } from "../recognition/market.ts";
import { misreadColumns } from "../recognition/priceOrder.ts";
import type { Recognition } from "../recognition/recognize.ts";
import { type Steps, sumSteps } from "../recognition/steps.ts";
import { isDayBeforeMonth, noTimeZone, timeCell, yearFirst } from "../recognition/timeForm.ts";
import { hasZone, isPlainDate, rewritten } from "../recognition/times.ts";
import type { EpochMs } from "../time/epoch.ts";
import { linesSql } from "./parseSql.ts";
import type { Piece } from "./pieces.ts";
import type { ReadPiece } from "./readPiece.ts";
import { judgeStretches, type Line, type RowsBetween, type Stretch, stretchesOf } from "./stretches.ts";

/** Rejected rows of one reason. */
interface Rejected {
  rows: number;
  first: Line;
  /** How many of them have prices that are numbers. */
  priced: number;
  /** The earliest of their times that lies in the future. */
  future: number | null;
}

/** What the rows of a whole text say of its form. */
export interface Tally {
  rows: number;
  rejected: Map<RejectReason, Rejected>;
  /** By piece. */
  steps: Map<number, Steps>;
  /** Rejected lines that may be a header, each text once. */
  headers: Line[];
  /** Rejected for their time, which may want a zone. */
  zoneless: { rows: number; first: Line }[];
  /** Rows that have another text in a column that has one. */
  others: Line[];
  /** What some of the lines say, in any order. */
  stretches: Stretch[];
}

export function newTally(): Tally {
  return {
    ...{ rows: 0, rejected: new Map(), steps: new Map() },
    ...{ headers: [], zoneless: [], others: [], stretches: [] },
  };
}

/**
 * Regular expressions that RE2 and Java read the same way. Of lines that may be a header: what may be a letter, and no
 * number of four digits. RE2 needs milliseconds to prepare the class of all letters, for each piece.
 */
export const HEADER_PATTERNS = { has: "[A-Za-z]|[^\\x00-\\x7F]", hasNot: "[0-9]{4}" };
export const MOST_HEADERS = 1000;
/** A time of day with no zone behind it. */
export const ZONELESS = '(^|[^0-9])[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?[AaPp][Mm])?"? *([,;|\t]|$)';

/** Adds to a tally the rejected rows of one reason. */
export function addRejected(tally: Tally, reason: RejectReason, found: Rejected): void {
  const before = tally.rejected.get(reason);
  const first = before !== undefined && before.first.line < found.first.line ? before.first : found.first;
  const [rows, priced] = [(before?.rows ?? 0) + found.rows, (before?.priced ?? 0) + found.priced];
  const futures = [before?.future ?? null, found.future].filter((future) => future !== null);
  const future = futures.length === 0 ? null : Math.min(...futures);
  tally.rejected.set(reason, { rows, first, priced, future });
}

/** A piece's rejects of one reason; the first that lacks a zone counts where there is one. */
interface FoundRejects extends Line {
  reason: RejectReason;
  rows: number;
  priced: number;
  future: number | null;
  zoneless: number;
  zonelessLine: number;
  zonelessText: string;
  /** How many may be a header. */
  headers: number;
}

/** Adds what a piece says. Its tables are still there. */
export async function tallyPiece(
  lake: Lake,
  tally: Tally,
  piece: Piece,
  { read, recognition, latest }: { read: ReadPiece; recognition: Recognition; latest: EpochMs },
): Promise<void> {
  tally.steps.set(piece.index, read.steps);
  tally.rows += read.groups.reduce((sum, { rows }) => sum + rows, read.rejects?.rows ?? 0);
  tally.stretches.push(...(await stretchesOf(piece, recognition)));
  if (recognition.constants.length > 0) tally.others.push(...(await othersIn(lake, piece, recognition)));
  if (read.rejects === null) return;
  const { table } = read.rejects;
  const matches = (pattern: string) => `regexp_matches(raw, ${duckdbDialect.text(pattern)})`;
  const mayBeHeader = `CASE WHEN ${matches(HEADER_PATTERNS.hasNot)} THEN false ELSE ${matches(HEADER_PATTERNS.has)} END`;
  // Each pattern once, and the one that searches the whole line only where the other leaves a line.
  const found = await lake.rows<FoundRejects>(
    `SELECT reason, count(*)::DOUBLE AS rows, min(line)::DOUBLE AS line, arg_min(raw, line) AS text,
       count_if(priced)::DOUBLE AS priced, (min(ms) FILTER (ms > ${latest}))::DOUBLE AS future,
       count_if(zoneless)::DOUBLE AS zoneless,
       (min(line) FILTER (zoneless))::DOUBLE AS "zonelessLine", arg_min(raw, line) FILTER (zoneless) AS "zonelessText",
       count_if(header)::DOUBLE AS headers
     FROM (SELECT *, CASE WHEN reason = 'bad_time' THEN ${matches(ZONELESS)} ELSE false END AS zoneless,
         ${mayBeHeader} AS header FROM ${table}) GROUP BY reason`,
  );
  for (const { reason, rows, line, text, priced, future, zoneless, zonelessLine, zonelessText } of found) {
    addRejected(tally, reason, { rows, priced, future, first: { line, text } });
    if (zoneless > 0)
      tally.zoneless.push({ rows: zoneless, first: { line: zonelessLine, text: zonelessText } });
  }
  if (found.every(({ headers }) => headers === 0)) return;
  tally.headers.push(
    ...(await lake.rows<Line>(
      `SELECT min(line)::DOUBLE AS line, raw AS text FROM ${table} WHERE ${mayBeHeader}
       GROUP BY raw ORDER BY line LIMIT ${MOST_HEADERS}`,
    )),
  );
}

/**
 * SQL for whether the cells of a line `l`, a list, are as many as the form has, and one has another text than its column
 * has. A repeated header is no row.
 * @param isKnown SQL for whether a cell has a text of its column, by the column's place in `constants`
 */
export function otherTextSql(
  list: string,
  { form, constants }: Pick<Recognition, "form" | "constants">,
  dialect: Dialect,
  isKnown = (cell: string, i: number) => `${cell} IN (${constants[i].texts.map(dialect.text).join(", ")})`,
): string {
  const { count, item, replaceAll, text, trim } = dialect;
  const others = constants.map(({ place }, i) => {
    const cell = `lower(${trim(replaceAll(item(list, place), '"', ""))})`;
    return `NOT ${isKnown(cell, i)}`;
  });
  const isRow = form.header === null ? "true" : `l <> ${text(form.header)}`;
  return `${isRow} AND ${count(list)} = ${form.fields} AND (${others.join(" OR ")})`;
}

async function othersIn(lake: Lake, piece: Piece, recognition: Recognition): Promise<Line[]> {
  const { delimiter, headerLine } = recognition.form;
  const found = await lake.rows<Line>(
    `SELECT line::DOUBLE AS line, l AS text
     FROM (SELECT l, row_number() OVER () - 1 AS line, ${duckdbDialect.split("l", delimiter)} AS cells
       FROM ${linesSql(piece.path)})
     WHERE line > ${headerLine - piece.firstLine} AND ${otherTextSql("cells", recognition, duckdbDialect)}
     ORDER BY line LIMIT 1`,
  );
  return found.map(({ line, text }) => ({ line: piece.firstLine + line, text }));
}

const SHAPES: Partial<Record<RejectReason, string>> = {
  high_low_inconsistent: "low ≤ open, close ≤ high",
  off_grid: "open times are on the grid of their interval",
};

/**
 * Holds a text's rows, when all are read, against the form that its first lines were recognised by.
 * @throws CandlebookError `second_header`, `mixed_intervals`, `interval_conflict`, `other_interval`, `conflicting_files`,
 *   `ambiguous_date`, `no_time_zone`, `no_valid_rows`, `misread_columns`, and what `judgeStretches` throws
 */
export async function judgeText(
  known: KnownOfText,
  recognition: Recognition,
  tally: Tally,
  rowsBetween: RowsBetween,
): Promise<void> {
  const { where, stated, fetched } = known;
  const second = tally.headers.toSorted(byLine).find(({ text }) => isOtherHeader(text, recognition));
  if (second !== undefined) throw secondHeader(where, second);
  if (fetched) return;
  const others = tally.others.map((row) => ({
    ...row,
    cells: cellsOf(row.text, recognition.form.delimiter),
  }));
  refuseOtherTexts(where, recognition.constants, others.toSorted(byLine));
  judgeInterval(where, recognition, tally);
  if (!stated.acceptRejects) judgeRejects(where, recognition, tally);
  await judgeStretches(known, recognition, tally.stretches, rowsBetween);
}

/** @throws CandlebookError what `checkInterval` throws; `other_interval` where all rows show another than the first ones */
function judgeInterval(where: string, { form, interval }: Recognition, { steps }: Tally): void {
  const found = checkInterval(where, interval.statements, sumSteps(steps.values()), interval.closes);
  if (found.interval === form.interval) return;
  throw inputError(
    "other_interval",
    `${where} holds candles of ${found.interval} (${found.evidence.map(({ by }) => by).join("; ")}), which its first rows do not show.`,
    `State their length: --interval ${found.interval}; or, if these are minutes with gaps between them: --interval 1m.`,
  );
}

const byLine = (a: Line, b: Line) => a.line - b.line;

/** Some torn lines are rows to reject; more, and of one kind, are rows of another form. */
const [FEW_TORN, MOST_TORN] = [5, 0.05];

function judgeRejects(where: string, recognition: Recognition, tally: Tally): void {
  refuseOtherDates(where, recognition, tally);
  refuseWithoutZone(where, recognition, tally);
  refuseWithoutCandles(where, recognition, tally);
  const { form } = recognition;
  const torn = tally.rejected.get("wrong_columns");
  if (torn !== undefined && torn.rows >= FEW_TORN && torn.rows > tally.rows * MOST_TORN)
    throw misreadColumns(where, torn.first, ofRows(torn.rows, tally.rows), `${form.fields} cells in a line`);
  const unread = tally.rejected.get("unreadable_number");
  // Without a header, columns that hold no numbers where the prices do are not those of a volume and a count.
  if (form.header === null && unread !== undefined && isMisread(unread.priced, tally)) {
    const rule = "a volume and a whole count of trades behind the prices";
    throw misreadColumns(where, unread.first, ofRows(unread.priced, tally.rows), rule);
  }
  for (const reason of REJECT_REASONS) {
    const [rule, broken] = [SHAPES[reason], tally.rejected.get(reason)];
    if (rule !== undefined && broken !== undefined && isMisread(broken.rows, tally))
      throw misreadColumns(where, broken.first, ofRows(broken.rows, tally.rows), rule);
  }
}

/** One broken row is a broken row, however short the file. */
function isMisread(broken: number, { rows }: Tally): boolean {
  return broken >= 2 && broken > rows * MOST_BROKEN;
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
  off_grid: [
    "an open time on the UTC grid of the interval: a whole minute, a whole hour, midnight",
    "State the zone of the times, --zone, or the interval, --interval.",
  ],
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
  if (isDayBeforeMonth(cell)) throw yearFirst(`${where}, line ${line}`, cell, false);
}

/** Times without a zone in a part of a file whose other times carry one. @throws CandlebookError `no_time_zone` */
function refuseWithoutZone(where: string, { form }: Recognition, tally: Tally): void {
  const { columns, decimal, delimiter, times } = form;
  const found = tally.zoneless.toSorted((a, b) => a.first.line - b.first.line);
  const rows = found.reduce((sum, one) => sum + one.rows, 0);
  if (times.offset !== null || !isMisread(rows, tally)) return;
  const [{ first }] = found;
  const cell = timeCell(cellsOf(first.text, delimiter), columns.time, columns.timeOfDay, decimal);
  const date = rewritten(cell, times.rewrites);
  if (isPlainDate(date) && !hasZone(date)) throw noTimeZone(where, first, cell);
}

/** A header inside the file that puts columns elsewhere; one that repeats the first is a rejected row. */
function isOtherHeader(line: string, { form, market }: Recognition): boolean {
  const columnsOf = (header: string) => {
    const names = cellsOf(header, form.delimiter).map((name) => name.replace(/^[^\p{L}]+/u, ""));
    const { places, volumes, takers, missing } = readHeader(names, market);
    return { missing, columns: JSON.stringify([places, volumes, takers]) };
  };
  const found = columnsOf(line);
  if (found.missing.length > 0) return false;
  return form.header === null || found.columns !== columnsOf(form.header).columns;
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
