import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candlebook, PROJECT } from "../../testkit/candlebook.ts";
import { contentsOf } from "../../testkit/contents.ts";
import { SOAK, SOAK_TIMEOUT_MS } from "../../testkit/soak.ts";
import { dayRow, dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import { listVersions } from "../lake/history/versions.ts";
import { restoreTable } from "../lake/restore.ts";
import { withLake } from "../lake/session.ts";
import { merge } from "./merge.ts";

const SERVED = ["daily_filled", "prophet_input", "reconciliation"];
const LAYERS = {
  old: [...dayRows("2024-01-01", 30), dayRow("2024-02-04", 90)],
  new: [...dayRows("2024-01-01", 34), dayRow("2024-02-04", 95)],
};
type Goal = keyof typeof LAYERS;

let workspace: Workspace;
let whole: Record<Goal, Record<string, string>>;
beforeAll(async () => {
  workspace = await scratchWorkspace("2024-02-10T00:00:00Z");
  await putTable(workspace, "streaming_output", dayRows("2024-01-20", 12, { origin: "speed" }));
  whole = { old: await calm("old"), new: await calm("new") };
});
afterAll(() => rm(workspace.root, { recursive: true }));

async function served(): Promise<Record<string, string>> {
  const all = Object.entries(await contentsOf(workspace));
  return Object.fromEntries(all.filter(([table]) => SERVED.includes(table)));
}

async function calm(goal: Goal): Promise<Record<string, string>> {
  await putTable(workspace, "daily_batch", LAYERS[goal]);
  await merge(workspace);
  return served();
}

/** The command line, killed right before its nth change of the disk; `Infinity` lets it live and counts them. */
async function killedAt(step: number, words: readonly string[]) {
  const { exit, err } = await candlebook(
    [...words, "--workspace", workspace.root, "--now", "2024-02-10", "--quiet"],
    {
      NODE_OPTIONS: `--import=${join(PROJECT, "testkit", "killAt.ts")} --no-warnings`,
      KILL_AT: String(step),
    },
  );
  return { killed: exit === null, changes: Number(/(\d+) changes of the disk/.exec(err)?.[1] ?? 0) };
}

/** All steps in the soak; else so many, spread over them. */
function stepsOf(changes: number, sample: number): number[] {
  const all = Array.from({ length: changes }, (_, i) => i + 1);
  return SOAK
    ? all
    : all.filter(
        (step) => Math.floor((step * sample) / changes) !== Math.floor(((step - 1) * sample) / changes),
      );
}

/** Every earlier version has the rows that it was published with. */
async function expectVersions(): Promise<void> {
  const versions = await listVersions(workspace, "daily_filled");
  expect(versions.length).toBeGreaterThan(1);
  for (const { sql, rows } of versions) {
    const [{ found }] = await withLake(workspace, {}, (lake) =>
      lake.rows<{ found: number }>(`SELECT count(*)::DOUBLE AS found FROM ${sql}`),
    );
    expect(found).toBe(rows);
  }
}

function expectOldOrNew(found: Record<string, string>): void {
  expect(Object.keys(found).sort()).toEqual(SERVED);
  for (const table of SERVED) expect([whole.old[table], whole.new[table]]).toContain(found[table]);
}

describe("kill -9 right before each change of the disk", () => {
  it(
    "of a merge: each table is the old one or the new one, and the next merge completes",
    async () => {
      await putTable(workspace, "daily_batch", LAYERS.old);
      const { changes } = await killedAt(Number.POSITIVE_INFINITY, ["merge"]);
      expect(changes).toBeGreaterThan(20);
      const steps = stepsOf(changes, 4);
      for (const [i, step] of steps.entries()) {
        const goal = i % 2 === 0 ? "new" : "old";
        await putTable(workspace, "daily_batch", LAYERS[goal]);
        expect((await killedAt(step, ["merge"])).killed).toBe(true);
        expectOldOrNew(await served());
        await expectVersions();
        await merge(workspace);
        expect(await served()).toEqual(whole[goal]);
        await expectVersions();
      }
    },
    SOAK_TIMEOUT_MS,
  );

  it(
    "of a restore: the table is one version or the other, and can be restored or made again",
    async () => {
      await calm("old");
      await calm("new");
      const words = ["restore", "daily_filled"];
      const { changes } = await killedAt(Number.POSITIVE_INFINITY, words);
      expect(changes).toBeGreaterThan(4);
      const steps = stepsOf(changes, 2);
      for (const step of steps) {
        await calm("old");
        await calm("new");
        expect((await killedAt(step, words)).killed).toBe(true);
        const found = await served();
        expectOldOrNew(found);
        await expectVersions();
        if (found.daily_filled === whole.new.daily_filled) {
          await restoreTable(workspace, "daily_filled");
          expect((await served()).daily_filled).toBe(whole.old.daily_filled);
        }
        await merge(workspace);
        expect(await served()).toEqual(whole.new);
      }
    },
    SOAK_TIMEOUT_MS,
  );
});
