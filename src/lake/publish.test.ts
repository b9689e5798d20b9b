import { mkdtemp, readdir, readFile, readlink, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Workspace } from "../core/workspace.ts";
import { withTableLock } from "./lock.ts";
import { readManifest } from "./manifest.ts";
import { publishTable, type Recipe } from "./publish.ts";
import { readTable } from "./read.ts";
import { restoreTable } from "./restore.ts";
import { placeOf } from "./tables.ts";

let workspace: Workspace;
const recipe = (version: string): Recipe => ({
  table: "daily_batch",
  stage: "daily",
  parameters: {},
  inputs: [{ name: "btc_clean", version }],
  source: "csv",
});
const write = (text: string) => async (folder: string) => {
  await writeFile(join(folder, "part-0.parquet"), text);
  return { rows: text.length };
};
const content = (link: string) => readFile(join(link, "part-0.parquet"), "utf8");

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-publish-"));
  workspace = { root, clock: () => Date.UTC(2026, 0, 1), resources: { threads: 1, memory: "256MB" } };
});
afterEach(() => rm(workspace.root, { recursive: true }));

describe("publishTable", () => {
  it("switches to the new version, keeps the one before as backup and removes the rest", async () => {
    const place = placeOf(workspace, "daily_batch");
    for (const text of ["one", "two", "three"]) await publishTable(workspace, recipe(text), write(text));
    expect(await content(place.link)).toBe("three");
    expect(await content(place.backup)).toBe("two");
    expect(await readdir(place.versions)).toHaveLength(4);
    expect(await readlink(place.link)).not.toContain(workspace.root);
  });

  it("does nothing where the recipe is the same, and rebuilds what was damaged", async () => {
    const first = await publishTable(workspace, recipe("a"), write("rows"));
    expect((await publishTable(workspace, recipe("a"), write("never"))).skipped).toBe(true);
    await truncate(join(first.folder, "part-0.parquet"), 1);
    await expect(readTable(workspace, "daily_batch")).rejects.toMatchObject({ code: "damaged_table" });
    expect((await publishTable(workspace, recipe("a"), write("again"))).skipped).toBe(false);
    expect((await readTable(workspace, "daily_batch"))?.manifest.rows).toBe(5);
  });

  it("leaves the old version where the writer fails, and nothing of the new", async () => {
    await publishTable(workspace, recipe("a"), write("old"));
    const failing = publishTable(workspace, recipe("b"), async (folder) => {
      await writeFile(join(folder, "part-0.parquet"), "half");
      throw Object.assign(new Error("write failed"), { code: "ENOSPC" });
    });
    await expect(failing).rejects.toMatchObject({ code: "disk_full", exit: 1 });
    const place = placeOf(workspace, "daily_batch");
    expect(await content(place.link)).toBe("old");
    expect(await readdir(place.versions)).toHaveLength(2);
  });

  it("lets the writer read the version that it replaces", async () => {
    await publishTable(workspace, recipe("a"), write("old"));
    const published = await publishTable(workspace, recipe("b"), async (folder) =>
      write(`${await content(placeOf(workspace, "daily_batch").link)} and new`)(folder),
    );
    expect(await content(published.folder)).toBe("old and new");
  });

  it("names every part with size and hash in the manifest", async () => {
    await publishTable(workspace, recipe("a"), write("rows"));
    const manifest = await readManifest(workspace, "daily_batch");
    expect(manifest?.parts).toEqual([
      { path: "part-0.parquet", bytes: 4, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(JSON.stringify(manifest)).not.toContain(workspace.root);
  });

  const changed = async (change: (manifest: Record<string, unknown>) => string) => {
    const { folder } = await publishTable(workspace, recipe("a"), write("rows"));
    await writeFile(`${folder}.json`, change(JSON.parse(await readFile(`${folder}.json`, "utf8"))));
  };

  it("refuses a table of a later form, to readers and to the stage that makes it", async () => {
    await changed((manifest) => JSON.stringify({ ...manifest, schema: 99 }));
    await expect(readTable(workspace, "daily_batch")).rejects.toMatchObject({ code: "newer_table" });
    const again = publishTable(workspace, recipe("a"), write("never"));
    await expect(again).rejects.toMatchObject({ code: "newer_table" });
  });

  it.each([
    ["older_table", "of an earlier form", (manifest: object) => JSON.stringify({ ...manifest, schema: 0 })],
    ["damaged_table", "without its fields", () => JSON.stringify({ schema: 1 })],
    ["damaged_table", "that is cut short", (manifest: object) => JSON.stringify(manifest).slice(0, 50)],
  ])("%s: a manifest %s is refused to readers and replaced by its stage", async (code, _, change) => {
    await changed(change);
    await expect(readManifest(workspace, "daily_batch")).rejects.toMatchObject({ code });
    await expect(readTable(workspace, "daily_batch")).rejects.toMatchObject({ code });
    expect((await publishTable(workspace, recipe("a"), write("again"))).skipped).toBe(false);
    expect((await readTable(workspace, "daily_batch"))?.manifest.rows).toBe(5);
  });
});

describe("restoreTable", () => {
  it("puts the previous version back, and a second call undoes it", async () => {
    const place = placeOf(workspace, "daily_batch");
    for (const text of ["one", "two"]) await publishTable(workspace, recipe(text), write(text));
    const { manifest } = await restoreTable(workspace, "daily_batch");
    expect(manifest.inputs[0].version).toBe("one");
    expect([await content(place.link), await content(place.backup)]).toEqual(["one", "two"]);
    await restoreTable(workspace, "daily_batch");
    expect([await content(place.link), await content(place.backup)]).toEqual(["two", "one"]);
  });

  it("refuses what is not there, has no backup, or a backup that was touched", async () => {
    for (const name of ["daily_batch", "../daily_batch", ""]) {
      await expect(restoreTable(workspace, name)).rejects.toMatchObject({ code: "unknown_table", exit: 2 });
    }
    const { folder } = await publishTable(workspace, recipe("one"), write("one"));
    await expect(restoreTable(workspace, "daily_batch")).rejects.toMatchObject({ code: "no_backup" });
    await publishTable(workspace, recipe("two"), write("two"));
    await writeFile(join(folder, "part-0.parquet"), "eno");
    await expect(restoreTable(workspace, "daily_batch")).rejects.toMatchObject({ code: "damaged_backup" });
    expect(await content(placeOf(workspace, "daily_batch").link)).toBe("two");
  });
});

describe("withTableLock", () => {
  it("refuses a second writer with the first one's process id, and is free afterwards", async () => {
    await withTableLock(workspace, "daily_batch", async () => {
      const inside = withTableLock(workspace, "daily_batch", async () => "same chain");
      expect(await inside).toBe("same chain");
    });
    const taken = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    const first = withTableLock(workspace, "daily_batch", async () => {
      taken.resolve();
      await finished.promise;
    });
    await taken.promise;
    const second = withTableLock(workspace, "daily_batch", async () => "second", 100);
    await expect(second).rejects.toMatchObject({
      code: "table_locked",
      message: expect.stringContaining(`${process.pid}`),
    });
    finished.resolve();
    await first;
    expect(await withTableLock(workspace, "daily_batch", async () => "free")).toBe("free");
  });
});
