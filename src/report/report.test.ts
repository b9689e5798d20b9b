import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingestMinutes, treeOf } from "../../testkit/minuteFiles.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { clean } from "../batch/clean.ts";
import { daily } from "../batch/daily.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { claims } from "../course/claims.ts";
import { merge } from "../serving/merge.ts";
import { report } from "./report.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

const file = (from: string) => ({ from, days: 2 });

async function ranOnce(): Promise<void> {
  await ingestMinutes(workspace, [file("2024-01-01"), file("2024-01-03")]);
  await clean(workspace);
  await daily(workspace);
  await merge(workspace);
  const folder = inWorkspace(workspace, "report", "notebooks");
  await mkdir(folder, { recursive: true });
  const cells = [{ cell_type: "markdown", id: "title", metadata: {}, source: "# Week 1: ingestion" }];
  await writeFile(join(folder, "week1-ingestion.ipynb"), JSON.stringify({ nbformat: 4, cells }));
}

/** Week, verdict and value of each claim. */
async function verdicts(): Promise<[number, boolean | null, string][]> {
  return (await claims(workspace)).map(({ week, holds, value }) => [week, holds, value.en]);
}

/** All of the workspace but the report. */
async function data(): Promise<Record<string, string>> {
  const tree = await treeOf(workspace.root);
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith("report")));
}

describe("report", () => {
  it("says in an empty workspace what to run first", async () => {
    await expect(report(workspace)).rejects.toMatchObject({
      code: "empty_workspace",
      exit: 2,
      next: expect.stringContaining("candlebook run"),
    });
  });

  it("says that no notebook was run", async () => {
    await ingestMinutes(workspace, [file("2024-01-01")]);
    await expect(report(workspace)).rejects.toMatchObject({
      code: "no_notebooks",
      exit: 2,
      next: expect.stringContaining("candlebook notebooks"),
    });
  });

  it("decides every claim that tables up to date allow", async () => {
    await ranOnce();
    const found = await verdicts();
    expect(found.slice(0, 5)).toEqual([
      [1, true, "5,760 = 5,760 + 0 + 0"],
      [2, true, "0 of 5,760 minutes"],
      [3, true, "0 of 4 days differ"],
      [4, true, expect.stringMatching(/^0 differences after 5,9\d\d messages$/)],
      [5, true, "0 of 4 days"],
    ]);
    expect(found.slice(5).map(([, holds]) => holds)).toEqual([null, null, null]);
  });

  it("publishes no table where fewer files are ingested than the daily table covers, and says what to run", async () => {
    await ranOnce();
    await ingestMinutes(workspace, [file("2024-01-01")]);
    const before = await data();
    expect((await report(workspace)).skipped).toBe(false);
    expect(await data()).toEqual(before);
    expect((await report(workspace)).skipped).toBe(true);
    expect((await verdicts())[0]).toEqual([1, null, expect.stringContaining("run candlebook clean")]);
    const page = await readFile(inWorkspace(workspace, "report", "index.html"), "utf8");
    expect(page).toContain("from 2,880 raw rows to 4 days");

    await clean(workspace);
    const after = await data();
    await report(workspace);
    expect(await data()).toEqual(after);
    const found = await verdicts();
    expect(found[0]).toEqual([1, true, "2,880 = 2,880 + 0 + 0"]);
    expect(found[2]).toEqual([3, null, expect.stringContaining("run candlebook daily")]);
    expect(found[3]).toEqual([4, null, expect.stringContaining("Run candlebook daily")]);

    await daily(workspace);
    expect((await verdicts()).slice(2, 4).map(([, holds]) => holds)).toEqual([true, true]);
  });
});
