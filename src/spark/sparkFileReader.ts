import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  countGroup,
  countTally,
  type FileReading,
  type FilesReader,
  finished,
  type Imported,
  type PricedGroup,
} from "../batch/importFile.ts";
import { addRejected, judgeText, newTally, type Tally } from "../batch/judge.ts";
import { VALID } from "../batch/parseSql.ts";
import type { ImportPart } from "../batch/report.ts";
import { REJECT_REASONS } from "../candle/validity.ts";
import { CandlebookError, failure } from "../core/errors.ts";
import { runLimited } from "../core/limited.ts";
import { sealPart } from "../lake/publish.ts";
import type { PriceRange } from "../recognition/neighbours.ts";
import {
  candlesSql,
  groupsSql,
  headersSql,
  headsSql,
  keptSql,
  othersSql,
  parsedSql,
  rangeSql,
  rejectsSql,
  rowsSql,
  stepsSql,
  TEXTS_SCHEMA,
  type TextsOfForm,
  zonelessSql,
} from "./formSql.ts";
import { lineNumbers, type SeenFile, type SeenText, seeFile } from "./rawTexts.ts";
import { folderSql } from "./sparkEngine.ts";
import type { SparkSession } from "./sparkSession.ts";

/** Files that are recognised side by side. */
const SEEN_TOGETHER = 4;

/**
 * Reads raw files on Spark: those of one form together, in as many jobs as for one, each file split among the cores. The
 * same rows and rejects as the embedded engine's, except for the rejects' line numbers: a split does not know how many
 * lines precede it, so they are null. A zip, which can't be split, is unpacked first.
 */
export function sparkFileReader(session: SparkSession): FilesReader {
  return async (readings) => {
    const errors = new Map<FileReading, unknown>();
    const files: ReadFile[] = [];
    await runLimited(readings, SEEN_TOGETHER, async (reading) => {
      try {
        files.push({ reading, seen: await seeFile(reading), parts: [] });
      } catch (error) {
        errors.set(reading, error);
      }
    });
    files.sort((a, b) => a.reading.id - b.reading.id);
    const texts = files
      .flatMap((file) => file.seen.texts.map((seen) => ({ file, seen })))
      .map((one, id) => ({ ...one, id, name: nameOf(one.file.seen, one.seen) }));
    for (const [i, own] of [...Map.groupBy(texts, formKey).values()].entries()) {
      const folder = join(readings[0].spill, `form-${i}`);
      await readForm(session, folder, own, errors);
      await rm(folder, { recursive: true, force: true });
    }
    const read = new Map(files.map((file) => [file.reading, file]));
    return readings.map((reading): PromiseSettledResult<Imported> => {
      const file = read.get(reading);
      if (file === undefined || errors.has(reading))
        return { status: "rejected", reason: errors.get(reading) };
      return { status: "fulfilled", value: importedOf(file) };
    });
  };
}

interface ReadFile {
  reading: FileReading;
  seen: SeenFile;
  parts: ImportPart[];
}

/** A text in its batch. */
interface BatchText {
  id: number;
  /** Of its parts. */
  name: string;
  file: ReadFile;
  seen: SeenText;
}

function nameOf({ id }: SeenFile, { index }: SeenText): string {
  return `${String(id).padStart(4, "0")}-${String(index).padStart(3, "0")}`;
}

/** Equal for texts that the same statements read. */
function formKey({ seen: { recognition } }: BatchText): string {
  const { form, symbol, constants } = recognition;
  return JSON.stringify([{ ...form, names: [] }, symbol !== null, constants.map(({ place }) => place)]);
}

/** @throws CandlebookError `lines_lost` where not every row that was counted was written */
function importedOf({ seen, parts }: ReadFile): Imported {
  const written = parts.reduce((sum, { rows }) => sum + rows, 0);
  if (written !== seen.facts.rows.in) {
    throw failure(
      "lines_lost",
      `${seen.file.given}: Spark wrote ${written} of its ${seen.facts.rows.in} rows.`,
      "Nothing was published. Please report this as a bug, with Spark's version.",
    );
  }
  parts.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { facts, sha256, container, passedOver } = seen;
  return { facts: finished(facts, { sha256, container, passedOver }), parts };
}

/** Reads the texts of one form; a file that is refused gets its error. */
async function readForm(
  session: SparkSession,
  folder: string,
  texts: readonly BatchText[],
  errors: Map<FileReading, unknown>,
): Promise<void> {
  const [{ file, seen }] = texts;
  const { form, symbol, constants } = seen.recognition;
  const shared: TextsOfForm = { form, named: symbol !== null, constants, latest: file.reading.latest };
  const lines = join(folder, "lines");
  const names = { texts: "form_texts", kept: "form_lines", heads: "form_heads", rows: "form_rows" };
  await mkdir(lines, { recursive: true });
  for (const text of texts) await symlink(text.seen.path, join(lines, linkOf(text)));
  await writeFile(
    join(folder, "texts.json"),
    texts.map((text) => `${JSON.stringify(rowOf(text))}\n`).join(""),
  );
  const table = { format: "json", schema: TEXTS_SCHEMA, paths: [join(folder, "texts.json")] };
  await session.view(names.texts, { read: { data_source: table } });
  await session.view(names.kept, keptSql(parsedSql(lines, names.texts, shared)));
  const cached = [names.kept, ...(form.headerLine > 0 ? [names.heads] : [])];
  await session.run(`CACHE LAZY TABLE ${names.kept}`);
  try {
    if (form.headerLine > 0) {
      await session.view(names.heads, headsSql(names.kept, form));
      await session.run(`CACHE LAZY TABLE ${names.heads}`);
    }
    await session.view(names.rows, rowsSql(names.kept, names.heads, form));
    await readRows(session, { folder, texts, shared, names }, errors);
  } finally {
    for (const name of cached) await session.run(`UNCACHE TABLE IF EXISTS ${name}`).catch(() => {});
  }
}

/** The texts of one form while they are read; the names are of Spark's views. */
interface FormReading {
  folder: string;
  texts: readonly BatchText[];
  shared: TextsOfForm;
  names: Record<"texts" | "rows", string>;
}

const linkOf = ({ id, seen: { gzip } }: BatchText): string => `${id}.csv${gzip ? ".gz" : ""}`;

/** As `TEXTS_SCHEMA` has it. */
function rowOf(text: BatchText): Record<string, unknown> {
  const { file, seen, id } = text;
  const { form, symbol, constants } = seen.recognition;
  return {
    ...{ file_name: linkOf(text), text_id: id, file_id: file.reading.id, origin: file.reading.file.origin },
    ...{ shown: seen.text.name, own_symbol: symbol, own_names: form.names, head: seen.head },
    own_texts: constants.map(({ texts }) => texts),
    direction: seen.descends ? -1 : 1,
  };
}

/** Candles, rejected lines of one reason (whose symbol and year are null), or lines of the header (reason null). */
type SparkGroup = PricedGroup & {
  text_id: number;
  is_head: boolean;
  reason: number | null;
  priced: number;
  future: number | null;
  text: string;
  line_id: number | bigint;
};

type FoundLine = { text_id: number; line_id: number | bigint; text: string; rows?: number };
type FoundStep = { text_id: number; length: number; count: number; run: number };

async function readRows(
  session: SparkSession,
  reading: FormReading,
  errors: Map<FileReading, unknown>,
): Promise<void> {
  const { texts, shared, names } = reading;
  const ofText = async <Row extends { text_id: number }>(sql: string): Promise<Map<number, Row[]>> =>
    Map.groupBy(await session.rows<Row>(sql), ({ text_id }) => text_id);
  const groups = await ofText<SparkGroup>(groupsSql(names.rows, shared.latest));
  const rejects = [...groups.values()].flat().filter(({ is_head, reason }) => !is_head && reason !== VALID);
  const isBadTime = ({ reason }: SparkGroup) => REJECT_REASONS[(reason as number) - 1] === "bad_time";
  const found = {
    groups,
    steps: await ofText<FoundStep>(stepsSql(names.rows, names.texts, shared.form)),
    headers: rejects.length === 0 ? new Map() : await ofText<FoundLine>(headersSql(names.rows)),
    zoneless: rejects.some(isBadTime) ? await ofText<FoundLine>(zonelessSql(names.rows)) : new Map(),
    others: shared.constants.length === 0 ? new Map() : await ofText<FoundLine>(othersSql(names.rows)),
  };
  for (const text of texts) {
    if (errors.has(text.file.reading)) continue;
    try {
      await judge(session, names.rows, text, found);
    } catch (error) {
      errors.set(text.file.reading, error);
    }
  }
  const taken = texts.filter(({ file }) => !errors.has(file.reading));
  if (taken.length === 0) return;
  const refused = texts.filter((text) => !taken.includes(text)).map(({ id }) => id);
  const without = refused.length === 0 ? "" : `AND text_id NOT IN (${refused.join(", ")})`;
  const counts = taken.map(({ file }) => file.seen.facts.rows);
  if (counts.some(({ valid }) => valid > 0)) await writeCandles(session, reading, without);
  if (counts.some(({ rejected }) => rejected > 0)) await writeRejects(session, reading, without);
}

interface FoundOfTexts {
  groups: Map<number, SparkGroup[]>;
  steps: Map<number, FoundStep[]>;
  headers: Map<number, FoundLine[]>;
  zoneless: Map<number, FoundLine[]>;
  others: Map<number, FoundLine[]>;
}

/** Adds what was found of a text to its file's facts. @throws CandlebookError where the text is refused */
async function judge(
  session: SparkSession,
  rows: string,
  { id, file, seen }: BatchText,
  found: FoundOfTexts,
): Promise<void> {
  const all = found.groups.get(id) ?? [];
  checkHead(seen, all);
  const groups = all.filter(({ is_head }) => !is_head);
  const tally = tallyOf(id, groups, found);
  tally.stretches.push(...seen.stretches);
  const rowsBetween = async (symbol: string, from: number, to: number) => {
    const range = rangeSql(rows, id, symbol, [from, to]);
    const between = await session.rows<PriceRange & { at: number | bigint }>(range);
    return between.map(({ at, low, high }) => ({ at: Number(at), low, high }));
  };
  try {
    await judgeText(seen.known, seen.recognition, tally, rowsBetween);
  } catch (error) {
    if (!(error instanceof CandlebookError)) throw error;
    // Until here a line's number was its place among all of Spark's: only what is refused is read again to count.
    await judgeText(seen.known, seen.recognition, await numbered(file.seen, seen, tally), rowsBetween);
    throw error;
  }
  const valid = groups.filter(({ reason }) => reason === VALID);
  for (const group of valid) countGroup(file.seen.facts, group, seen.recognition);
  countTally(file.seen.facts, tally);
}

/** The counts about the form, as `tallyPiece` computes them for the embedded engine. */
function tallyOf(id: number, groups: readonly SparkGroup[], found: FoundOfTexts): Tally {
  const placed = ({ line_id, text }: FoundLine) => ({ line: Number(line_id), text });
  const tally = newTally();
  tally.rows = groups.reduce((sum, { rows }) => sum + rows, 0);
  const steps = found.steps.get(id) ?? [];
  tally.steps.set(0, new Map(steps.map(({ length, count, run }) => [Number(length), { count, run }])));
  tally.headers.push(...(found.headers.get(id) ?? []).map(placed));
  tally.others.push(...(found.others.get(id) ?? []).map(placed));
  for (const one of found.zoneless.get(id) ?? [])
    tally.zoneless.push({ rows: one.rows as number, first: placed(one) });
  for (const group of groups) {
    const { reason, rows, priced, future } = group;
    if (reason === null || reason === VALID) continue;
    addRejected(tally, REJECT_REASONS[reason - 1], { rows, priced, future, first: placed(group) });
  }
  return tally;
}

/** The tally with the numbers of its lines in their text. */
async function numbered(file: SeenFile, seen: SeenText, tally: Tally): Promise<Tally> {
  const { headers, others, zoneless, rejected } = tally;
  const firsts = [...rejected.values(), ...zoneless].map(({ first }) => first);
  const wanted = new Set([...headers, ...others, ...firsts].map(({ text }) => text));
  const numbers = await lineNumbers(file, seen, wanted);
  const place = ({ text }: { text: string }) => ({ text, line: numbers.get(text) ?? 0 });
  return {
    ...tally,
    headers: headers.map(place),
    others: others.map(place),
    zoneless: zoneless.map((one) => ({ ...one, first: place(one.first) })),
    rejected: new Map([...rejected].map(([reason, one]) => [reason, { ...one, first: place(one.first) }])),
  };
}

/** Checks that the lines read as the header, and those before it, were the text's first. */
function checkHead({ text, head }: SeenText, groups: readonly SparkGroup[]): void {
  const found = groups.filter(({ is_head }) => is_head).reduce((sum, { rows }) => sum + rows, 0);
  if (found === head.length) return;
  throw failure(
    "lines_lost",
    `${text.name}: Spark returns ${found} of the header's ${head.length} lines first.`,
    "No row of this file was used. Please report this as a bug, with Spark's version and the file's form.",
  );
}

/** Rows of a part that Spark wrote. */
interface WrittenPart {
  part_text: string;
  part_symbol: string;
  part_year: string;
  part_file: string;
  rows: number;
}

async function writeCandles(session: SparkSession, reading: FormReading, without: string): Promise<void> {
  const { names } = reading;
  const partitionBy = ["part_text", "part_symbol", "part_year"];
  await writeParts(session, reading, candlesSql(names.rows, names.texts, without), {
    partitionBy,
    pathOf: ({ part_symbol, part_year }) => `${part_symbol}/year=${part_year}`,
  });
}

async function writeRejects(session: SparkSession, reading: FormReading, without: string): Promise<void> {
  const { names } = reading;
  await writeParts(session, reading, rejectsSql(names.rows, names.texts, without), {
    partitionBy: ["part_text"],
    pathOf: () => "rejects",
  });
}

/** Writes rows once, and moves each part to its file's import; counts them from Spark's own files. */
async function writeParts(
  session: SparkSession,
  { folder, texts }: FormReading,
  sql: string,
  { partitionBy, pathOf }: { partitionBy: readonly string[]; pathOf: (part: WrittenPart) => string },
): Promise<void> {
  const staging = join(folder, partitionBy.join("-"));
  await session.write(sql, { path: staging, format: "parquet", compression: "zstd", partitionBy });
  const by = [...partitionBy, "_metadata.file_name"].join(", ");
  const written = await session.rows<WrittenPart>(
    `SELECT ${partitionBy.join(", ")}, _metadata.file_name AS part_file, count(*) AS rows
     FROM ${folderSql(staging)} GROUP BY ${by} ORDER BY part_file`,
  );
  const byId = new Map(texts.map((text) => [String(text.id), text]));
  const counts = new Map<string, number>();
  for (const part of written) {
    const { file, name } = byId.get(part.part_text) as BatchText;
    const from = partitionBy.map((column) => `${column}=${part[column as keyof WrittenPart]}`);
    const place = pathOf(part);
    const key = `${name} ${place}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    const path = `${place}/${name}-${String(count).padStart(4, "0")}.parquet`;
    const target = join(file.reading.folder, path);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(staging, ...from, part.part_file), target);
    // No span: the embedded engine's fast path for sorted parts is not used for these.
    const sealed = await sealPart(file.reading.folder, path);
    file.parts.push({ ...sealed, rows: part.rows, span: null });
  }
}
