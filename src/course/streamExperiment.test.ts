import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingestMinutes, treeOf } from "../../testkit/minuteFiles.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { clean } from "../batch/clean.ts";
import { daily } from "../batch/daily.ts";
import type { Workspace } from "../core/workspace.ts";
import { streamExperiment } from "./streamExperiment.ts";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await scratchWorkspace();
  await ingestMinutes(workspace, [{ from: "2024-01-01", days: 3 }]);
  await clean(workspace);
  await daily(workspace);
});
afterAll(() => rm(workspace.root, { recursive: true }));

describe("the stream experiment", () => {
  it("closes the days that the batch has, field by field, and writes nothing", async () => {
    const before = await treeOf(workspace.root);
    const { stream, batch, differences, outOfOrder, doubled, late } = await streamExperiment(workspace, {
      symbol: "BTCUSDT",
    });
    expect(batch.map(({ day }) => day)).toEqual(["2024-01-02", "2024-01-03"]);
    expect(stream.map(({ day, origin }) => [day, origin])).toEqual([
      ["2024-01-02", "speed"],
      ["2024-01-03", "speed"],
    ]);
    expect(differences).toEqual([]);
    expect(outOfOrder).toBeGreaterThan(0);
    expect(doubled).toBeGreaterThan(0);
    expect(late).toBe(0);
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  it("misses the minutes that are later than the lateness, and has them where the lateness is longer", async () => {
    const played = (latenessMinutes: number) =>
      streamExperiment(workspace, { symbol: "BTCUSDT", delayMinutes: 150, latenessMinutes });
    const short = await played(60);
    expect(short.late).toBeGreaterThan(0);
    expect(short.differences.map(({ field }) => field)).toContain("minutes");
    expect(await played(180)).toMatchObject({ late: 0, differences: [] });
  });

  it("refuses days whose minutes are no longer there", async () => {
    await ingestMinutes(workspace, [{ from: "2024-01-01", days: 2 }]);
    await clean(workspace);
    await expect(streamExperiment(workspace, { symbol: "BTCUSDT" })).rejects.toMatchObject({
      code: "stale_days",
      exit: 2,
    });
  });
});
