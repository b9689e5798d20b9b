import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../testkit/live.ts";
import { dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import { WEEKS } from "../course/weeks.ts";
import type { ExecuteOptions } from "./executeNotebook.ts";
import { type NotebookRun, runNotebooksBy } from "./runNotebooks.ts";

const ALL = WEEKS.map(({ week }) => week);
const CELLS = { cells: 1, seconds: 0, errors: [] };

let workspace: Workspace;
/** The weeks, in the order in which they were begun. */
let begun: number[];
let running: number;
let most: number;

beforeEach(async () => {
  workspace = await scratchWorkspace();
  begun = [];
  running = 0;
  most = 0;
});
afterEach(() => rm(workspace.root, { recursive: true, force: true }));

const weekOf = ({ notebook }: ExecuteOptions) => Number(/^week(\d)/.exec(basename(notebook))?.[1]);

/** Runs a notebook without a kernel: counts it, does what a test wants meanwhile, and leaves a file. */
function counting(meanwhile: (week: number, options: ExecuteOptions) => Promise<void> | void) {
  return async (options: ExecuteOptions) => {
    begun.push(weekOf(options));
    running += 1;
    most = Math.max(most, running);
    await meanwhile(weekOf(options), options);
    await mkdir(dirname(options.output), { recursive: true });
    await writeFile(options.output, "{}");
    running -= 1;
    return CELLS;
  };
}

const ran = (runs: readonly NotebookRun[]) => runs.map(({ name, skipped }) => [Number(name[4]), skipped]);

describe("notebooks side by side", () => {
  it("one at a time where nothing is said, in their order", async () => {
    const runs = await runNotebooksBy(
      counting(() => {}),
      workspace,
      {},
    );
    expect({ most, begun }).toEqual({ most: 1, begun: ALL });
    expect(ran(runs)).toEqual(ALL.map((week) => [week, false]));
  });

  it("as many as were asked for at once, and never one more", async () => {
    const execute = counting((week) => {
      // A fourth beside the three would be counted before the first of them ends: nothing but a place is missing to it.
      if (week <= 3) return until("three run side by side", () => most >= 3);
    });
    await runNotebooksBy(execute, workspace, { atOnce: 3 });
    expect(most).toBe(3);
    expect(begun.toSorted()).toEqual(ALL);
  });

  it("a second time, one after the other, where one has missed what another published beside it", async () => {
    const execute = counting(async (week) => {
      if (begun.length > ALL.length) return;
      await until("all run side by side", () => begun.length === ALL.length);
      if (week !== 3) return;
      await until("the others have ended", () => running === 1);
      await putTable(workspace, "daily_batch", dayRows("2024-01-01", 3));
    });
    const runs = await runNotebooksBy(execute, workspace, { atOnce: ALL.length });
    // Weeks 1 and 2 don't stand on days, and week 3 has seen its own.
    const later = ALL.filter((week) => week > 3);
    expect(begun.slice(ALL.length)).toEqual(later);
    expect(ran(runs)).toEqual(ALL.map((week) => [week, false]));
    const again = await runNotebooksBy(execute, workspace, { atOnce: ALL.length });
    expect(ran(again)).toEqual(ALL.map((week) => [week, true]));
    expect(begun).toHaveLength(ALL.length + later.length);
  });

  it("begin no other after one has failed, and stop what runs beside it", async () => {
    const stopped: number[] = [];
    const execute = counting(async (week, { signal }) => {
      await until("two run side by side", () => most === 2);
      if (week === 1) throw new Error("no kernel");
      await until("it is told to stop", () => signal?.aborted === true);
      stopped.push(week);
    });
    await expect(runNotebooksBy(execute, workspace, { atOnce: 2 })).rejects.toThrow("no kernel");
    expect({ begun: begun.toSorted(), stopped }).toEqual({ begun: [1, 2], stopped: [2] });
  });
});
