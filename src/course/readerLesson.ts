import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import { clean } from "../batch/clean.ts";
import { daily } from "../batch/daily.ts";
import type { InputFile } from "../batch/files.ts";
import { ingest } from "../batch/ingest.ts";
import { LineNormalizer } from "../batch/lines.ts";
import { firstLines } from "../batch/pieces.ts";
import { type RawEntry, readRawManifest } from "../batch/rawManifest.ts";
import { openRaw } from "../batch/texts.ts";
import type { Effects } from "../core/effects.ts";
import { inputError, throwIfAborted } from "../core/errors.ts";
import { monotonicClock } from "../core/machine.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { type Lake, literal, withLake } from "../lake/session.ts";
import type { FileForm } from "../recognition/form.ts";
import { recognize } from "../recognition/recognize.ts";

/** A quarter of a year of minutes: enough to compare the ways, small enough to be quick. */
const LINES = 130_000;

/** One way to answer the same question of the same rows. */
export interface ReaderTime {
  reader: "PapaParse, CSV" | "DuckDB, CSV" | "DuckDB, Parquet";
  /** What had to be read. */
  bytes: number;
  seconds: number;
  /** Rows whose high is a number. */
  rows: number;
  highest: number;
}

/** How long a stage took on the same lines, and how many rows it returned. */
export interface StageTime {
  stage: "ingest" | "clean" | "daily";
  seconds: number;
  rows: number;
}

export interface ReaderLesson {
  /** The file that the lines are of. */
  file: string;
  lines: number;
  readers: ReaderTime[];
  stages: StageTime[];
}

/**
 * The first lines (at most 130,000) of a symbol's largest raw file, asked for their highest price in three ways: by
 * PapaParse in JavaScript, by DuckDB from the same CSV, and by DuckDB from Parquet. Then the stages over those lines.
 * All of it in a folder of its own, which is removed.
 * @throws CandlebookError `no_files` where no raw file of the symbol can be read
 */
export async function compareReaders(
  workspace: Workspace,
  { symbol }: { symbol: string },
  effects: Effects = {},
): Promise<ReaderLesson> {
  const entry = await largestFile(workspace, symbol);
  const scratch = await mkdtemp(join(tmpdir(), "candlebook-readers-"));
  try {
    const csv = join(scratch, `${symbol}.csv`);
    const lines = await copyLines(inWorkspace(workspace, entry.path), entry.name, csv, effects);
    const known = { where: entry.name, names: [entry.name], symbol, stated: entry.reading, fetched: true };
    const { form } = recognize(known, await firstLines(csv));
    const parquet = join(scratch, `${symbol}.parquet`);
    const readers = await withLake(workspace, effects, async (lake) => {
      await lake.run(
        `COPY (FROM ${csvSql(csv, form)}) TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
      );
      return [
        await timeReader("PapaParse, CSV", csv, () => askPapa(csv, form)),
        await timeReader("DuckDB, CSV", csv, () => askLake(lake, csvSql(csv, form), form)),
        await timeReader("DuckDB, Parquet", parquet, () =>
          askLake(lake, `read_parquet(${literal(parquet)})`, form),
        ),
      ];
    });
    const bench = { ...workspace, root: join(scratch, "workspace") };
    const input = { path: csv, ...(form.columns.symbol === null ? { symbol } : {}) };
    return { file: entry.name, lines, readers, stages: await timeStages(bench, input, effects) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function largestFile(workspace: Workspace, symbol: string): Promise<RawEntry> {
  const files = (await readRawManifest(workspace))?.files ?? [];
  const own = files.filter(({ facts, problem }) => problem === null && facts?.symbols[symbol] !== undefined);
  const [largest] = own.sort((a, b) => b.bytes - a.bytes);
  if (largest !== undefined) return largest;
  throw inputError("no_files", `There is no raw file of ${symbol}.`, "Name some: candlebook ingest PATH…");
}

async function copyLines(path: string, name: string, to: string, { signal }: Effects): Promise<number> {
  const { texts } = await openRaw(path, name);
  const normalizer = new LineNormalizer(name);
  const out = createWriteStream(to);
  let lines = 0;
  for await (const chunk of texts[0].chunks()) {
    throwIfAborted(signal);
    const { bytes, count } = headOf(Buffer.concat(normalizer.push(chunk)), LINES - lines);
    lines += count;
    if (!out.write(bytes)) await once(out, "drain");
    if (lines >= LINES) break;
  }
  out.end(lines < LINES ? headOf(normalizer.end(), LINES - lines).bytes : undefined);
  await once(out, "close");
  return lines;
}

/** The first lines of a text of whole lines, and how many they are. */
function headOf(text: Buffer, most: number): { bytes: Buffer; count: number } {
  let at = 0;
  let count = 0;
  while (count < most) {
    const end = text.indexOf(10, at);
    if (end < 0) break;
    at = end + 1;
    count += 1;
  }
  return { bytes: text.subarray(0, at), count };
}

interface Answer {
  rows: number;
  highest: number;
}

async function timeReader(
  reader: ReaderTime["reader"],
  path: string,
  ask: () => Promise<Answer>,
): Promise<ReaderTime> {
  const { size } = await stat(path);
  const began = monotonicClock();
  const answer = await ask();
  return { reader, bytes: size, seconds: secondsSince(began), ...answer };
}

/** Row by row, as most scripts would. */
function askPapa(csv: string, { delimiter, columns, headerLine }: FileForm): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { rows: 0, highest: Number.NEGATIVE_INFINITY };
    let skip = headerLine;
    Papa.parse<string[]>(createReadStream(csv), {
      delimiter,
      step: ({ data }) => {
        if (skip > 0) {
          skip -= 1;
          return;
        }
        const text = data[columns.high];
        const high = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
        if (!Number.isFinite(high)) return;
        answer.rows += 1;
        if (high > answer.highest) answer.highest = high;
      },
      complete: () => resolve(answer),
      error: reject,
    });
  });
}

function csvSql(csv: string, { delimiter, fields, headerLine }: FileForm): string {
  const columns = Array.from({ length: fields }, (_, i) => `'c${i}': 'VARCHAR'`).join(", ");
  return `read_csv(${literal(csv)}, columns = {${columns}}, delim = ${literal(delimiter)}, header = false,
    skip = ${headerLine}, auto_detect = false, ignore_errors = true, quote = '"', null_padding = true)`;
}

async function askLake(lake: Lake, rows: string, { columns }: FileForm): Promise<Answer> {
  const [answer] = await lake.rows<Answer>(`
    SELECT count(high)::DOUBLE AS rows, max(high) AS highest
    FROM (SELECT try_cast(trim(c${columns.high}) AS DOUBLE) AS high FROM ${rows}) WHERE isfinite(high)`);
  return answer;
}

async function timeStages(workspace: Workspace, file: InputFile, effects: Effects): Promise<StageTime[]> {
  const timed = async (stage: StageTime["stage"], work: () => Promise<number>): Promise<StageTime> => {
    const began = monotonicClock();
    const rows = await work();
    return { stage, seconds: secondsSince(began), rows };
  };
  const { signal } = effects;
  const files = [file];
  return [
    await timed("ingest", async () => (await ingest(workspace, { files }, { signal })).balance.kept),
    await timed("clean", async () => (await clean(workspace, {}, { signal })).balance.kept),
    await timed("daily", async () => (await daily(workspace, {}, { signal })).daily.manifest.rows),
  ];
}

/** To the millisecond. */
function secondsSince(began: number): number {
  return Math.round(monotonicClock() - began) / 1_000;
}
