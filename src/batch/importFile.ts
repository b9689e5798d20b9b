import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { REJECT_REASONS, type RejectReason } from "../candle/validity.ts";
import { failure } from "../core/errors.ts";
import { type Lake, literal } from "../lake/session.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { RawFile } from "./files.ts";
import { detectForm, type FileForm, noSymbol, symbolInNames } from "./form.ts";
import { MINUTES_FORMAT, oneOf } from "./layout.ts";
import { BLANK, linesSql, parseSql, REASON_NAME, UNITS, VALID } from "./parseSql.ts";
import { cutPieces, firstLines, type Piece } from "./pieces.ts";
import { type LakePool, runLimited } from "./pool.ts";
import type { FileFacts, ImportPart } from "./report.ts";
import { openRaw, type RawText } from "./texts.ts";

export interface Imported {
  facts: FileFacts;
  parts: ImportPart[];
}

/** Reads one raw file into parts (see `importFile`). */
export type FileReader = (
  file: RawFile,
  id: number,
  latest: EpochMs,
  folder: string,
  spill: string,
) => Promise<Imported>;

interface Reading {
  file: RawFile;
  id: number;
  latest: EpochMs;
  /** Where the Parquet parts go: `<SYMBOL>/year=YYYY/…`, `rejects/…`. */
  folder: string;
  facts: Omit<FileFacts, "sha256" | "container">;
  parts: ImportPart[];
}

/** Lines of one fate: of a reason, or the candles of one symbol and year. */
export interface Group {
  reason: number;
  symbol: string | null;
  year: number | null;
  rows: number;
  first: number | null;
  last: number | null;
  /** The earliest time that lies in the future. */
  future: number | null;
  units: number;
}

/**
 * Reads one raw file into Parquet parts by symbol and year, and its rejects, each line once.
 * @param id goes into every row's `file_id`
 * @param latest the last open time that can be true
 * @param folder empty; the parts' place
 * @param spill where the text's pieces lie while they are read
 * @throws CandlebookError where the file as a whole can't be read: `unknown_form`, `no_symbol`, `broken_archive` …
 */
export async function importFile(
  pool: LakePool,
  file: RawFile,
  id: number,
  latest: EpochMs,
  folder: string,
  spill: string,
): Promise<Imported> {
  const opened = await openRaw(file.absolute, file.name);
  const facts = newFacts();
  const reading: Reading = { file, id, latest, folder, facts, parts: [] };
  for (const [index, text] of opened.texts.entries()) await importText(pool, reading, text, index, spill);
  reading.parts.sort((a, b) => (a.path < b.path ? -1 : 1));
  const sha256 = await opened.sha256();
  return { facts: { ...reading.facts, sha256, container: opened.container }, parts: reading.parts };
}

/** The facts of a file of which nothing was read yet. */
export function newFacts(): Omit<FileFacts, "sha256" | "container"> {
  return {
    header: null,
    delimiter: "",
    units: [],
    rows: { in: 0, valid: 0, rejected: 0 },
    reasons: {},
    symbols: {},
    firstFuture: null,
  };
}

async function importText(
  pool: LakePool,
  reading: Reading,
  text: RawText,
  textIndex: number,
  spill: string,
): Promise<void> {
  const pieceFolder = join(spill, String(textIndex));
  await mkdir(pieceFolder, { recursive: true });
  let form: FileForm | null = null;
  try {
    const pieces = withForm(text, cutPieces(text.name, text.chunks(), pieceFolder));
    await runLimited(pieces, pool.size + 1, async ({ piece, form: found }) => {
      form = found;
      await pool.use((lake) => importPiece(lake, reading, text, textIndex, piece, found));
      await rm(piece.path);
    });
  } finally {
    await rm(pieceFolder, { recursive: true, force: true });
  }
  if (form === null) detectForm(text.name, []);
}

async function* withForm(
  text: RawText,
  pieces: AsyncGenerator<Piece>,
): AsyncGenerator<{ piece: Piece; form: FileForm }> {
  let form: FileForm | null = null;
  for await (const piece of pieces) {
    form ??= detectForm(text.name, await firstLines(piece.path));
    yield { piece, form };
  }
}

async function importPiece(
  lake: Lake,
  reading: Reading,
  text: RawText,
  textIndex: number,
  piece: Piece,
  form: FileForm,
): Promise<void> {
  const { file, facts, latest } = reading;
  const symbol = file.symbol ?? (form.columns.symbol === null ? symbolInNames(text.names) : null);
  if (symbol === null && form.columns.symbol === null) throw noSymbol(file.name, file.path, form.header);
  facts.header ??= form.header;
  facts.delimiter ||= form.delimiter;
  await lake.run(
    `CREATE OR REPLACE TEMP TABLE piece AS ${parseSql(linesSql(piece.path), form, symbol, latest)}`,
  );
  await checkLines(lake, text.name, piece);
  const headerLines = Math.max(0, form.headerLine + 1 - piece.firstLine);
  if (headerLines > 0) await lake.run(`DELETE FROM piece WHERE rowid < ${headerLines}`);
  const groups = await lake.rows<Group>(`
    SELECT reason::INTEGER AS reason, symbol,
      CASE WHEN reason = ${VALID} THEN year(make_timestamp(ms * 1000))::INTEGER END AS year,
      count(*)::DOUBLE AS rows, bit_or(unit)::INTEGER AS units,
      min(ms)::DOUBLE AS first, max(ms)::DOUBLE AS last, (min(ms) FILTER (ms > ${latest}))::DOUBLE AS future
    FROM piece WHERE reason <> ${BLANK} GROUP BY ALL ORDER BY ALL`);
  const name = `${pad(reading.id, 4)}-${pad(textIndex, 3)}-${pad(piece.index, 4)}.parquet`;
  for (const group of groups) {
    countGroup(facts, group);
    if (group.reason === VALID) await writeGroup(lake, reading, group, name);
  }
  if (groups.some((group) => group.reason !== VALID)) await writeRejects(lake, reading, text, piece, name);
  await lake.run("DROP TABLE piece");
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** Our count of lines against the engine's: a line that it joined, split or dropped would not be counted at all. */
async function checkLines(lake: Lake, name: string, piece: Piece): Promise<void> {
  const [{ rows }] = await lake.rows<{ rows: number }>("SELECT count(*)::DOUBLE AS rows FROM piece");
  if (rows === piece.lines) return;
  throw failure(
    "lines_lost",
    `${name}: from line ${piece.firstLine} on, ${piece.lines} lines were handed to the engine, which read ${rows}.`,
    "Nothing of this file was taken. Please report this as a bug, with the file's form.",
  );
}

/** Adds a group to a file's facts. */
export function countGroup(facts: Reading["facts"], group: Group): void {
  facts.rows.in += group.rows;
  if (group.reason !== VALID) {
    const reason: RejectReason = REJECT_REASONS[group.reason - 1];
    facts.rows.rejected += group.rows;
    facts.reasons[reason] = (facts.reasons[reason] ?? 0) + group.rows;
    if (reason === "bad_time" && group.future !== null) {
      facts.firstFuture = Math.min(facts.firstFuture ?? group.future, group.future);
    }
    return;
  }
  facts.rows.valid += group.rows;
  facts.units = UNITS.filter((unit, bit) => facts.units.includes(unit) || (group.units & (1 << bit)) !== 0);
  const symbol = group.symbol as string;
  const [first, last] = [group.first as number, group.last as number];
  const before = facts.symbols[symbol] ?? { rows: 0, first, last };
  facts.symbols[symbol] = {
    rows: before.rows + group.rows,
    first: Math.min(before.first, first),
    last: Math.max(before.last, last),
  };
}

async function writeGroup(lake: Lake, reading: Reading, group: Group, name: string): Promise<void> {
  const year = group.year as number;
  const [from, to] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
  const symbol = literal(group.symbol as string);
  const own = `FROM piece WHERE reason = ${VALID} AND symbol = ${symbol} AND ms >= ${from} AND ms < ${to}`;
  const [{ ascending }] = await lake.rows<{ ascending: boolean }>(
    `SELECT coalesce(bool_and(ms > before), true) AS ascending FROM (SELECT ms, lag(ms) OVER () AS before ${own})`,
  );
  await writePart(
    lake,
    reading,
    `${group.symbol}/year=${year}/${name}`,
    `SELECT ${oneOf(symbol, [group.symbol as string])} AS symbol, make_timestamptz(ms * 1000) AS open_time,
      open, high, low, close, volume, trades,
      ${oneOf(`'${reading.file.origin}'`, [reading.file.origin])} AS origin, ${reading.id}::INTEGER AS file_id
    ${own}`,
    group.rows,
    ascending ? [group.first as number, group.last as number] : null,
  );
}

async function writeRejects(
  lake: Lake,
  reading: Reading,
  text: RawText,
  piece: Piece,
  name: string,
): Promise<void> {
  const [{ rows }] = await lake.rows<{ rows: number }>(
    `SELECT count(*)::DOUBLE AS rows FROM piece WHERE reason BETWEEN 1 AND ${REJECT_REASONS.length}`,
  );
  await writePart(
    lake,
    reading,
    `rejects/${name}`,
    `SELECT symbol, ${literal(text.name)} AS file, (rowid + ${piece.firstLine})::BIGINT AS line,
      ${REASON_NAME} AS reason, raw
    FROM piece WHERE reason BETWEEN 1 AND ${REJECT_REASONS.length} ORDER BY rowid`,
    rows,
    null,
  );
}

async function writePart(
  lake: Lake,
  reading: Reading,
  path: string,
  sql: string,
  rows: number,
  span: ImportPart["span"],
): Promise<void> {
  const absolute = join(reading.folder, path);
  await mkdir(dirname(absolute), { recursive: true });
  await lake.run(`COPY (${sql}) TO ${literal(absolute)} (${MINUTES_FORMAT})`);
  reading.parts.push({ path, bytes: (await stat(absolute)).size, rows, span });
}
