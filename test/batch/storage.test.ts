import { mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync } from "hyparquet";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clean } from "../../src/batch/clean.ts";
import { daily } from "../../src/batch/daily.ts";
import { ingest } from "../../src/batch/ingest.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { publishedTables } from "../../src/lake/catalog.ts";
import { readVersion, type Version } from "../../src/lake/manifest.ts";
import { placeOf } from "../../src/lake/tables.ts";
import { verifyVersion } from "../../src/lake/verifyVersion.ts";
import { CANDLE_COLUMNS, runBatch, tableRows, writeFiles } from "../../testkit/batch.ts";
import { contentsOf } from "../../testkit/contents.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

const HEADER = "open_time,open,high,low,close,volume";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true, force: true }));

/** Minutes of a year's first and last hour. */
function yearOf(year: number, close = 1): string {
  const starts = [Date.UTC(year, 0), Date.UTC(year + 1, 0) - 3_600_000];
  const times = starts.flatMap((start) => Array.from({ length: 60 }, (_, i) => start + i * 60_000));
  return [HEADER, ...times.map((time) => `${time},1,${close},1,${close},${close}`)].join("\n");
}

/** Every file below the workspace with its inode and times. */
async function filesOf(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { ino, mtimeMs, size } = await stat(path);
    found.set(path.slice(root.length), `${ino} ${mtimeMs} ${size}`);
  }
  return found;
}

const inodes = async (table: string): Promise<Record<string, number>> => {
  const { link } = placeOf(workspace, table);
  const parts = (await readdir(link, { recursive: true })).filter((name) => name.endsWith(".parquet")).sort();
  return Object.fromEntries(
    await Promise.all(parts.map(async (part) => [part, (await stat(join(link, part))).ino])),
  );
};

describe("what did not change is not done again", () => {
  it("nothing changed: nothing is written, not even a lock", async () => {
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: yearOf(2023) },
      { name: "ETHUSDT.csv", text: yearOf(2024) },
    ]);
    await runBatch(workspace, paths);
    const before = await filesOf(workspace.root);
    for (const files of [paths, paths.toReversed(), []]) {
      const { ingested, cleaned, folded } = await runBatch(workspace, files);
      expect([ingested.skipped, cleaned.skipped, folded.skipped]).toEqual([true, true, true]);
      expect(cleaned.balance).toMatchObject({ in: 240, kept: 240 });
    }
    expect(await filesOf(workspace.root)).toEqual(before);
  });

  it("a new file re-does the years that it touches, and links the others", async () => {
    const [a, b, c] = await writeFiles(workspace, [
      { name: "BTCUSDT_2022.csv", text: yearOf(2022) },
      { name: "BTCUSDT_2023.csv", text: yearOf(2023) },
      { name: "BTCUSDT_2023b.csv", text: yearOf(2023, 2) },
    ]);
    await runBatch(workspace, [a, b]);
    const [minutes, before] = [await inodes("btc_minutes"), await inodes("btc_clean")];
    const { cleaned } = await runBatch(workspace, [a, b, { path: c, stated: { allowConflicts: true } }]);
    expect(cleaned.balance).toMatchObject({ in: 360, kept: 240, duplicates: 120, conflicts: 120 });
    const after = await inodes("btc_clean");
    expect(after["year=2022/part-0.parquet"]).toBe(before["year=2022/part-0.parquet"]);
    expect(after["year=2023/part-0.parquet"]).not.toBe(before["year=2023/part-0.parquet"]);
    expect(Object.values(await inodes("btc_minutes"))).toEqual(
      expect.arrayContaining(Object.values(minutes)),
    );
    const rows = await tableRows<{ close: number }>(workspace, "btc_clean", CANDLE_COLUMNS);
    expect(rows.map(({ close }) => close)).toEqual([...Array(120).fill(1), ...Array(120).fill(2)]);
  });

  it("a changed file of the same size and time is found with --verify alone", async () => {
    const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: yearOf(2023, 2) }]);
    const then = Date.UTC(2025, 0, 1) / 1000;
    await utimes(path, then, then);
    await runBatch(workspace, [path]);
    await writeFile(path, yearOf(2023, 3));
    await utimes(path, then, then);
    expect((await runBatch(workspace, [path])).ingested.skipped).toBe(true);
    expect((await runBatch(workspace, [path], { verify: true })).ingested.skipped).toBe(false);
    expect((await tableRows<{ close: number }>(workspace, "btc_clean"))[0].close).toBe(3);
  });

  it.each(["btc_minutes", "btc_clean", "daily_batch", "gaps"])(
    "a part of %s that was edited by hand, size kept, is made anew",
    async (table) => {
      const files = await writeFiles(workspace, [
        { name: "BTCUSDT.csv", text: yearOf(2023) },
        { name: "ETHUSDT.csv", text: yearOf(2024) },
      ]);
      await runBatch(workspace, files);
      const before = await contentsOf(workspace);
      const { link } = placeOf(workspace, table);
      const [part] = (await readdir(link, { recursive: true })).filter((name) => name.endsWith(".parquet"));
      const bytes = await readFile(join(link, part));
      bytes[bytes.length >> 2] ^= 1;
      await writeFile(join(link, part), bytes);
      await runBatch(workspace, files);
      expect(await contentsOf(workspace)).toEqual(before);
      const whole = await Promise.all(
        (await publishedTables(workspace)).map(async (name) =>
          verifyVersion((await readVersion(workspace, name)) as Version),
        ),
      );
      expect(whole.flat()).toEqual([]);
    },
  );

  it("a symbol that no file holds any more loses its tables", async () => {
    const [btc, eth] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: yearOf(2023) },
      { name: "ETHUSDT.csv", text: yearOf(2023) },
    ]);
    await runBatch(workspace, [btc, eth]);
    const { folded } = await runBatch(workspace, [btc]);
    expect(folded.symbols.map(({ symbol }) => symbol)).toEqual(["BTCUSDT"]);
    await expect(tableRows(workspace, "eth_clean")).rejects.toThrow("not published");
  });

  it("rows that lay in the future are read when their time has come", async () => {
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: yearOf(2025) + yearOf(2026).slice(HEADER.length) },
    ]);
    expect((await runBatch(workspace, [path])).cleaned.balance).toMatchObject({ kept: 180, rejected: 60 });
    const later = { ...workspace, clock: () => Date.UTC(2027, 1) };
    expect((await runBatch(later, [path])).cleaned.balance).toMatchObject({ kept: 240, rejected: 0 });
  });
});

describe("minutes that were fetched for holes", () => {
  const line = (time: number, volume: number) => `${time},1,1,1,1,${volume},${time + 59_999},1,1,1,1,0`;
  const put = async (name: string, lines: string[]) => {
    const folder = join(workspace.root, "data/raw/BTCUSDT/backfill");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), lines.join("\n"));
  };

  it("are read beside the person's list, and say so; the person's row stays where both are the same", async () => {
    const start = Date.UTC(2024, 0, 1);
    const [path] = await writeFiles(workspace, [
      {
        name: "own.csv",
        text: [line(start, 5), line(start + 60_000, 5), line(start + 86_400_000, 5)].join("\n"),
      },
    ]);
    const files = [{ path, symbol: "BTCUSDT" }];
    await put("a.csv", [line(start, 5), line(start + 60_000, 6), line(start + 120_000, 5)]);
    const { cleaned } = await runBatch(workspace, files);
    expect(cleaned.balance).toMatchObject({ in: 6, kept: 4, duplicates: 2, conflicts: 1 });
    expect(await tableRows(workspace, "btc_clean", "volume, origin")).toEqual([
      { volume: 5, origin: "batch" },
      { volume: 6, origin: "backfill" },
      { volume: 5, origin: "backfill" },
      { volume: 5, origin: "batch" },
    ]);
    expect(await tableRows(workspace, "daily_batch", "day::VARCHAR AS day, origin, minutes")).toEqual([
      { day: "2024-01-01", origin: "backfill", minutes: 3 },
      { day: "2024-01-02", origin: "batch", minutes: 1 },
    ]);
    for (const table of ["btc_minutes", "btc_clean"]) expect(await textsIn(table)).toEqual(TEXTS);
    await put("b.csv", [line(start + 180_000, 5)]);
    const { ingested } = await runBatch(workspace, []);
    expect(ingested.files.map(({ name }) => name)).toEqual(["a.csv", "b.csv", "own.csv"]);
    expect(await tableRows(workspace, "btc_clean")).toHaveLength(5);
  });

  it("a year whose manifest is of before disagreements were listed is cleaned again, the others are linked", async () => {
    const [start, before] = [Date.UTC(2024, 0, 1), Date.UTC(2023, 5, 1)];
    const [path] = await writeFiles(workspace, [
      { name: "own.csv", text: [line(before, 5), line(start, 5)].join("\n") },
    ]);
    await put("a.csv", [line(start, 6)]);
    await runBatch(workspace, [{ path, symbol: "BTCUSDT" }]);
    const cleanInodes = await inodes("btc_clean");
    const { folder, manifest } = (await readVersion(workspace, "btc_clean")) as Version;
    const { disagreements, ...old } = (
      manifest.facts.years as Record<string, { disagreements?: object[] }>
    )[2024];
    expect(disagreements).toHaveLength(1);
    const years = { ...(manifest.facts.years as object), 2024: old };
    await writeFile(`${folder}.json`, JSON.stringify({ ...manifest, facts: { ...manifest.facts, years } }));
    await put("b.csv", [line(Date.UTC(2025, 0, 1), 5)]);
    const { cleaned } = await runBatch(workspace, []);
    expect(cleaned.symbols[0].disagreements).toEqual(disagreements);
    const after = await inodes("btc_clean");
    expect(after["year=2023/part-0.parquet"]).toBe(cleanInodes["year=2023/part-0.parquet"]);
    expect(after["year=2024/part-0.parquet"]).not.toBe(cleanInodes["year=2024/part-0.parquet"]);
  });
});

describe("gaps up to a day", () => {
  it("list the tail, never the future", async () => {
    const start = Date.UTC(2025, 11, 30, 23);
    const lines = Array.from({ length: 60 }, (_, i) => `${start + i * 60_000},1,1,1,1,1`);
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: [HEADER, ...lines].join("\n") },
    ]);
    const { folded } = await runBatch(workspace, [path], { to: "2026-01-05" as never });
    expect(folded.symbols).toMatchObject([{ minutes: 60, gaps: 1, missingMinutes: 1440 }]);
    expect(await tableRows(workspace, "per_day", "day::VARCHAR AS day, minutes")).toEqual([
      { day: "2025-12-30", minutes: 60 },
      { day: "2025-12-31", minutes: 0 },
    ]);
  });
});

describe("damage", () => {
  it("a part that is missing or cut is found, and made again from its inputs", async () => {
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: yearOf(2022) + yearOf(2023).slice(HEADER.length) },
    ]);
    await runBatch(workspace, paths);
    const expected = await tableRows(workspace, "btc_clean", CANDLE_COLUMNS);
    const days = await tableRows(workspace, "daily_batch");
    for (const table of ["btc_minutes", "btc_clean", "daily_batch", "gaps", "per_day", "rejects"]) {
      const { link } = placeOf(workspace, table);
      const [part] = (await readdir(link, { recursive: true })).filter((name) => name.endsWith(".parquet"));
      for (const damage of [() => truncate(join(link, part), 20), () => rm(join(link, part))]) {
        await damage();
        await runBatch(workspace, paths);
        expect(await tableRows(workspace, "btc_clean", CANDLE_COLUMNS)).toEqual(expected);
        expect(await tableRows(workspace, "daily_batch")).toEqual(days);
      }
    }
  });

  it("what a crash left behind is removed by the next run", async () => {
    const paths = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: yearOf(2022) }]);
    await runBatch(workspace, paths);
    const left = [
      "data/.spill/pieces/x/0/piece-0.csv",
      "data/parquet/.imports/9-0.draft/BTCUSDT/a.parquet",
      "data/parquet/.versions/btc_clean/20200101T000000000Z-0/a.parquet",
    ];
    for (const path of left) {
      await mkdir(join(workspace.root, path, ".."), { recursive: true });
      await writeFile(join(workspace.root, path), "half");
    }
    await writeFile(paths[0], yearOf(2023));
    await runBatch(workspace, paths);
    const after = [...(await filesOf(workspace.root)).keys()];
    expect(after.filter((path) => left.some((name) => path.endsWith(name)))).toEqual([]);
  });
});

describe("two at once", () => {
  it("both end well, and the tables are one run's", async () => {
    const paths = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: yearOf(2022) }]);
    const results = await Promise.all([runBatch(workspace, paths), runBatch(workspace, paths)]);
    expect(results.map(({ cleaned }) => cleaned.balance.kept)).toEqual([120, 120]);
    expect(await tableRows(workspace, "btc_clean")).toHaveLength(120);
  });
});

describe("an interruption", () => {
  it("leaves every stage's tables as they were", async () => {
    const paths = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: yearOf(2022) }]);
    await runBatch(workspace, paths);
    await writeFile(paths[0], yearOf(2023));
    const aborted = { signal: AbortSignal.abort() };
    await expect(ingest(workspace, { files: [] }, aborted)).rejects.toMatchObject({ exit: 130 });
    await ingest(workspace, { files: [] });
    await expect(clean(workspace, {}, aborted)).rejects.toMatchObject({ exit: 130 });
    await clean(workspace);
    await expect(daily(workspace, {}, aborted)).rejects.toMatchObject({ exit: 130 });
    expect((await tableRows<{ day: string }>(workspace, "daily_batch", "day::VARCHAR AS day"))[0].day).toBe(
      "2022-01-01",
    );
  });
});

/** What a reader of Parquet takes the columns of text for, and how all columns of a table's parts are written. */
async function textsIn(table: string) {
  const version = (await readVersion(workspace, table)) as Version;
  const parts = version.manifest.parts.map(({ path }) => join(version.folder, path));
  const metadata = await Promise.all(
    parts.map(async (part) => parquetMetadataAsync(await asyncBufferFromFile(part))),
  );
  const texts = metadata.flatMap(({ schema }) =>
    schema
      .filter(({ name }) => name === "symbol" || name === "origin")
      .map(({ name, type, converted_type }) => `${name} ${type} ${converted_type}`),
  );
  const columns = metadata.flatMap(({ row_groups }) => row_groups.flatMap((group) => group.columns));
  const ways = columns.flatMap(({ meta_data }) => [meta_data?.codec, ...(meta_data?.encodings ?? [])]);
  return { texts: [...new Set(texts)], ways: [...new Set(ways)].sort() };
}

/** Spark's fast reader takes no BYTE_STREAM_SPLIT. */
const TEXTS = {
  texts: ["symbol BYTE_ARRAY UTF8", "origin BYTE_ARRAY UTF8"],
  ways: ["PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "ZSTD"],
};

describe("symbols that are cleaned side by side", () => {
  it("are told of in their order, their years counted together", async () => {
    const symbols = ["ADAUSDT", "BTCUSDT", "ETHUSDT"];
    const paths = await writeFiles(
      workspace,
      symbols.map((symbol, i) => ({
        name: `${symbol}.csv`,
        text: [2022, 2023].map((year) => yearOf(year, i + 1)).join("\n"),
      })),
    );
    await ingest(workspace, { files: paths.map((path) => ({ path })) });
    const told: (string | number | undefined)[][] = [];
    const { symbols: counted, tables } = await clean(
      workspace,
      {},
      {
        progress: ({ note, done, total }) => told.push([note, done, total]),
      },
    );
    expect(counted.map(({ symbol, kept }) => [symbol, kept])).toEqual(symbols.map((symbol) => [symbol, 240]));
    expect(tables.map(({ manifest }) => manifest.table)).toEqual(["ada_clean", "btc_clean", "eth_clean"]);
    expect(told.map(([note]) => note).sort()).toEqual(
      symbols.flatMap((symbol) => [`${symbol} 2022`, `${symbol} 2023`]),
    );
    expect(told.map(([, done, total]) => [done, total])).toEqual(told.map((_, i) => [i + 1, 6]));
    for (const [i, asset] of ["ada", "btc", "eth"].entries()) {
      expect(await tableRows(workspace, `${asset}_clean`, "DISTINCT symbol, close")).toEqual([
        { symbol: symbols[i], close: i + 1 },
      ]);
    }
  });
});
