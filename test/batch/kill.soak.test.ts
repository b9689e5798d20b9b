import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import { publishedTables } from "../../src/lake/catalog.ts";
import { generate } from "../../src/simulator/generate.ts";
import type { Day } from "../../src/time/day.ts";
import { runBatch } from "../../testkit/batch.ts";
import { PROJECT } from "../../testkit/candlebook.ts";
import { contentsOf } from "../../testkit/contents.ts";
import { SOAK_TIMEOUT_MS, tries } from "../../testkit/soak.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

const KILLS = tries(7, 300);

let scratch: Workspace;
const files: Record<string, string[]> = {};
const expected: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  scratch = await scratchWorkspace();
  for (const [name, seed] of [
    ["old", 1],
    ["new", 2],
  ] as const) {
    const folder = join(scratch.root, name);
    const market = { seed, from: "2024-12-27" as Day, to: "2025-01-04" as Day };
    const made = await generate(folder, market);
    files[name] = made.files.map((file) => join(folder, file.name));
    const calm = await scratchWorkspace();
    await runBatch(calm, files[name]);
    expected[name] = await contentsOf(calm);
    await rm(calm.root, { recursive: true });
  }
});
afterAll(() => rm(scratch.root, { recursive: true }));

async function run(root: string, goal: string, killAfterMs: number | null): Promise<number | null> {
  const words = [join(PROJECT, "testkit/batchProcess.ts"), root, ...files[goal]];
  const child = spawn(process.execPath, words, { stdio: "ignore" });
  const timer = killAfterMs === null ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const [exit] = await once(child, "close");
  clearTimeout(timer);
  return exit;
}

describe("kill -9 in the batch layer", () => {
  it(`leaves each table old or new, and the next run completes (${KILLS} kill points)`, {
    timeout: SOAK_TIMEOUT_MS,
  }, async () => {
    const workspace = await scratchWorkspace();
    const { root } = workspace;
    const started = performance.now();
    expect(await run(root, "old", null)).toBe(0);
    let duration = performance.now() - started;
    let cut = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const goal = kill % 2 === 0 ? "new" : "old";
      const begun = performance.now();
      if ((await run(root, goal, ((kill + 0.5) / KILLS) * duration)) === null) cut += 1;
      else duration = performance.now() - begun;
      for (const [table, hash] of Object.entries(await contentsOf(workspace))) {
        expect([expected.old[table], expected.new[table]]).toContain(hash);
      }
      if (kill % 4 === 3) {
        expect(await run(root, goal, null)).toBe(0);
        expect(await contentsOf(workspace)).toEqual(expected[goal]);
        expect((await publishedTables(workspace)).length).toBe(Object.keys(expected[goal]).length);
      }
    }
    await rm(root, { recursive: true });
    expect(cut).toBeGreaterThan(KILLS / 2);
  });
});
