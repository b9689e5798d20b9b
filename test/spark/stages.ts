import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candles } from "../../src/batch/candles.ts";
import { clean } from "../../src/batch/clean.ts";
import { daily } from "../../src/batch/daily.ts";
import { ingest } from "../../src/batch/ingest.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { publishedTables } from "../../src/lake/catalog.ts";
import { readManifest } from "../../src/lake/manifest.ts";
import { readTable } from "../../src/lake/read.ts";
import { seriesOfTable } from "../../src/lake/seriesTables.ts";
import { withLake } from "../../src/lake/session.ts";
import { merge } from "../../src/serving/merge.ts";
import { sparkCleaner } from "../../src/spark/sparkCleaner.ts";
import { settleSession, sparkEngine } from "../../src/spark/sparkEngine.ts";
import { sparkFileReader } from "../../src/spark/sparkFileReader.ts";
import { connectSpark, type SparkSession } from "../../src/spark/sparkSession.ts";
import { DAY_MS, type EpochMs } from "../../src/time/epoch.ts";
import type { Interval } from "../../src/time/interval.ts";
import { tableRows, writeFiles } from "../../testkit/batch.ts";
import { noRecordedData, recorded } from "../../testkit/data.ts";
import { dirtyFiles } from "../../testkit/dirty.ts";
import { SOAK } from "../../testkit/soak.ts";
import type { TestSpark } from "../../testkit/spark.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { intervalFiles } from "./intervalFiles.ts";

const NOW = "2026-03-01T00:05:30Z";
let session: SparkSession;

interface Inputs {
  files: { name: string; text: string | Uint8Array }[];
  /** Of the tables of folded candles. */
  intervals?: readonly Interval[];
}

/** All stages, on the embedded engine or on Spark. */
async function runStages(
  workspace: Workspace,
  { paths, intervals = [] }: { paths: readonly string[]; intervals?: readonly Interval[] },
  on: "duckdb" | "spark",
) {
  const reader = on === "spark" ? sparkFileReader(session) : undefined;
  const ingested = await ingest(workspace, { files: paths.map((path) => ({ path })), reader });
  const cleaner = on === "spark" ? sparkCleaner(session) : undefined;
  const cleaned = await clean(workspace, { cleaner });
  const engine = on === "spark" ? sparkEngine(session) : undefined;
  const folded = await daily(workspace, { engine });
  const merged = await merge(workspace, {}, engine);
  const tables = [];
  for (const interval of intervals) tables.push(await candles(workspace, { interval, engine }));
  const counts = tables.map(({ interval, symbols }) => ({ interval, symbols }));
  const candled = { counts, skipped: tables.every(({ skipped }) => skipped) };
  return { ingested, cleaned, folded, merged, candled };
}

const byText = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row, bigints)).sort();
const bigints = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

/** Everything that is published, table by table; minutes and rejects as sets, the others in their order. */
async function published(workspace: Workspace) {
  const tables: Record<string, unknown> = {};
  for (const table of await publishedTables(workspace)) {
    const unordered = seriesOfTable(table)?.isClean === false || table === "rejects";
    const rows = await tableRows<object>(
      workspace,
      table,
      table === "rejects" ? "symbol, file, reason, raw" : "*",
    );
    const manifest = await readManifest(workspace, table);
    // The merge's recipes name the versions that it read, whose names hold the time and a random part.
    const isNamed = ["merge", "candles"].includes(manifest?.stage ?? "");
    const fingerprint = isNamed ? "" : manifest?.fingerprint;
    tables[table] = {
      rows: unordered ? byText(rows) : rows,
      types: await tableTypes(workspace, table),
      manifest: {
        ...manifest,
        ...{ id: "", createdAt: "", parts: [], inputs: [], fingerprint, facts: factsOf(manifest?.facts) },
      },
    };
  }
  return tables;
}

async function tableTypes(workspace: Workspace, table: string) {
  const version = await readTable(workspace, table);
  const described = `DESCRIBE SELECT * FROM ${version?.sql}`;
  const columns = await withLake(workspace, {}, (lake) => lake.rows<Record<string, string>>(described));
  return columns.map(({ column_name, column_type }) => `${column_name} ${column_type}`);
}

/** Spans of sorted parts are the embedded engine's own. */
function factsOf(facts: Record<string, unknown> = {}) {
  const { spans: _spans, years, ...rest } = facts;
  const counts = Object.entries((years ?? {}) as Record<string, object | number>).map(([year, found]) => [
    year,
    typeof found === "number" ? found : { ...found, key: "" },
  ]);
  return { ...rest, years: Object.fromEntries(counts) };
}

async function bothWays({ files, intervals }: Inputs) {
  const [embedded, onSpark] = [await scratchWorkspace(NOW), await scratchWorkspace(NOW)];
  try {
    const own = { paths: await writeFiles(embedded, files), intervals };
    const here = await runStages(embedded, own, "duckdb");
    const inputs = { paths: await writeFiles(onSpark, files), intervals };
    const there = await runStages(onSpark, inputs, "spark");
    const [expected, found] = [await published(embedded), await published(onSpark)];
    for (const { root, files } of [
      { root: embedded.root, files: here.ingested.files },
      { root: onSpark.root, files: there.ingested.files },
    ])
      for (const { problem } of files)
        if (problem !== null) problem.message = problem.message.replaceAll(root, "");
    const again = Object.values(await runStages(onSpark, inputs, "duckdb"));
    return { here, there, expected, found, skipped: again.map(({ skipped }) => skipped) };
  } finally {
    for (const { root } of [embedded, onSpark]) await rm(root, { recursive: true, force: true });
  }
}

function holdsEqual({ here, there, expected, found, skipped }: Awaited<ReturnType<typeof bothWays>>) {
  // What Spark has made is up to date for the embedded engine.
  expect(skipped).toEqual([true, true, true, true, true]);
  expect(there.ingested.balance).toEqual(here.ingested.balance);
  expect(there.ingested.files).toEqual(here.ingested.files);
  expect(there.cleaned.balance).toEqual(here.cleaned.balance);
  expect(there.cleaned.symbols).toEqual(here.cleaned.symbols);
  expect(there.folded.symbols).toEqual(here.folded.symbols);
  expect(there.candled.counts).toEqual(here.candled.counts);
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const table of Object.keys(expected))
    expect({ [table]: found[table] }).toEqual({ [table]: expected[table] });
}

function dirty(seed: number) {
  const latest = (Date.parse(NOW) + DAY_MS) as EpochMs;
  return dirtyFiles(900 + seed * 10, `S0X${seed}USDT`, latest);
}

/** Repeats, an outage and the change of units, where the data is there. */
async function recordedFiles() {
  if (noRecordedData !== null) return [];
  const names = ["2019-10-15_30d_duplicates/BTCUSDT", "2024-12-30_30d_ms_to_us/ETHUSDT"];
  return Promise.all(
    names.map(async (name) => ({
      name: `${name.split("/")[1]}_1min.csv.gz`,
      text: await readFile(recorded("minute", `${name}_1min.csv.gz`)),
    })),
  );
}

/** Bytes that are no text, long lines, a header that comes twice, huge volumes, packed files. */
function oddFiles() {
  const row = (minute: number, volume: number | string) =>
    `${Date.parse("2024-03-01") + minute * 60_000},1.5,2,1,1.5,${volume},7`;
  const header = "open_time,open,high,low,close,volume,trades";
  const lines = [
    header,
    row(0, 1),
    row(1, 5e10),
    header,
    row(2, "x".repeat(70_000)),
    row(3, "\0"),
    "",
    row(3, 2),
  ];
  const text = `made by hand\n${lines.join("\r\n")}\n`;
  const broken = Buffer.concat([Buffer.from(text), Buffer.from([0x31, 0xff, 0x2c, 0xc3, 0x28, 0x0a])]);
  const huge = [header, row(5, 123_456_789_012.345_67), row(6, 9_999_999_999_999.1), row(7, 99e18)];
  return [
    { name: "AAAUSDT_plain.csv", text: broken },
    { name: "BBBUSDT_packed.csv.gz", text: gzipSync(text) },
    { name: "CCCUSDT-1m.zip", text: zipSync({ "CCCUSDT-1m.csv": Buffer.from(text) }) },
    { name: "DDDUSDT_huge.csv", text: huge.join("\n") },
    { name: "EEEUSDT_empty.csv", text: "" },
    { name: "IIIUSDT_quoted.csv", text: quotedLines(row, header).join("\n") },
    ...misread(row, header),
  ];
}

/** Cells between quotes that hold delimiters and quotes, and quotes that are never closed. */
function quotedLines(row: (minute: number, volume: number) => string, header: string) {
  const named = ['"Made, by hand"', '"a ""b"", c"', '"plain"', ' "x" ', "none"];
  const lines = Array.from({ length: 40 }, (_, i) => `${row(i, 1 + i)},${named[i % 5]}`);
  return [`${header},name`, ...lines, `${row(40, 1)},"open`, `${row(41, 1)},"1"5`];
}

/** Files that only their rows behind the first thousand show to be something else. */
function misread(row: (minute: number, volume: number) => string, header: string) {
  const minutes = (count: number, from: number, step: number) =>
    Array.from({ length: count }, (_, i) => row(from + i * step, 1 + (i % 7)));
  const start = [header, ...minutes(1_500, 0, 1)];
  const joined = (columns: string, line: (minute: number, isLate: boolean) => string) =>
    [header + columns, ...Array.from({ length: 1_900 }, (_, i) => line(i, i >= 1_500))].join("\n");
  const zoned = (minute: number, isLate: boolean) =>
    row(minute, 1).replace(/^\d+/, (ms) => new Date(Number(ms)).toISOString().slice(0, isLate ? 19 : 24));
  const swapped = row(0, 1).replace("1.5,2,1", "1.5,1,2");
  return [
    { name: "FFFUSDT_hours_later.csv", text: [...start, ...minutes(200, 1_500, 60)].join("\n") },
    { name: "GGGUSDT_swapped.csv", text: [...start, ...Array(20).fill(swapped)].join("\n") },
    {
      name: "IIIUSDT_venues.csv",
      text: joined(",exchange", (i, late) => `${row(i, 1)},${late ? "b" : "a"}`),
    },
    {
      name: "JJJUSDT_volumes.csv",
      text: joined(",quote_volume", (i, late) => (late ? `${row(i, 4.5)},3` : `${row(i, 3)},4.5`)),
    },
    { name: "KKKUSDT_zones.csv", text: joined("", zoned) },
    { name: "LLLUSDT_cells.csv", text: joined("", (i, late) => (late ? `${i},${row(i, 1)}` : row(i, 1))) },
    {
      name: "HHHUSDT_second.csv",
      text: [...start, "open_time,open,low,high,close,volume,trades", ...minutes(9, 1_500, 1)].join("\n"),
    },
  ];
}

/** Stage by stage, the shared server and the embedded engine. */
export function stageTests(spark: TestSpark): void {
  describe.skipIf(spark.reason !== null)("the stages on Spark and on the embedded engine", () => {
    beforeAll(async () => {
      session = await connectSpark(spark.home, undefined);
      await settleSession(session);
    });
    afterAll(() => session.close());

    if (noRecordedData !== null) console.log(`skipped: recorded minutes on Spark. ${noRecordedData}`);

    // All in one workspace: a stage's cost on Spark is its jobs, whatever they hold.
    it("agree bit for bit on recorded minutes, dirty files, bytes that are no text, packed files and other intervals", async () => {
      const files = [...(await recordedFiles()), ...dirty(0), ...oddFiles(), ...intervalFiles()];
      const result = await bothWays({ files, intervals: ["1w", "4h", "1M"] });
      holdsEqual(result);
      expect(result.here.ingested.balance.rejected).toBeGreaterThan(9);
      const madeFrom = result.here.candled.counts[0].symbols.map((one) => [one.symbol, ...one.madeFrom]);
      expect(madeFrom).toContainEqual(["MIXUSDT", "1d", "1m+1h+1d"]);
      expect(madeFrom).toContainEqual(["HOURUSDT", "1h"]);
      expect(madeFrom).toContainEqual(["DAYUSDT", "1d"]);
      const codes = result.there.ingested.files.map(({ problem }) => problem?.code ?? null);
      for (const code of "empty_file mixed_intervals misread_columns second_header conflicting_files volume_conflict no_time_zone".split(
        " ",
      ))
        expect(codes).toContain(code);
    });

    if (SOAK)
      it("agree bit for bit on more dirty files", async () => {
        for (let seed = 1; seed < 12; seed += 1) holdsEqual(await bothWays({ files: dirty(seed) }));
      });

    it("says that the server can't see the workspace", async () => {
      const engine = sparkEngine(session);
      const workspace = await scratchWorkspace(NOW);
      await expect(
        engine.use(workspace, {}, async ({ from, rows }) =>
          rows(`SELECT * FROM ${await from([join(workspace.root, "nowhere.parquet")])}`),
        ),
      ).rejects.toMatchObject({ code: "spark_path", exit: 2 });
      await rm(workspace.root, { recursive: true, force: true });
    });
  });
}
