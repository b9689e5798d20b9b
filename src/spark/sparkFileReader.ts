import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { countGroup, type FileReader, type FileReading, knownOf, newFacts } from "../batch/importFile.ts";
import { judgeText, newTally, type Tally } from "../batch/judge.ts";
import { BLANK, parseSql, REASON_NAME, VALID } from "../batch/parseSql.ts";
import { type Group, TIMED } from "../batch/readPiece.ts";
import type { ImportPart } from "../batch/report.ts";
import { firstLinesOf, openRaw, type RawText } from "../batch/texts.ts";
import { REJECT_REASONS } from "../candle/validity.ts";
import { failure } from "../core/errors.ts";
import { sha256OfFile } from "../core/files.ts";
import { sealPart } from "../lake/publish.ts";
import type { FileForm } from "../recognition/form.ts";
import { recognize } from "../recognition/recognize.ts";
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
    return { facts: { ...facts, sha256, container, passedOver }, parts };
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
  const { file, latest, facts } = reading;
  const head = await firstLinesOf(text);
  const known = knownOf(file, text);
  const recognition = recognize(known, head, facts.evidence.length === 0 ? facts.evidence : []);
  const { form, symbol } = recognition;
  facts.header ??= form.header;
  facts.delimiter ||= form.delimiter;
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
    judgeText(known, recognition, await tallyOf(session, view, rest));
    for (const group of rest) countGroup(facts, group);
    const valid = rest.filter(({ reason }) => reason === VALID);
    const parsed = { session, reading, view, name };
    if (valid.length > 0) await writeValid(parsed, valid);
    const rejected = rest.filter(({ reason }) => reason !== VALID).reduce((sum, { rows }) => sum + rows, 0);
    if (rejected > 0) await writeRejects(parsed, text.name, rejected);
  } finally {
    await session.run(`UNCACHE TABLE IF EXISTS ${view}`).catch(() => {});
  }
}

/** Marks the lines of the header; in other lines the character is replaced. */
const MARK = "char(31)";

/** `text` is the first of the group's rejected lines, and `line_id` its position. */
type SparkGroup = Group & { is_head: boolean; text: string; line_id: bigint };

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
async function tallyOf(session: SparkSession, view: string, groups: readonly SparkGroup[]): Promise<Tally> {
  const tally = newTally();
  tally.steps.set(0, await stepsOf(session, view));
  tally.rows = groups.reduce((sum, { rows }) => sum + rows, 0);
  const rejected = groups.filter(({ reason }) => reason !== VALID);
  if (rejected.length === 0) return tally;
  const headers = await session.rows<{ line_id: bigint; raw: string }>(
    `SELECT line_id, raw FROM ${view} WHERE ${REJECTED} AND NOT ${IS_HEAD} AND raw RLIKE '^\\\\s*"?\\\\p{L}'
       AND NOT raw RLIKE '[0-9]{4}' ORDER BY line_id LIMIT 100`,
  );
  const lineOf = await lineNumbers(
    session,
    view,
    [...rejected, ...headers].map(({ line_id }) => line_id),
  );
  tally.headers.push(...headers.map(({ line_id, raw }) => ({ line: lineOf(line_id), text: raw })));
  for (const { reason, rows, text, line_id } of rejected) {
    const name = REJECT_REASONS[reason - 1];
    const before = tally.rejected.get(name);
    const first = { line: lineOf(line_id), text };
    const earlier = before !== undefined && before.first.line < first.line ? before.first : first;
    tally.rejected.set(name, { rows: (before?.rows ?? 0) + rows, first: earlier });
  }
  return tally;
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
      min(ms) FILTER (WHERE ms > ${latest}) AS future, min_by(raw, line_id) AS text, min(line_id) AS line_id
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
  const sql = `SELECT symbol, timestamp_millis(ms) AS open_time, open, high, low, close, volume, trades,
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
