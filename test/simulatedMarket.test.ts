import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InputFile } from "../src/batch/files.ts";
import { readRawManifest } from "../src/batch/rawManifest.ts";
import type { RowBalance } from "../src/candle/balance.ts";
import { REJECT_REASONS } from "../src/candle/validity.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { SIMULATED_SEED, simulatedMarket } from "../src/pipeline/simulatedMarket.ts";
import { query } from "../src/serving/query.ts";
import { type SimulatedRun, simulatedRun } from "../testkit/simulatedRun.ts";

let root: string;
let files: InputFile[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "candlebook-simulated-"));
  files = await simulatedMarket(await openWorkspace({ root }), SIMULATED_SEED, {});
});

afterAll(() => rm(root, { recursive: true, force: true }));

it("publishes four years of days before, and they end where the minutes begin", async () => {
  const workspace = await openWorkspace({ root });
  const days = await readTable(workspace, "daily_backfill");
  expect(days?.manifest).toMatchObject({ source: "simulated", rows: 2 * 1461 });
  const [last] = await withLake(workspace, {}, (lake) =>
    lake.rows<{ day: string; close: number }>(
      `SELECT day::VARCHAR AS day, close FROM ${days?.sql} WHERE symbol = 'BTCUSDT' ORDER BY day DESC LIMIT 1`,
    ),
  );
  const first = files.find(({ path }) => basename(path) === "BTCUSDT_1min_2025-07.csv") as InputFile;
  const [, row] = (await readFile(first.path, "utf8")).split("\n", 2);
  const [time, open] = row.split(",").map(Number);
  expect(time).toBe(Date.UTC(2025, 6, 1) / 1000);
  expect(last).toEqual({ day: "2025-06-30", close: open });
});

it("writes nothing again, and keeps to the market's own present", async () => {
  const workspace = await openWorkspace({ root });
  expect(workspace.clock()).toBe(Date.UTC(2026, 6, 1, 2));
  const times = () => Promise.all(files.map(async ({ path }) => (await stat(path)).mtimeMs));
  const before = await times();
  const table = (await readTable(workspace, "daily_backfill"))?.manifest.id;
  expect(await simulatedMarket(workspace, SIMULATED_SEED, {})).toEqual(files);
  expect(await times()).toEqual(before);
  expect((await readTable(workspace, "daily_backfill"))?.manifest.id).toBe(table);
  await expect(simulatedMarket(workspace, 2, {})).rejects.toMatchObject({ code: "other_seed", exit: 2 });
});

describe("the simulated run", () => {
  let run: SimulatedRun;
  let place: Workspace;
  beforeAll(async () => {
    run = await simulatedRun();
    place = await openWorkspace({ root: run.root, threads: 1 });
  });
  afterAll(() => rm(run.asked, { recursive: true, force: true }));

  const valuesOf = async (sql: string) => (await query(place, sql)).rows.map((row) => Object.values(row)[0]);

  it("has files of several forms and units, all read, and rejected rows of every reason", async () => {
    const read = (await readRawManifest(place))?.files ?? [];
    expect(read.filter(({ problem }) => problem !== null)).toEqual([]);
    expect(new Set(read.map(({ name }) => name.replace(/^.*?\./, "")))).toEqual(
      new Set(["csv", "csv.gz", "zip"]),
    );
    expect(new Set(read.flatMap(({ facts }) => facts?.units ?? []))).toEqual(new Set(["s", "ms", "us"]));
    const reasons = await valuesOf("SELECT DISTINCT reason FROM rejects");
    expect(reasons.sort()).toEqual([...REJECT_REASONS].sort());
    const { in: rows, kept, duplicates, conflicts, rejected } = run.json.balance as RowBalance;
    expect(rows).toBe(kept + duplicates + rejected);
    expect([conflicts > 0, duplicates > conflicts]).toEqual([true, true]);
  });

  it("has gaps of three causes, an outage, two days in both layers, and late events", async () => {
    const labels = await valuesOf("SELECT DISTINCT label FROM gaps ORDER BY label");
    expect(labels).toEqual(["exchange_outage", "missing_in_source", "unexplained"]);
    expect(await valuesOf("SELECT count(*) FROM late_events")).toEqual([6]);
    const causes = await valuesOf("SELECT DISTINCT cause FROM reconciliation ORDER BY cause");
    expect(causes).toEqual(["late_events", "minutes_missing", null]);
    expect(await valuesOf("SELECT count(DISTINCT (symbol, day)) FROM reconciliation")).toEqual([4]);
  });
});
