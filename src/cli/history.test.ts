import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandLine } from "../../testkit/commandLine.ts";
import { dayRow, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import { recordRun } from "../pipeline/runLog.ts";

let workspace: Workspace;
const on = (instant: string): Workspace => ({ ...workspace, clock: () => Date.parse(instant) });
const rows = (...closes: number[]) => closes.map((close, i) => dayRow(`2024-01-0${i + 1}`, close));

beforeAll(async () => {
  workspace = await scratchWorkspace();
  await putTable(on("2024-02-01T00:00:00Z"), "daily_filled", rows(1, 2));
  const end = await recordRun(on("2024-02-02T00:00:00Z"), "run", "log");
  await putTable(on("2024-02-02T00:00:00Z"), "daily_filled", rows(1, 2, 3));
  await end({ rows: 3, seconds: 1, exit: 0 });
  await putTable(on("2024-02-03T00:00:00Z"), "daily_filled", rows(1, 5));
  await putTable(on("2024-02-03T00:00:00Z"), "gaps", rows(1));
});
afterAll(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

const typed = (...words: string[]) => commandLine(...words, "--workspace", workspace.root, "--quiet");
const jsonOf = async (...words: string[]) => JSON.parse((await typed(...words, "--json")).out);

describe("history", () => {
  it("lists each version with what it changed and the run that published it", async () => {
    const { versions } = await jsonOf("history", "daily_filled");
    expect(versions).toMatchObject([
      { at: "2024-02-01T00:00:00.000Z", rows: 2, change: null, run: null },
      {
        rows: 3,
        change: { added: 1, changed: 0, removed: 0, from: "2024-01-03" },
        run: expect.stringMatching(/^\w{8}$/),
      },
      { rows: 2, change: { added: 0, changed: 1, removed: 1 }, stage: "daily", run: null },
    ]);
    const { out } = await typed("history", "daily_filled");
    expect(out.split("\n")[0]).toMatch(
      /^published +version +rows +added +changed +removed +days +stage +run$/,
    );
    expect(out.trim().split("\n")).toHaveLength(4);
  });

  it("refuses an unknown table with the nearest name", async () => {
    const { err, exit } = await typed("history", "daily_fild");
    expect([err, exit]).toEqual([expect.stringContaining("Did you mean daily_filled?"), 2]);
    for (const words of [
      ["history", "gaps"],
      ["prune", "--older-than", "1d", "--table", "gaps"],
    ])
      expect((await typed(...words)).err).toContain("Earlier versions of the table gaps are not kept.");
  });
});

describe("query --at", () => {
  const closes = async (at: string) =>
    (await jsonOf("query", "SELECT close FROM daily_filled ORDER BY day", "--at", at)).rows.map(
      ({ close }: { close: number }) => close,
    );

  it("answers as it was known at an instant, and of a version", async () => {
    expect(await closes("2024-02-02T12:00:00Z")).toEqual([1, 2, 3]);
    const { versions } = await jsonOf("history", "daily_filled");
    expect(await closes(versions[0].version)).toEqual([1, 2]);
    expect(await closes("2024-03-01")).toEqual([1, 5]);
  });

  it("passes the same sandbox", async () => {
    const file = join(workspace.root, "data_analysis", ".versions", "daily_filled", "history.parquet");
    for (const from of [`read_parquet('${file}')`, `'${file}'`, "gaps", "duckdb_settings()"]) {
      const { err, exit } = await typed("query", `SELECT * FROM ${from}`, "--at", "2024-02-02");
      expect([err, exit]).toEqual([expect.stringMatching(/daily_filled/), 2]);
    }
    expect((await typed("query", "SELECT 1", "--at", "2020-01-01")).err).toMatch(
      /The first one that is kept is of 2024-02-01/,
    );
    expect((await typed("query", "SELECT 1", "--at", "soon")).err).toMatch(/neither an instant nor/);
  });
});

describe("diff", () => {
  it("names rows added, removed and changed by their key", async () => {
    const found = await jsonOf("diff", "daily_filled", "2024-02-02", "2024-02-03");
    expect(found).toMatchObject({
      added: 0,
      changed: 1,
      removed: 1,
      before: { rows: 3 },
      after: { rows: 2 },
    });
    expect(found.rows).toMatchObject([
      { change: "changed", day: "2024-01-02", field: "close", before: "2.0", after: "5.0" },
      { change: "changed", field: "high" },
      { change: "changed", field: "low" },
      { change: "changed", field: "open" },
      { change: "changed", field: "volume" },
      { change: "removed", day: "2024-01-03", field: null },
    ]);
    const { out } = await typed("diff", "daily_filled", "2024-02-01", "2024-02-02");
    expect(out).toMatch(/1 row added, 0 removed, 0 changed\.\nchange .*\nadded +BTCUSDT +2024-01-03/);
    expect((await typed("diff", "daily_filled", "2024-02-03", "2024-02-03")).out).toMatch(/0 changed\.\n$/);
  });

  it("writes a file", async () => {
    const path = join(workspace.root, "difference.csv");
    await typed("diff", "daily_filled", "2024-02-01", "2024-02-02", "--out", path);
    expect(await readFile(path, "utf8")).toBe(
      "change,symbol,day,field,before,after\nadded,BTCUSDT,2024-01-03,,,\n",
    );
  });
});
