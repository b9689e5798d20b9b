import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  countForm,
  countGroup,
  countRejects,
  type FileReader,
  type FileReading,
  finished,
  knownOf,
  newFacts,
  type PricedGroup,
} from "../batch/importFile.ts";
import {
  addRejected,
  HEADER_PATTERNS,
  judgeText,
  MOST_HEADERS,
  newTally,
  otherTextSql,
  type Tally,
  ZONELESS,
} from "../batch/judge.ts";
import { BLANK, PRICED, parseSql, REASON_NAME, VALID } from "../batch/parseSql.ts";
import { cutPieces } from "../batch/pieces.ts";
import { type Group, TIMED } from "../batch/readPiece.ts";
import type { ImportPart } from "../batch/report.ts";
import { type RowsBetween, stretchesOf } from "../batch/stretches.ts";
import { firstLinesOf, openRaw, type RawText } from "../batch/texts.ts";
import { REJECT_REASONS } from "../candle/validity.ts";
import { failure } from "../core/errors.ts";
import { sha256OfFile } from "../core/files.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import { sealPart } from "../lake/publish.ts";
import type { FileForm } from "../recognition/form.ts";
import type { PriceRange } from "../recognition/neighbours.ts";
import { type Recognition, recognize } from "../recognition/recognize.ts";
import type { Steps } from "../recognition/steps.ts";
import type { EpochMs } from "../time/epoch.ts";
import { partsIn } from "./partFiles.ts";
import { sparkDialect, sparkText } from "./sparkDialect.ts";
import { textList } from "./sparkEngine.ts";
import type { SparkSession } from "./sparkSession.ts";

const REJECTED = `reason BETWEEN 1 AND ${REJECT_REASONS.length}`;

/**
 * Reads raw files on Spark, each split among its cores. The same rows and rejects as the embedded engine's, except
 * for the rejects' line numbers: a split does not know how many lines precede it, so they are null. A zip or a gzip,
 * which can't be split, is unpacked first.
 */
export function sparkFileReader(session: SparkSession): FileReader {
  return async (wanted) => {
    const { file, spill } = wanted;
    const opened = await openRaw(file.absolute, file.name);
    const reading: Reading = { ...wanted, facts: newFacts(), parts: [] };
    await mkdir(spill, { recursive: true });
    for (const [index, text] of opened.texts.entries()) {
      const plain = opened.container === "plain";
      const path = plain ? file.absolute : join(spill, `text-${index}.csv`);
      if (!plain) await pipeline(text.chunks(), createWriteStream(path));
      const name = `${String(wanted.id).padStart(4, "0")}-${String(index).padStart(3, "0")}`;
      await readText(session, reading, text, { path, name });
    }
    const { facts, parts } = reading;
    parts.sort((a, b) => (a.path < b.path ? -1 : 1));
    // Not while it is read, as in the embedded engine: Spark reads it by itself.
    const sha256 = await sha256OfFile(file.absolute);
    const { container, passedOver } = opened;
    return { facts: finished(facts, { sha256, container, passedOver }), parts };
  };
}

interface Reading extends FileReading {
  facts: ReturnType<typeof newFacts>;
  parts: ImportPart[];
}

/** A text that Spark has parsed. */
interface ParsedText {
  session: SparkSession;
  reading: Reading;
  view: string;
  /** Of each part. */
  name: string;
}

async function readText(
  session: SparkSession,
  reading: Reading,
  text: RawText,
  { path, name }: { path: string; name: string },
): Promise<void> {
  const { file, latest, facts, spill } = reading;
  const head = await firstLinesOf(text);
  const known = knownOf(file, text);
  const recognition = recognize(known, head, facts.evidence.length === 0 ? facts.evidence : []);
  const { form, symbol } = recognition;
  countForm(text.name, facts, recognition);
  const view = `piece_${name.replaceAll("-", "_")}`;
  await session.view(`${view}_text`, { read: { data_source: { format: "text", paths: [path] } } });
  const lines = `(${linesSql(`${view}_text`, head.slice(0, form.headerLine))})`;
  const options = { form, symbol, latest, dialect: sparkDialect, order: "line_id" };
  await session.view(view, parseSql(lines, options));
  await session.run(`CACHE LAZY TABLE ${view}`);
  try {
    const groups = await session.rows<SparkGroup>(groupsSql(view, latest));
    checkHead(text.name, form, groups);
    const rest = groups.filter(({ is_head }) => !is_head);
    const tally = await tallyOf(session, { view, lines, recognition }, rest);
    for await (const piece of cutPieces(text.name, createReadStream(path), spill)) {
      tally.stretches.push(...(await stretchesOf(piece, recognition)));
      await rm(piece.path);
    }
    await judgeText(known, recognition, tally, rowsBetween(session, view));
    countRejects(facts, tally);
    const valid = rest.filter(({ reason }) => reason === VALID);
    for (const group of valid) countGroup(facts, group, recognition);
    const parsed = { session, reading, view, name };
    if (valid.length > 0) await writeValid(parsed, valid);
    const rejected = [...tally.rejected.values()].reduce((sum, { rows }) => sum + rows, 0);
    if (rejected > 0) await writeRejects(parsed, text.name, rejected);
  } finally {
    await session.run(`UNCACHE TABLE IF EXISTS ${view}`).catch(() => {});
  }
}

/** Marks the lines of the header; in other lines the character is replaced. */
const MARK = "char(31)";

/** `text` is the first of the group's rejected lines, and `line_id` its position. */
/** Candles, or rejected lines of one reason, whose year and prices are not used. */
type SparkGroup = PricedGroup & {
  reason: number;
  is_head: boolean;
  priced: number;
  future: number | null;
  text: string;
  line_id: bigint;
};

/**
 * Spark's lines as our `LineNormalizer` returns them: valid UTF-8, no NUL or unit separator, long ones truncated. The
 * first lines of the file, which have the smallest ids, are marked if they are the header or before it.
 */
function linesSql(text: string, head: readonly string[]): string {
  const cut = `concat(make_valid_utf8(CAST(substring(CAST(value AS BINARY), 1, 1024) AS STRING)),
    '… (', octet_length(value), ' bytes)')`;
  const lines = `SELECT monotonically_increasing_id() AS line_id,
      translate(CASE WHEN octet_length(value) > 65536 THEN ${cut} ELSE make_valid_utf8(value) END,
        concat(char(0), ${MARK}), '\\uFFFD\\uFFFD') AS l
    FROM ${text}`;
  if (head.length === 0) return lines;
  const isHead = `line_id < ${head.length} AND l IN ${textList(head)}`;
  return `SELECT line_id, CASE WHEN ${isHead} THEN concat(${MARK}, l) ELSE l END AS l FROM (${lines})`;
}

/** A marked line is never a candle: its first field is not a time. */
const IS_HEAD = `coalesce(startswith(raw, ${MARK}), false)`;

/** The counts about the form, as `tallyPiece` computes them for the embedded engine. */
async function tallyOf(
  session: SparkSession,
  { view, lines, recognition }: { view: string; lines: string; recognition: Recognition },
  groups: readonly SparkGroup[],
): Promise<Tally> {
  const tally = newTally();
  tally.steps.set(0, await stepsOf(session, view));
  tally.rows = groups.reduce((sum, { rows }) => sum + rows, 0);
  const others = recognition.constants.length === 0 ? [] : await othersIn(session, lines, recognition);
  const rejected = groups.filter(({ reason }) => reason !== VALID);
  const matches = (pattern: string) => `raw RLIKE ${sparkText(pattern)}`;
  const isRejected = `FROM ${view} WHERE ${REJECTED} AND NOT ${IS_HEAD}`;
  const { has, hasNot } = HEADER_PATTERNS;
  const bare = rejected.length === 0 ? "" : `${isRejected} AND ${matches(has)} AND NOT ${matches(hasNot)}`;
  const headers = await rowsOf(
    session,
    bare &&
      `SELECT min(line_id) AS line_id, raw AS text ${bare} GROUP BY raw ORDER BY line_id LIMIT ${MOST_HEADERS}`,
  );
  const badTimes = rejected.some(({ reason }) => REJECT_REASONS[reason - 1] === "bad_time");
  const zoneless = await rowsOf(
    session,
    badTimes
      ? `SELECT count(*) AS rows, min(line_id) AS line_id, min_by(raw, line_id) AS text ${isRejected}
         AND ${REASON_NAME} = 'bad_time' AND ${matches(ZONELESS)} HAVING count(*) > 0`
      : "",
  );
  const ids = [...rejected, ...headers, ...others, ...zoneless].map(({ line_id }) => line_id);
  const lineOf = ids.length === 0 ? () => 0 : await lineNumbers(session, view, ids);
  const placed = ({ line_id, text }: FoundLine) => ({ line: lineOf(line_id), text });
  tally.headers.push(...headers.map(placed));
  tally.others.push(...others.map(placed));
  tally.zoneless.push(...zoneless.map((one) => ({ rows: Number(one.rows), first: placed(one) })));
  for (const group of rejected) {
    const { reason, rows, priced, future } = group;
    const found = { rows, priced: Number(priced), future: future && Number(future), first: placed(group) };
    addRejected(tally, REJECT_REASONS[reason - 1], found);
  }
  return tally;
}

type FoundLine = { line_id: bigint; text: string; rows?: number };

async function rowsOf(session: SparkSession, sql: string): Promise<FoundLine[]> {
  return sql === "" ? [] : session.rows<FoundLine>(sql);
}

/** The first line that has another text in a column that has one. */
function othersIn(session: SparkSession, lines: string, recognition: Recognition): Promise<FoundLine[]> {
  const cells = sparkDialect.split("l", recognition.form.delimiter);
  return session.rows(
    `SELECT line_id, l AS text FROM (SELECT line_id, l, ${cells} AS cells FROM ${lines})
     WHERE NOT startswith(l, ${MARK}) AND ${otherTextSql("cells", recognition, sparkDialect)}
     ORDER BY line_id LIMIT 1`,
  );
}

function rowsBetween(session: SparkSession, view: string): RowsBetween {
  return async (symbol, from, to) => {
    const rows = await session.rows<PriceRange & { at: number | bigint }>(
      `SELECT ms AS at, low, high FROM ${view}
       WHERE reason = ${VALID} AND symbol = ${sparkText(symbol)} AND ms BETWEEN ${from} AND ${to}
       ORDER BY ms, low, high`,
    );
    return rows.map(({ at, low, high }) => ({ at: Number(at), low, high }));
  };
}

/** The numbers of some lines, from 1: how many lines have no greater id. */
async function lineNumbers(session: SparkSession, view: string, ids: readonly bigint[]) {
  const counts = ids.map((id, i) => `count_if(line_id <= ${id}) AS n${i}`);
  const [found] = await session.rows<Record<string, number>>(`SELECT ${counts.join(", ")} FROM ${view}`);
  const numbers = new Map(ids.map((id, i) => [id, Number(found[`n${i}`])]));
  return (id: bigint) => numbers.get(id) as number;
}

/** Steps between the open times of neighbouring rows of one symbol, within each split. */
async function stepsOf(session: SparkSession, view: string): Promise<Steps> {
  const inOrder = "OVER (PARTITION BY split, symbol ORDER BY line_id)";
  const found = await session.rows<{ length: number; count: number; run: number }>(
    `WITH timed AS (
       SELECT shiftright(line_id, 33) AS split, symbol, line_id, ms FROM ${view}
       WHERE reason IN (${TIMED}) AND ms IS NOT NULL AND NOT ${IS_HEAD}
     ), stepped AS (
       SELECT split, symbol, line_id, ms - lag(ms) ${inOrder} AS step FROM timed
     ), islands AS (
       SELECT split, symbol, abs(step) AS length,
         sum(CASE WHEN abs(step) = abs(before) THEN 0 ELSE 1 END) ${inOrder} AS island
       FROM (SELECT *, lag(step) ${inOrder} AS before FROM stepped) WHERE step <> 0
     ), runs AS (SELECT length, count(*) AS run FROM islands GROUP BY split, symbol, island, length)
     SELECT length, sum(run) AS count, max(run) AS run FROM runs GROUP BY length`,
  );
  return new Map(
    found.map(({ length, count, run }) => [Number(length), { count: Number(count), run: Number(run) }]),
  );
}

function groupsSql(view: string, latest: EpochMs): string {
  return `SELECT ${IS_HEAD} AS is_head, reason, symbol,
      CASE WHEN reason = ${VALID} THEN year(timestamp_millis(ms)) END AS year,
      count(*) AS rows, min(low) AS low, max(high) AS high, bit_or(unit) AS units, min(ms) AS first, max(ms) AS last,
      min(ms) FILTER (WHERE ms > ${latest}) AS future, count_if(${PRICED}) AS priced, min_by(raw, line_id) AS text, min(line_id) AS line_id
    FROM ${view} WHERE reason <> ${BLANK} GROUP BY ALL ORDER BY ALL`;
}

/** Checks that the lines read as the header, and those before it, were the file's first. */
function checkHead(
  name: string,
  { headerLine }: FileForm,
  groups: readonly (Group & { is_head: boolean })[],
): void {
  const found = groups.filter(({ is_head }) => is_head).reduce((sum, { rows }) => sum + rows, 0);
  if (found === headerLine) return;
  throw failure(
    "lines_lost",
    `${name}: Spark returns ${found} of the header's ${headerLine} lines first.`,
    "No row of this file was used. Please report this as a bug, with Spark's version and the file's form.",
  );
}

async function writeValid(
  { session, reading, view, name }: ParsedText,
  groups: readonly Group[],
): Promise<void> {
  const { file, id, spill } = reading;
  const staging = join(spill, `${name}-valid`);
  const sql = `SELECT symbol, timestamp_millis(ms) AS open_time, ${MINUTE_FIGURES},
      ${sparkText(file.origin)} AS origin, ${id} AS file_id, symbol AS part_symbol,
      year(timestamp_millis(ms)) AS part_year
    FROM ${view} WHERE reason = ${VALID} DISTRIBUTE BY part_symbol, part_year SORT BY part_symbol, part_year, ms`;
  const partitionBy = ["part_symbol", "part_year"];
  await session.write(sql, { path: staging, format: "parquet", compression: "zstd", partitionBy });
  for (const { symbol, year, rows } of groups) {
    const from = join(staging, `part_symbol=${symbol}`, `part_year=${year}`);
    await takePart(reading, from, `${symbol}/year=${year}/${name}-0000.parquet`, rows);
  }
  await rm(staging, { recursive: true, force: true });
}

async function writeRejects(
  { session, reading, view, name }: ParsedText,
  file: string,
  rows: number,
): Promise<void> {
  const staging = join(reading.spill, `${name}-rejects`);
  const sql = `SELECT /*+ COALESCE(1) */ symbol, ${sparkText(file)} AS file, NULL::BIGINT AS line,
      ${REASON_NAME} AS reason, raw
    FROM ${view} WHERE ${REJECTED} AND NOT ${IS_HEAD}`;
  await session.write(sql, { path: staging, format: "parquet", compression: "zstd" });
  await takePart(reading, staging, `rejects/${name}-0000.parquet`, rows);
  await rm(staging, { recursive: true, force: true });
}

async function takePart({ folder, parts }: Reading, from: string, path: string, rows: number): Promise<void> {
  const files = await partsIn(from);
  if (files.length !== 1) {
    throw failure(
      "lines_lost",
      `Spark wrote ${path} as ${files.length} files where one was expected.`,
      "No row of this file was used. Please report this as a bug, with Spark's version.",
    );
  }
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await rename(files[0], target);
  // No span: the embedded engine's fast path for sorted parts is not used for these.
  parts.push({ ...(await sealPart(folder, path)), rows, span: null });
}
