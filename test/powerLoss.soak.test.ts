import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { seededRandom } from "../src/core/random.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { publishedTables } from "../src/lake/catalog.ts";
import { listVersions } from "../src/lake/history/versions.ts";
import { readVersion } from "../src/lake/manifest.ts";
import { publishRows } from "../src/lake/publishRows.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { verifyVersion } from "../src/lake/verifyVersion.ts";
import { lastRun } from "../src/serving/runs.ts";
import { readJournal } from "../src/sources/journal.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { DAY_MS } from "../src/time/epoch.ts";
import { banList } from "../src/venues/ban.ts";
import { runBatch, tableRows } from "../testkit/batch.ts";
import { type Disk, LOSSES } from "../testkit/powerLoss/disk.ts";
import { canRecord, record } from "../testkit/powerLoss/record.ts";
import { workspaceAt } from "../testkit/powerLoss/workspaceAt.ts";
import { measured, SOAK_TIMEOUT_MS, tries } from "../testkit/soak.ts";
import { embeddedTopic, madeUpMinutes, publishedDays } from "../testkit/stream.ts";

/** Opens a crash state as the next start does, and checks it against the last promised step. */
type Check = (workspace: Workspace, promised: number, inputs: string) => Promise<void>;

/** Crash states in `npm test`, and in the soak: 10,000 in all. */
const COUNTS: Record<string, [number, number]> = {
  publish: [80, 4_000],
  books: [80, 4_000],
  stream: [15, 1_500],
  batch: [5, 500],
};

const START = Date.UTC(2025, 5, 2);

/** Two files of a day each. */
async function writeInputs(folder: string): Promise<void> {
  for (const day of [1, 2]) {
    const rows = madeUpMinutes(day, "BTCUSDT", START + (day - 1) * DAY_MS, 1_440).map(
      ({ openTime, open, high, low, close, volume }) => [openTime, open, high, low, close, volume].join(","),
    );
    await mkdir(join(folder, `${day}`), { recursive: true });
    await writeFile(
      join(folder, `${day}`, "BTCUSDT.csv"),
      `timestamp,open,high,low,close,volume\n${rows.join("\n")}\n`,
    );
  }
}

const publishAgain = (workspace: Workspace) => {
  const recipe = { table: "daily_batch", stage: "daily", parameters: {}, inputs: [], source: "csv" as const };
  return publishRows(workspace, {}, recipe, { columns: { n: "INTEGER" }, pages: () => [[{ n: 1 }]] });
};

/** Every version that was promised is there, with the rows that it was published with. */
async function expectVersions(workspace: Workspace, promised: number): Promise<void> {
  const versions = promised === 0 ? [] : await listVersions(workspace, "daily_batch");
  expect(versions.length).toBeGreaterThanOrEqual(promised);
  for (const { sql, rows } of versions) {
    const [{ found }] = await withLake(workspace, {}, (lake) =>
      lake.rows<{ found: number }>(`SELECT count(*)::DOUBLE AS found FROM ${sql}`),
    );
    expect(found).toBe(rows);
  }
}

const CHECKS: Record<string, Check> = {
  publish: async (workspace, promised) => {
    const version = await readVersion(workspace, "daily_batch");
    if (version !== null) expect(await verifyVersion(version)).toEqual([]);
    expect(version?.manifest.rows ?? 0).toBeGreaterThanOrEqual(promised * 300);
    await expectVersions(workspace, promised);
    await publishAgain(workspace);
    await expectVersions(workspace, promised + 1);
    expect((await readTable(workspace, "daily_batch"))?.manifest.rows).toBe(1);
  },
  stream: async (workspace, promised) => {
    const days = [0, 0, 1, 2][promised];
    expect((await publishedDays(workspace)).length).toBeGreaterThanOrEqual(days);
    const topic = embeddedTopic(workspace, { partitions: 1 });
    const [{ end }] = await topic.ranges();
    expect(end).toBeGreaterThanOrEqual(promised * 990);
    await consume(workspace, topic, { once: true }).finally(() => topic.close());
    const after = await publishedDays(workspace);
    for (const { minutes } of after) expect(minutes).toBe(1_440);
  },
  batch: async (workspace, promised, inputs) => {
    for (const table of await publishedTables(workspace)) {
      const version = await readVersion(workspace, table);
      if (version !== null) expect(await verifyVersion(version)).toEqual([]);
    }
    const rows = (await readTable(workspace, "daily_batch"))?.manifest.rows ?? 0;
    expect(rows).toBeGreaterThanOrEqual(promised);
    const files = [1, 2].map((day) => join(inputs, `${day}`, "BTCUSDT.csv"));
    const { ingested } = await runBatch(workspace, files);
    expect(ingested.balance).toMatchObject({ kept: 2_880 });
    expect((await tableRows(workspace, "daily_batch", "minutes")).length).toBe(2);
  },
  books: async (workspace, promised) => {
    const last = await lastRun(workspace);
    if (promised > 0) expect(Number(last?.rows ?? promised)).toBeGreaterThanOrEqual(promised);
    expect(last === null && promised > 0).toBe(false);
    const symbols = (await readJournal(workspace)).map(({ symbol }) => symbol);
    expect(symbols.slice(0, promised)).toEqual(["S1", "S2", "S3"].slice(0, promised));
    const bans = banList(join(workspace.root, "data", "bans.json"));
    for (let step = 1; step <= promised; step += 1) {
      await expect(bans.check(`http://${step}.test`, Date.UTC(2025, 5, 2))).rejects.toMatchObject({
        code: "banned",
      });
    }
  },
};

async function sweep(kind: string, disk: Disk, inputs: string): Promise<string[]> {
  const random = seededRandom(7);
  const faults: string[] = [];
  for (let i = 0; i < tries(...COUNTS[kind]); i += 1) {
    const crash = Math.floor(random() * (disk.length + 1));
    const loss = LOSSES[i % LOSSES.length];
    const root = await mkdtemp(join(tmpdir(), "candlebook-crash-"));
    disk.crashInto(root, crash, { loss, random });
    const promised = disk.acknowledged(crash).trim().split("\n").filter(Boolean).length;
    await CHECKS[kind](workspaceAt(root), promised, inputs).catch((error: Error) => {
      faults.push(
        `${kind}, ${crash} of ${disk.length} changes, loss ${loss}, ${promised} promised: ${error.message}`,
      );
    });
    await rm(root, { recursive: true });
  }
  return faults;
}

describe.skipIf(!canRecord)("a power cut", () => {
  it.each(Object.keys(CHECKS))(
    "loses nothing that was promised (%s)",
    async (kind) => {
      const folder = await mkdtemp(join(tmpdir(), "candlebook-recorded-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const root = join(folder, "workspace");
      await mkdir(root);
      await writeInputs(folder);
      const program = join(import.meta.dirname, "..", "testkit", "powerLoss", "program.ts");
      const disk = record(root, program, [kind, root, folder]);
      expect(await sweep(kind, disk, folder)).toEqual([]);
      const count = tries(...COUNTS[kind]);
      measured(
        `power loss, ${kind}: ${count} crash states of ${disk.length} changes, 0 torn, 0 lost, all start`,
      );
    },
    SOAK_TIMEOUT_MS,
  );
});
