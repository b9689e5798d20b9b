import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import { generate } from "../../src/simulator/generate.ts";
import type { Day } from "../../src/time/day.ts";
import { runBatch, tableRows } from "../../testkit/batch.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await scratchWorkspace("2026-01-01T00:00:00Z");
});
afterAll(() => rm(workspace.root, { recursive: true }));

const inScratch = (name: string) => join(workspace.root, name);
const market = {
  seed: 5,
  from: "2024-12-30" as Day,
  to: "2025-01-03" as Day,
  dirt: { duplicates: 0.05, conflicts: 0.05, invalid: 0.03, holes: 0.05 },
};

describe("a made-up market", () => {
  it("has the same bytes for the same seed, and others for another", async () => {
    const text = async (folder: string, seed: number) => {
      await generate(inScratch(folder), { ...market, seed });
      return readFile(inScratch(`${folder}/BTCUSDT_1m_made_up.csv`), "utf8");
    };
    const [first, again, other] = [await text("a", 5), await text("b", 5), await text("c", 6)];
    expect(again === first).toBe(true);
    expect(other === first).toBe(false);
  });

  it("comes out of the batch layer as its expected answer says", async () => {
    const { files } = await generate(inScratch("market"), market);
    const { ingested, cleaned, folded } = await runBatch(
      workspace,
      files.map(({ name }) => inScratch(`market/${name}`)),
    );
    for (const [i, { name, expected }] of files.entries()) {
      expect(
        Math.min(expected.balance.conflicts, expected.balance.rejected, expected.gaps.count),
      ).toBeGreaterThan(50);
      const { in: rows, kept, duplicates, conflicts } = cleaned.symbols[i];
      expect({
        in: rows + expected.balance.rejected,
        kept,
        duplicates,
        conflicts,
        rejected: ingested.files[i].rows.rejected,
      }).toEqual(expected.balance);
      expect(ingested.files[i].reasons).toEqual(expected.reasons);
      const rejects = await tableRows<{ file: string; line: number; reason: string }>(
        workspace,
        "rejects",
        "file, line::INTEGER AS line, reason",
      );
      const own = rejects.filter(({ file }) => file === name);
      expect(own.map(({ line, reason }) => ({ line, reason }))).toEqual(expected.rejects);
      expect(folded.symbols[i]).toMatchObject({
        gaps: expected.gaps.count,
        missingMinutes: expected.gaps.minutes,
      });
      const days = await tableRows<{ symbol: string }>(
        workspace,
        "daily_batch",
        "symbol, day::VARCHAR AS day, open, high, low, close, volume, minutes",
      );
      expect(days.filter(({ symbol }) => symbol === expected.symbol)).toEqual(
        expected.days.map((day) => ({ symbol: expected.symbol, ...day })),
      );
    }
  });

  it.each([
    [{ from: "2025-01-02", to: "2025-01-01" }],
    [{ from: "2008-01-01", to: "2025-01-01" }],
    [{ dirt: { holes: 0.9, invalid: 0.2 } }],
    [{ dirt: { holes: -1 } }],
  ])("is refused with %j", async (options) => {
    const refused = generate(inScratch("never"), { ...market, ...(options as Partial<typeof market>) });
    await expect(refused).rejects.toMatchObject({ code: "bad_option", exit: 2 });
  });
});
