import { rm, writeFile } from "node:fs/promises";
import { AMOUNT_FIELDS, AMOUNTS } from "../candle/candle.ts";
import { REJECT_REASONS, type RejectReason } from "../candle/validity.ts";
import { failure } from "../core/errors.ts";
import { unknownAmounts } from "../lake/formerColumns.ts";
import { type Lake, literal } from "../lake/session.ts";
import type { FileForm } from "../recognition/form.ts";
import { addRun, type Steps } from "../recognition/steps.ts";
import { DAY_MS, type EpochUnit, epochUnit } from "../time/epoch.ts";
import { intervalMs } from "../time/interval.ts";
import { linesSql, type ParseOptions, PRICED, parseSql, REASON_NAME, UNITS, VALID } from "./parseSql.ts";
import { linesAt, type Piece } from "./pieces.ts";
import { countedMs, FORGET_REFUSED, REFUSED, typedSql } from "./typedSql.ts";
import { type Break, yearsOfRows } from "./yearsOfRows.ts";

/** The candles of one symbol and year. */
export interface Group {
  symbol: string;
  year: number;
  rows: number;
  first: number;
  last: number;
  /** How the times are written, a bit for each of `UNITS`: at least those of this group, at most those of its piece. */
  units: number;
  /** Whether the candles' open times are strictly ascending, in the order of the lines, where that is known. */
  ascending?: boolean;
}

/** A piece that was read; its tables exist until the next one's. */
export interface ReadPiece {
  groups: Group[];
  /** A table expression (FROM clause): `symbol ms` and `MINUTE_FIGURES`, in the order of the lines. */
  candles: string;
  /** Null where no line is rejected; the table has `line symbol reason raw priced ms`, in the order of the lines. */
  rejects: { rows: number; table: string } | null;
  /** Between the open times of neighbouring rows of one symbol. */
  steps: Steps;
}

const TIMELESS: readonly RejectReason[] = ["wrong_columns", "unknown_symbol", "bad_time"];
const REJECTED = `reason BETWEEN 1 AND ${REJECT_REASONS.length}`;
/** Codes of rows whose time is read: candles, and those that break another rule. */
export const TIMED = [
  VALID,
  ...REJECT_REASONS.flatMap((reason, i) => (TIMELESS.includes(reason) ? [] : [i + 1])),
].join(", ");
const REJECT = `symbol, ${REASON_NAME} AS reason, raw, ${PRICED} AS priced, ms`;

/** Reads a piece line by line: the way that reads every form and finds what is wrong with every line. */
export async function readByLine(
  lake: Lake,
  name: string,
  piece: Piece,
  options: ParseOptions,
): Promise<ReadPiece> {
  const { form } = options;
  checkLines(name, piece, await createTable(lake, "piece", parseSql(linesSql(piece.path), options)));
  const headers = headerLines(piece, form);
  if (headers > 0) await lake.run(`DELETE FROM piece WHERE rowid < ${headers}`);
  const timed = `(SELECT symbol, ms FROM piece WHERE reason IN (${TIMED}) AND ms IS NOT NULL)`;
  return {
    groups: await lake.rows<Group>(GROUPS),
    steps: await stepsOf(lake, timed, form),
    candles: `(SELECT * FROM piece WHERE reason = ${VALID})`,
    rejects: await keepRejects(lake, `rowid + ${piece.firstLine}`, "piece"),
  };
}

/** @returns how many rows the table has */
async function createTable(lake: Lake, name: string, sql: string): Promise<number> {
  const [{ Count }] = await lake.rows<{ Count: bigint }>(`CREATE OR REPLACE TEMP TABLE ${name} AS ${sql}`);
  return Number(Count);
}

/** Makes the piece's rejects a table: several statements read them. */
async function keepRejects(lake: Lake, line: string, from: string): Promise<ReadPiece["rejects"]> {
  const table = "piece_rejects";
  const rejects = `SELECT ${line} AS line, ${REJECT} FROM ${from} WHERE ${REJECTED} ORDER BY rowid`;
  const rows = await createTable(lake, table, rejects);
  return rows === 0 ? null : { rows, table };
}

const GROUPS = `SELECT symbol, year(make_timestamp(ms * 1000))::INTEGER AS year, count(*)::DOUBLE AS rows,
    bit_or(unit)::INTEGER AS units, min(ms)::DOUBLE AS first, max(ms)::DOUBLE AS last
  FROM piece WHERE reason = ${VALID} GROUP BY ALL ORDER BY ALL`;

/** Steps other than the usual one that are looked at one by one; in a sparse piece with more, these show what it has. */
const MOST_STEPS = 50_000;

/**
 * Counts the steps between the open times of neighbouring rows.
 * @param rows a table expression in the order of the lines: `symbol`, `ms`
 */
async function stepsOf(lake: Lake, rows: string, form: FileForm): Promise<Steps> {
  const own = form.columns.symbol !== null ? "(PARTITION BY symbol)" : "()";
  const usual = usualStep(form);
  const odd = `abs(step) <> ${usual} AND step <> 0`;
  const [{ count, ends, steps }] = await lake.rows<{
    count: number;
    ends: number[] | null;
    steps: number[] | null;
  }>(
    `SELECT count(*)::DOUBLE AS count, list(ms::DOUBLE) FILTER (${odd}) AS ends,
       list(step::DOUBLE) FILTER (${odd}) AS steps
     FROM (SELECT ms, ms - lag(ms) OVER ${own} AS step FROM ${rows})`,
  );
  return stepsAround(
    (ends ?? []).map((at, i) => ({ at, step: (steps ?? [])[i] })),
    { rows: count, usual },
  );
}

/** The step between most rows of a piece, milliseconds; of months it is that of four in twelve. */
function usualStep({ interval }: FileForm): number {
  return intervalMs(interval) ?? 30 * DAY_MS;
}

/** A piece's steps from those that are not the usual one, by the open time that each ends at; between two are usual ones. */
function stepsAround(
  odd: readonly { at: number; step: number }[],
  { rows, usual }: { rows: number; usual: number },
): Steps {
  const steps = new Map<number, { count: number; run: number }>();
  let [last, step, run] = [Number.NaN, 0, 0];
  let left = rows - 1 - odd.length;
  for (const one of odd.slice(0, MOST_STEPS)) {
    const next = one.at - one.step === last && one.step === step;
    if (!next) addRun(steps, Math.abs(step), run);
    const between = Math.min(Math.abs(one.at - one.step - last) / usual || 0, left);
    addRun(steps, usual, between);
    left -= between;
    [last, step, run] = [one.at, one.step, next ? run + 1 : 1];
  }
  addRun(steps, Math.abs(step), run);
  addRun(steps, usual, Math.max(0, left));
  return steps;
}

/** How many of a piece's lines are the header or before it. */
function headerLines(piece: Piece, form: FileForm): number {
  return Math.max(0, form.headerLine + 1 - piece.firstLine);
}

/** Our count of lines against the engine's: a line that it joined, split or dropped would not be counted at all. */
function checkLines(name: string, piece: Piece, rows: number): void {
  if (rows === piece.lines) return;
  throw failure(
    "lines_lost",
    `${name}: from line ${piece.firstLine} on, ${piece.lines} lines were handed to the engine, which read ${rows}.`,
    "Nothing of this file was taken. Please report this as a bug, with the file's form.",
  );
}

/** With more doubtful lines in a piece than this, the way line by line is the shorter one. */
const MOST_DOUBTFUL = 2_000;

/**
 * Reads a piece by its columns, in two thirds of the time, and line by line what is left: every line whose candle is
 * not beyond doubt. What stays is what `readByLine` makes of the piece.
 * @returns null where the piece is to be read line by line: its times are no numbers of one unit or two, its symbols are
 *   in a column, its lines were mended, or too many are doubtful
 */
export async function readByColumn(
  lake: Lake,
  piece: Piece,
  options: ParseOptions & { symbol: string },
): Promise<ReadPiece | null> {
  const { form, latest } = options;
  const { places, lines } = piece;
  const { times, decimal, columns } = form;
  if (times.kind !== "epoch" || columns.timeOfDay !== null || decimal !== null) return null;
  if (!places.plain || columns.symbol !== null || places.doubtful.length > MOST_DOUBTFUL) return null;
  const headers = headerLines(piece, form);
  const units = await unitsOf(piece, form, headers);
  if (units === null) return null;
  await lake.run(FORGET_REFUSED);
  const rows = await createTable(
    lake,
    "piece",
    typedSql(piece, form, units, { latest, most: MOST_DOUBTFUL + 1 }),
  );
  const refused = await numbers(lake, `SELECT line - 1 AS n FROM ${REFUSED}`);
  if (rows + refused.length !== lines) return null;
  const unsure = await numbers(
    lake,
    `SELECT rowid AS n FROM piece WHERE m IS NULL LIMIT ${MOST_DOUBTFUL + 1}`,
  );
  const place = placesOfLines(refused);
  const isUnsure = new Set(unsure.map((row) => place.lineOf(row)));
  const doubtful = [...new Set([...refused, ...isUnsure, ...places.doubtful])]
    .filter((line) => line >= headers)
    .sort((a, b) => a - b);
  if (doubtful.length > MOST_DOUBTFUL) return null;
  const valid = await judgeDoubtful(lake, piece, doubtful, options);
  const isRefused = new Set(refused);
  if (valid.some((line) => isRefused.has(line) || isUnsure.has(line))) return null;
  const isValid = new Set(valid);
  const wrong = doubtful.filter((line) => !isRefused.has(line) && !isUnsure.has(line) && !isValid.has(line));
  for (let line = 0; line < headers; line += 1) if (!isRefused.has(line)) wrong.push(line);
  if (wrong.length > 0) {
    await lake.run(`UPDATE piece SET m = NULL WHERE rowid IN (${wrong.map(place.rowOf).join(", ")})`);
  }
  return resultOf(lake, piece, { doubtful, units }, options);
}

const LINES_TO_TELL_FROM = 64;

/** The units of most of a piece's first times and of most of its last ones, that of the smaller numbers first. */
async function unitsOf(piece: Piece, form: FileForm, headers: number): Promise<EpochUnit[] | null> {
  const { lines } = piece;
  const stretch = (from: number, to: number) =>
    linesAt(
      piece,
      Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i),
    );
  const first = await stretch(headers, Math.min(lines, headers + LINES_TO_TELL_FROM));
  const last = await stretch(Math.max(headers, lines - LINES_TO_TELL_FROM), lines);
  const [unit, other] = [first, last].map((lines) => {
    const found = lines.map((line) => unitOfText(line.split(form.delimiter)[form.columns.time] ?? ""));
    const often = (wanted: EpochUnit | null) => found.filter((one) => one?.unit === wanted?.unit).length;
    return found.reduce((most, one) => (often(one) > often(most) ? one : most), found[0] ?? null);
  });
  return unit && other && [...new Set([unit, other])].sort((a, b) => a.below - b.below);
}

/** The unit of a time; null where the text is no plain number. */
function unitOfText(time: string): EpochUnit | null {
  return /^\d{1,20}(\.\d+)?$/.test(time) ? epochUnit(Number(time)) : null;
}

/** The numbers `n` of a statement, each once, ascending: in a fraction of the engine's time for a few of them. */
async function numbers(lake: Lake, sql: string): Promise<number[]> {
  const rows = await lake.rows<{ n: bigint }>(sql);
  return [...new Set(rows.map(({ n }) => Number(n)))].sort((a, b) => a - b);
}

/** A piece's lines and the rows that the reader made of those that it took, both counted from 0. */
function placesOfLines(refused: readonly number[]) {
  const before = (line: number) => {
    let [low, high] = [0, refused.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (refused[middle] < line) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    rowOf: (line: number) => line - before(line),
    lineOf: (row: number) => {
      let line = row;
      for (let skipped = before(line + 1); line !== row + skipped; skipped = before(line + 1)) {
        line = row + skipped;
      }
      return line;
    },
  };
}

/** Fills the table `doubtful` with some lines as read, and returns which of them are candles. */
async function judgeDoubtful(
  lake: Lake,
  piece: Piece,
  doubtful: readonly number[],
  options: ParseOptions,
): Promise<number[]> {
  if (doubtful.length === 0) return [];
  const path = `${piece.path}.doubtful`;
  try {
    await writeFile(path, (await linesAt(piece, doubtful)).map((line) => `${line}\n`).join(""));
    await lake.run(`CREATE OR REPLACE TEMP TABLE doubtful AS ${parseSql(linesSql(path), options)}`);
  } finally {
    await rm(path, { force: true });
  }
  const valid = await numbers(lake, `SELECT rowid AS n FROM doubtful WHERE reason = ${VALID}`);
  return valid.map((row) => doubtful[row]);
}

async function resultOf(
  lake: Lake,
  piece: Piece,
  { doubtful, units }: { doubtful: readonly number[]; units: readonly EpochUnit[] },
  { form, symbol }: ParseOptions & { symbol: string },
): Promise<ReadPiece> {
  const lacking = AMOUNT_FIELDS.filter((amount) => form.columns[amount] === null);
  const none = lacking.map((amount) => `, ${unknownAmounts([AMOUNTS[amount]])}`).join("");
  const trades = form.columns.trades === null ? ", NULL::BIGINT AS trades" : "";
  const counted = countedMs(form);
  const usual = usualStep(form);
  const [{ rows }] = await lake.rows<{ rows: number }>("SELECT count(m)::DOUBLE AS rows FROM piece");
  const breaks = await lake.rows<Break>(
    `SELECT (m * ${counted})::DOUBLE AS at, (step * ${counted})::DOUBLE AS step
     FROM (SELECT m, m - lag(m) OVER () AS step FROM piece WHERE m IS NOT NULL)
     WHERE step IS DISTINCT FROM ${usual / counted}`,
  );
  const odd = breaks.flatMap(({ at, step }) => (step === null ? [] : [{ at, step }]));
  const mixed = new Set(odd.flatMap(({ at, step }) => (step <= 0 ? [new Date(at).getUTCFullYear()] : [])));
  const steps = odd.filter(({ step }) => Math.abs(step) !== usual && step !== 0);
  const groups = yearsOfRows(breaks, rows, usual).map((group) => ({
    ...group,
    // Of years that mix, the row before may be another year's: what goes back is known, what doesn't is not.
    ...(mixed.size === 0 || mixed.has(group.year) ? { ascending: mixed.size === 0 } : {}),
    symbol,
    units: units.reduce((bits, { unit }) => bits | (1 << UNITS.indexOf(unit)), 0),
  }));
  // As a text: the engine reads a list of literals item by item.
  const line = `('[${doubtful.join(", ")}]'::BIGINT[])[rowid + 1] + ${piece.firstLine}`;
  return {
    groups,
    steps: stepsAround(steps, { rows, usual }),
    candles: `(SELECT * EXCLUDE (m), ${literal(symbol)} AS symbol, m * ${counted} AS ms${none}${trades}
      FROM piece WHERE m IS NOT NULL)`,
    rejects: doubtful.length === 0 ? null : await keepRejects(lake, line, "doubtful"),
  };
}
