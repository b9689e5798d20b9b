import { spawnSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import { generate } from "../../src/simulator/generate.ts";
import type { Day } from "../../src/time/day.ts";
import { PROJECT } from "../../testkit/candlebook.ts";
import { measured, SOAK_TIMEOUT_MS, tries } from "../../testkit/soak.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

const SIZES = tries(6, 200);
const OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"];

const noMounts =
  process.platform === "linux" &&
  spawnSync(OWN_MOUNTS[0], [...OWN_MOUNTS.slice(1), "sh", "-c", "mount -t tmpfs tmpfs /mnt"]).status === 0
    ? null
    : "no disk of a chosen size can be mounted here (Linux with user namespaces can)";
if (noMounts) console.log(`skipped: ${noMounts}`);

describe.skipIf(noMounts)("a disk that fills up or is read-only", () => {
  let scratch: Workspace;
  beforeAll(async () => {
    scratch = await scratchWorkspace();
  });
  afterAll(() => rm(scratch.root, { recursive: true }));

  it(`leaves every table whole, says so, and the next run completes (${SIZES} sizes)`, {
    timeout: SOAK_TIMEOUT_MS,
  }, async () => {
    const files: string[][] = [];
    for (const seed of [1, 2]) {
      const folder = join(scratch.root, `market${seed}`);
      const market = { seed, from: "2024-12-30" as Day, to: "2025-01-02" as Day };
      const made = await generate(folder, market);
      files.push(made.files.map(({ name }) => join(folder, name)));
    }
    const disk = join(scratch.root, "disk");
    await mkdir(disk);
    const script = [
      join(PROJECT, "testkit/fullDisk.ts"),
      disk,
      String(SIZES),
      ...files[0],
      "--",
      ...files[1],
    ];
    const { stdout, stderr, status } = spawnSync(
      OWN_MOUNTS[0],
      [...OWN_MOUNTS.slice(1), process.execPath, ...script],
      {
        encoding: "utf8",
      },
    );
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    const outcomes = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const readOnly = outcomes.pop();
    expect(readOnly).toMatchObject({
      whole: true,
      completed: true,
      error: { code: "not_writable", exit: 1 },
    });
    expect(outcomes).toHaveLength(SIZES);
    const failed = outcomes.filter(({ error }) => error !== null);
    expect(outcomes.filter(({ whole, completed }) => !whole || !completed)).toEqual([]);
    expect(failed.filter(({ error }) => error.code !== "disk_full" || error.exit !== 1)).toEqual([]);
    expect(failed.length).toBeGreaterThan(SIZES / 4);
    measured(
      `disk full: ${failed.length} of ${SIZES} sizes too small; old tables readable ${SIZES} of ${SIZES}, completed after ${SIZES} of ${SIZES}`,
    );
  });
});
