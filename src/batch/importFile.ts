import { mkdir, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { AMOUNT_COLUMNS, AMOUNTS } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { runLimited } from "../core/limited.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import { duckdbDialect } from "../lake/dialect.ts";
import type { LakePool } from "../lake/pool.ts";
import { sealPart } from "../lake/publish.ts";
import { type Lake, literal } from "../lake/session.ts";
import type { Evidence } from "../recognition/evidence.ts";
import { amountsOf } from "../recognition/form.ts";
import type { KnownOfText } from "../recognition/known.ts";
import { type Recognition, recognize } from "../recognition/recognize.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { Interval } from "../time/interval.ts";
import type { RawFile } from "./files.ts";
import { judgeText, newTally, type Tally, tallyPiece } from "./judge.ts";
import { MINUTES_FORMAT, oneOf } from "./layout.ts";
import { UNITS } from "./parseSql.ts";
import { cutPieces, firstLines, type Piece } from "./pieces.ts";
import { type Group, type ReadPiece, readByColumn, readByLine } from "./readPiece.ts";
import type { FileFacts, ImportPart } from "./report.ts";
import { openRaw, type RawText } from "./texts.ts";

export interface Imported {
  facts: FileFacts;
  parts: ImportPart[];
}

/** One raw file to be read. */
export interface FileReading {
  file: RawFile;
  /** Goes into every row's `file_id`. */
  id: number;
  /** The last open time that can be true. */
  latest: EpochMs;
  /** Empty; where the Parquet parts are written: `<SYMBOL>/year=YYYY/…`, `rejects/…`. */
  folder: string;
  /** Where the text's pieces lie while they are read. */
  spill: string;
}

/** Reads raw files into parts (see `importFile`): the outcome of each, in their order. */
export type FilesReader = (readings: readonly FileReading[]) => Promise<PromiseSettledResult<Imported>[]>;

interface Reading extends FileReading {
  facts: GrowingFacts;
  parts: ImportPart[];
  /** Pieces in a row that could not be read by column. */
  misses: number;
}

type WrittenPart = Omit<ImportPart, "bytes" | "sha256">;

/** After so many misses a file's other pieces are read line by line at once. */
const MOST_MISSES = 2;

/**
 * Reads one raw file into Parquet parts by symbol and year, and its rejects, each line once.
 * @throws CandlebookError where the file as a whole can't be read: `unknown_form`, `no_symbol`, `broken_archive` …
 */
export async function importFile(pool: LakePool, wanted: FileReading): Promise<Imported> {
  const opened = await openRaw(wanted.file.absolute, wanted.file.name);
  const reading: Reading = { ...wanted, facts: newFacts(), parts: [], misses: 0 };
  for (const [index, text] of opened.texts.entries()) await importText(pool, reading, text, index);
  reading.parts.sort((a, b) => (a.path < b.path ? -1 : 1));
  const sha256 = await opened.sha256();
  return {
    facts: finished(reading.facts, { sha256, container: opened.container, passedOver: opened.passedOver }),
    parts: reading.parts,
  };
}

/** The facts of a file while it is read: its interval is null until a text is recognised. */
export type GrowingFacts = Omit<FileFacts, "sha256" | "container" | "passedOver" | "interval"> & {
  interval: Interval | null;
};

/** The facts of a file of which nothing was read yet. */
export function newFacts(): GrowingFacts {
  return {
    header: null,
    delimiter: "",
    units: [],
    interval: null,
    rows: { in: 0, valid: 0, rejected: 0 },
    reasons: {},
    symbols: {},
    amounts: [],
    evidence: [],
    firstFuture: null,
  };
}

/** The facts of a file that was read to its end. */
export function finished(
  facts: GrowingFacts,
  more: Pick<FileFacts, "sha256" | "container" | "passedOver">,
): FileFacts {
  return { ...facts, ...more, interval: facts.interval ?? "1m" };
}

/** Adds what a text was recognised as. @throws CandlebookError `mixed_intervals` where a text before it has another length */
export function countForm(where: string, facts: GrowingFacts, { form }: Recognition): void {
  facts.header ??= form.header;
  facts.delimiter ||= form.delimiter;
  if (facts.interval !== null && facts.interval !== form.interval) {
    throw inputError(
      "mixed_intervals",
      `${where} holds candles of ${form.interval}, the texts before it of ${facts.interval}.`,
      "Give each length a file of its own.",
    );
  }
  facts.interval = form.interval;
}

async function importText(pool: LakePool, reading: Reading, text: RawText, textIndex: number): Promise<void> {
  const pieceFolder = join(reading.spill, String(textIndex));
  await mkdir(pieceFolder, { recursive: true });
  const known = knownOf(reading.file, text);
  const tally = newTally();
  let recognition: Recognition | null = null;
  try {
    const pieces = withForm(
      known,
      cutPieces(known.where, text.chunks(), pieceFolder),
      reading.facts.evidence,
    );
    await runLimited(pieces, pool.size, async ({ piece, recognition: found }) => {
      recognition = found;
      const place = { text, textIndex, piece, recognition: found, tally };
      const written = await pool.use((lake) => importPiece(lake, reading, place));
      await rm(piece.path);
      for (const part of written) {
        reading.parts.push({ ...part, ...(await sealPart(reading.folder, part.path)) });
      }
    });
  } finally {
    await rm(pieceFolder, { recursive: true, force: true });
  }
  const instantOf = (at: number) => duckdbDialect.instantOf(String(at));
  const start = `/${pad(reading.id, 4)}-${pad(textIndex, 3)}-`;
  const pathsOf = (symbol: string) =>
    reading.parts
      .filter(({ path }) => path.startsWith(`${symbol}/`) && path.includes(start))
      .map(({ path }) => literal(join(reading.folder, path)));
  await judgeText(known, recognition ?? recognize(known, []), tally, (symbol, from, to) =>
    pool.use((lake) =>
      lake.rows(
        `SELECT epoch_ms(open_time)::DOUBLE AS at, low, high FROM read_parquet([${pathsOf(symbol).join(", ")}])
         WHERE open_time BETWEEN ${instantOf(from)} AND ${instantOf(to)} ORDER BY open_time, low, high`,
      ),
    ),
  );
  countTally(reading.facts, tally);
}

/** What is known of a text before it is read. */
export function knownOf(
  { given, absolute, name, symbol, reading, origin }: RawFile,
  text: RawText,
): KnownOfText {
  const entry = text.name.slice(name.length);
  // As they are on the disk, whatever the folder from which the file was named.
  const folders = [...text.folders, ...dirname(absolute).split(sep).toReversed()];
  const fetched = origin === "backfill";
  return { where: given + entry, names: text.names, folders, symbol, stated: reading, fetched };
}

async function* withForm(
  known: KnownOfText,
  pieces: AsyncGenerator<Piece>,
  evidence: Evidence[],
): AsyncGenerator<{ piece: Piece; recognition: Recognition }> {
  let recognition: Recognition | null = null;
  for await (const piece of pieces) {
    // Of a zip of several texts, the first one's evidence is kept.
    recognition ??= recognize(known, await firstLines(piece.path), evidence.length === 0 ? evidence : []);
    yield { piece, recognition };
  }
}

interface PieceOfText {
  text: RawText;
  textIndex: number;
  piece: Piece;
  recognition: Recognition;
  tally: Tally;
}

async function importPiece(lake: Lake, reading: Reading, place: PieceOfText): Promise<WrittenPart[]> {
  const { text, textIndex, piece, recognition, tally } = place;
  const { facts } = reading;
  countForm(text.name, facts, recognition);
  const read = await readPiece(lake, reading, place);
  const name = `${pad(reading.id, 4)}-${pad(textIndex, 3)}-${pad(piece.index, 4)}.parquet`;
  const piecePart = { lake, reading, read, name };
  const written: WrittenPart[] = [];
  for (const group of read.groups) {
    const { part, low, high } = await writeGroup(piecePart, group);
    countGroup(facts, { ...group, low, high }, recognition);
    written.push(part);
  }
  await tallyPiece(lake, tally, piece, { read, recognition, latest: reading.latest });
  if (read.rejects !== null) written.push(await writeRejects(piecePart, text.name, read.rejects));
  await lake.run("DROP TABLE piece");
  return written;
}

async function readPiece(
  lake: Lake,
  reading: Reading,
  { text, piece, recognition: { form, symbol } }: PieceOfText,
): Promise<ReadPiece> {
  const { latest } = reading;
  if (symbol !== null && reading.misses < MOST_MISSES) {
    const read = await readByColumn(lake, piece, { form, symbol, latest });
    reading.misses = read === null ? reading.misses + 1 : 0;
    if (read !== null) return read;
  }
  return readByLine(lake, text.name, piece, { form, symbol, latest });
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** A group with the lowest and the highest price of its candles. */
export interface PricedGroup extends Group {
  low: number;
  high: number;
}

/** Adds a text's rejected rows, and the volumes of its symbols, to its file's facts; its candles are counted before. */
export function countTally(facts: GrowingFacts, { rejected, stretches }: Tally): void {
  for (const [reason, { rows, future }] of rejected) {
    facts.rows.in += rows;
    facts.rows.rejected += rows;
    facts.reasons[reason] = (facts.reasons[reason] ?? 0) + rows;
    if (reason === "bad_time" && future !== null) {
      facts.firstFuture = Math.min(facts.firstFuture ?? future, future);
    }
  }
  for (const { symbol, volume } of stretches) {
    const found = facts.symbols[symbol];
    if (volume === null || found === undefined) continue;
    const [least, most] = found.volumes ?? [volume, volume];
    found.volumes = [Math.min(least, volume), Math.max(most, volume)];
  }
}

/** Adds a group of candles to a file's facts. */
export function countGroup(facts: GrowingFacts, group: PricedGroup, { form, venue }: Recognition): void {
  facts.rows.in += group.rows;
  facts.rows.valid += group.rows;
  const amounts = [...facts.amounts, ...amountsOf(form).map((amount) => AMOUNTS[amount])];
  facts.amounts = AMOUNT_COLUMNS.filter((column) => amounts.includes(column));
  facts.units = UNITS.filter((unit, bit) => facts.units.includes(unit) || (group.units & (1 << bit)) !== 0);
  const { symbol, first, last, low, high } = group;
  const before = facts.symbols[symbol] ?? { rows: 0, first, last, low, high, venues: [] };
  facts.symbols[symbol] = {
    ...before,
    venues: [...new Set([...before.venues, ...(venue === null ? [] : [venue])])],
    rows: before.rows + group.rows,
    first: Math.min(before.first, first),
    last: Math.max(before.last, last),
    low: Math.min(before.low ?? low, low),
    high: Math.max(before.high ?? high, high),
  };
}

/** Maps, as the engine returns them: the names and values of a column's statistics, by the quoted name of the column. */
type Statistics = { key: string; value: { key: string; value: string }[] }[];

/** What is written of a piece that was read. */
interface PiecePart {
  lake: Lake;
  reading: Reading;
  read: ReadPiece;
  /** Of each file. */
  name: string;
}

async function writeGroup(
  part: PiecePart,
  group: Group,
): Promise<{ part: WrittenPart; low: number; high: number }> {
  const { lake, reading, read, name } = part;
  const { year } = group;
  const [from, to] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
  const symbol = literal(group.symbol);
  const alone = read.groups.length === 1;
  const own = `FROM ${read.candles}${alone ? "" : ` WHERE symbol = ${symbol} AND ms >= ${from} AND ms < ${to}`}`;
  const ascending = group.ascending ?? (await isAscending(lake, own));
  const sql = `SELECT ${oneOf(symbol, [group.symbol])} AS symbol, make_timestamptz(ms * 1000) AS open_time,
      ${MINUTE_FIGURES},
      ${oneOf(`'${reading.file.origin}'`, [reading.file.origin])} AS origin, ${reading.id}::INTEGER AS file_id
    ${own}`;
  const span: ImportPart["span"] = ascending ? [group.first, group.last] : null;
  const path = `${group.symbol}/year=${year}/${name}`;
  const ranges = await writeRows(part, sql, path);
  const [low, high] = [ranges.get("low")?.min, ranges.get("high")?.max].map(Number);
  return { part: { path, rows: group.rows, span }, low, high };
}

async function isAscending(lake: Lake, own: string): Promise<boolean> {
  const [{ ascending }] = await lake.rows<{ ascending: boolean }>(
    `SELECT coalesce(bool_and(ms > before), true) AS ascending FROM (SELECT ms, lag(ms) OVER () AS before ${own})`,
  );
  return ascending;
}

async function writeRejects(
  part: PiecePart,
  file: string,
  { rows, table }: NonNullable<ReadPiece["rejects"]>,
): Promise<WrittenPart> {
  const sql = `SELECT symbol, ${literal(file)} AS file, line::BIGINT AS line, reason, raw FROM ${table}`;
  const path = `rejects/${part.name}`;
  await writeRows(part, sql, path);
  return { path, rows, span: null };
}

/** @returns the least and the greatest value of each column, as texts, from the writer's own statistics */
async function writeRows(
  { lake, reading }: PiecePart,
  sql: string,
  path: string,
): Promise<Map<string, { min?: string; max?: string }>> {
  const absolute = join(reading.folder, path);
  await mkdir(dirname(absolute), { recursive: true });
  const [{ column_statistics: columns }] = await lake.rows<{ column_statistics: Statistics }>(
    `COPY (${sql}) TO ${literal(absolute)} (${MINUTES_FORMAT}, RETURN_STATS)`,
  );
  return new Map(
    columns.map(({ key, value }) => [
      key.replaceAll('"', ""),
      Object.fromEntries(value.map((one) => [one.key, one.value])),
    ]),
  );
}
