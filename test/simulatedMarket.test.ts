import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { InputFile } from "../src/batch/files.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { SIMULATED_SEED, simulatedMarket } from "../src/pipeline/simulatedMarket.ts";

let root: string;
let files: InputFile[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "candlebook-simulated-"));
  files = await simulatedMarket(await openWorkspace({ root }), SIMULATED_SEED, {});
}, 60_000);

afterAll(() => rm(root, { recursive: true, force: true }));

it("writes a year of minutes, less what the files lack", async () => {
  const [outage, btcHole, ethHole] = [120, 180, 2 * 1440];
  const texts = await Promise.all(files.map(({ path }) => readFile(path, "utf8")));
  const rows = texts.map((text) => text.trimEnd().split("\n").length - 1).reduce((a, b) => a + b);
  expect(rows).toBe(2 * (365 * 1440 - outage) - btcHole - ethHole);
  expect(new Set(texts.map((text) => text.slice(0, text.indexOf("\n"))))).toEqual(
    new Set(["timestamp,open,high,low,close,volume,quote_volume,trades,taker_base,taker_quote"]),
  );
});

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
  expect(workspace.clock()).toBe(Date.UTC(2026, 6, 1));
  const times = () => Promise.all(files.map(async ({ path }) => (await stat(path)).mtimeMs));
  const before = await times();
  const table = (await readTable(workspace, "daily_backfill"))?.manifest.id;
  expect(await simulatedMarket(workspace, SIMULATED_SEED, {})).toEqual(files);
  expect(await times()).toEqual(before);
  expect((await readTable(workspace, "daily_backfill"))?.manifest.id).toBe(table);
  await expect(simulatedMarket(workspace, 2, {})).rejects.toMatchObject({ code: "other_seed", exit: 2 });
});
