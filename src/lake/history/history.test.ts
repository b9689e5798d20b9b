import { readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayRow, putTable, scratchWorkspace } from "../../../testkit/tables.ts";
import type { Workspace } from "../../core/workspace.ts";
import { addDays, type Day } from "../../time/day.ts";
import { DAILY_TYPES } from "../columns.ts";
import { readVersion } from "../manifest.ts";
import { readTable } from "../read.ts";
import { restoreTable } from "../restore.ts";
import { literal, withLake } from "../session.ts";
import { placeOf } from "../tables.ts";
import { HISTORY_FILE } from "./keptTables.ts";
import { listVersions, versionAt, versionsAt } from "./versions.ts";

const START = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

let workspace: Workspace;
/** Days since the start. */
let now: number;
beforeEach(async () => {
  now = 0;
  workspace = { ...(await scratchWorkspace()), clock: () => START + now * DAY };
});
afterEach(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

const at = (day: number) => new Date(START + day * DAY).toISOString();
const closes = (days: readonly number[]) =>
  days.map((close, i) => dayRow(addDays("2025-01-01" as Day, i), close));

/** Publishes closes of consecutive days, a day later each time. */
async function publish(...versions: (readonly number[])[]): Promise<void> {
  for (const days of versions) {
    await putTable(workspace, "daily_batch", closes(days));
    now += 1;
  }
}

async function rowsOf(sql: string): Promise<unknown[]> {
  return withLake(workspace, {}, (lake) => lake.rows(`SELECT * REPLACE (day::VARCHAR AS day) FROM ${sql}`));
}

async function closesAt(instant: string): Promise<number[]> {
  const rows = await rowsOf((await versionAt(workspace, "daily_batch", instant)).sql);
  return rows.map((row) => (row as { close: number }).close);
}

describe("the versions of a table", () => {
  it("are found by an instant, a day or their id, and what each changed is known", async () => {
    await publish([1, 2], [1, 3, 4], [1, 3]);
    expect(await closesAt(at(0))).toEqual([1, 2]);
    expect(await closesAt("2026-01-02")).toEqual([1, 3, 4]);
    expect(await closesAt(at(99))).toEqual([1, 3]);
    const versions = await listVersions(workspace, "daily_batch");
    expect(versions.map(({ at: instant, rows }) => [instant, rows])).toEqual([
      [at(0), 2],
      [at(1), 3],
      [at(2), 2],
    ]);
    expect(versions.map(({ change }) => change)).toEqual([
      null,
      { added: 1, changed: 1, removed: 0, from: "2025-01-02", to: "2025-01-03" },
      { added: 0, changed: 0, removed: 1, from: "2025-01-03", to: "2025-01-03" },
    ]);
    expect(await closesAt(versions[1].id)).toEqual([1, 3, 4]);
  });

  it("with equal rows are two, the later one without a change", async () => {
    await publish([1], [1], [2]);
    expect((await listVersions(workspace, "daily_batch"))[1].change).toMatchObject({
      added: 0,
      changed: 0,
      removed: 0,
    });
  });

  it("refuses what is not known, with the nearest name", async () => {
    await publish([1], [2]);
    const [first] = await listVersions(workspace, "daily_batch");
    const refused = (instant: string, code: string, next: RegExp) =>
      expect(versionAt(workspace, "daily_batch", instant)).rejects.toMatchObject({
        code,
        exit: 2,
        next: expect.stringMatching(next),
      });
    await refused(at(-1), "no_version", /2026-01-01T00:00/);
    await refused("yesterday", "bad_instant", /candlebook history/);
    const typo = `${first.id.slice(0, -1)}${first.id.endsWith("0") ? "1" : "0"}`;
    await refused(typo, "unknown_version", new RegExp(`Did you mean ${first.id}`));
    await expect(versionsAt(workspace, typo)).rejects.toMatchObject({ code: "unknown_version" });
    await expect(listVersions(workspace, "daily_bach")).rejects.toMatchObject({
      code: "unknown_table",
      next: expect.stringMatching(/Did you mean daily_batch/),
    });
    await putTable(workspace, "gaps", closes([1]));
    await expect(listVersions(workspace, "gaps")).rejects.toMatchObject({ code: "no_history" });
  });

  it("of several tables are those of one instant, or of one version's publication", async () => {
    await publish([1], [2]);
    await putTable(workspace, "daily_filled", closes([7]));
    expect((await versionsAt(workspace, at(1))).map(({ table }) => table)).toEqual(["daily_batch"]);
    const [{ id }] = await listVersions(workspace, "daily_filled");
    const found = await versionsAt(workspace, id);
    expect(found.map(({ table, at: instant }) => [table, instant])).toEqual([
      ["daily_batch", at(1)],
      ["daily_filled", at(2)],
    ]);
  });

  it("are kept when a version is restored, which is published again", async () => {
    await publish([1], [2]);
    await restoreTable(workspace, "daily_batch");
    now += 1;
    await publish([3]);
    const known = await Promise.all([0, 1, 2, 3].map((day) => closesAt(at(day))));
    expect(known).toEqual([[1], [2], [1], [3]]);
  });

  it("with other columns are kept as they were published, those before them too", async () => {
    await publish([1], [2]);
    const columns = { ...DAILY_TYPES, note: "VARCHAR" } as const;
    await putTable(
      workspace,
      "daily_batch",
      closes([3]).map((row) => ({ ...row, note: "n" })),
      { columns },
    );
    now += 1;
    await putTable(
      workspace,
      "daily_batch",
      closes([4]).map((row) => ({ ...row, note: "n" })),
      { columns },
    );
    now += 1;
    await publish([5]);
    const known = await Promise.all([0, 1, 2, 3, 4].map((day) => closesAt(at(day))));
    expect(known).toEqual([[1], [2], [3], [4], [5]]);
    expect((await listVersions(workspace, "daily_batch"))[2].change).toBeNull();
  });

  it("outlive a published version that can't be read", async () => {
    await publish([1], [2], [3]);
    const { folder } = (await readVersion(workspace, "daily_batch")) ?? {};
    await truncate(join(folder as string, "part-0.parquet"), 100);
    await publish([4], [5]);
    expect((await listVersions(workspace, "daily_batch")).map(({ at: instant }) => instant)).toEqual([
      at(0),
      at(1),
      at(3),
      at(4),
    ]);
    expect(await closesAt(at(0))).toEqual([1]);
    expect(await closesAt(at(2))).toEqual([2]);
  });

  it("refuses a damaged history, and leaves the published table", async () => {
    await publish([1], [2]);
    await truncate(join(placeOf(workspace, "daily_batch").versions, HISTORY_FILE), 50);
    await expect(closesAt(at(0))).rejects.toMatchObject({ code: "damaged_history", exit: 1 });
    await expect(publish([3])).rejects.toMatchObject({ code: "damaged_history" });
    expect((await readTable(workspace, "daily_batch"))?.manifest.rows).toBe(1);
  });

  it("of a later form are refused, and the published table is left", async () => {
    await publish([1], [2]);
    const file = join(placeOf(workspace, "daily_batch").versions, HISTORY_FILE);
    await withLake(workspace, {}, async (lake) => {
      await lake.run(`CREATE TABLE later AS SELECT * REPLACE (replace(_version, '"schema":1', '"schema":2') AS _version)
        FROM read_parquet(${literal(file)})`);
      await lake.run(`COPY later TO ${literal(file)} (FORMAT parquet)`);
    });
    await expect(closesAt(at(0))).rejects.toMatchObject({ code: "newer_table" });
    await expect(publish([3])).rejects.toMatchObject({ code: "newer_table" });
  });

  it("take no folder of their own", async () => {
    await publish([1], [2], [3], [4]);
    expect(await readdir(placeOf(workspace, "daily_batch").versions)).toHaveLength(5);
  });
});
