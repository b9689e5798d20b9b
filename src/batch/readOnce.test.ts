import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tableRows, writeFiles } from "../../testkit/batch.ts";
import type { Source } from "../candle/candle.ts";
import type { Workspace } from "../core/workspace.ts";
import { clean } from "./clean.ts";
import { ingest } from "./ingest.ts";

const START = Date.UTC(2024, 0, 1);

/** Minutes as a file; the row of `broken` has its high below its low. */
const minutes = (from: number, count: number, broken = -1) =>
  `open_time,open,high,low,close,volume\n${Array.from({ length: count }, (_, i) => {
    const price = 100 + (i % 7);
    return [START + (from + i) * 60_000, price, i === broken ? price - 5 : price + 1, price - 1, price, 2];
  })
    .map((row) => row.join(","))
    .join("\n")}\n`;

let workspace: Workspace;
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-once-"));
  workspace = { root, clock: () => START + 86_400_000, resources: { threads: 2, memory: "512MB" } };
});
afterEach(() => rm(workspace.root, { recursive: true }));

const read = (files: string[], also: string[], source: Source) =>
  ingest(workspace, {
    files: files.map((path) => ({ path, symbol: "BTCUSDT" })),
    also: also.map((path) => ({ path, symbol: "BTCUSDT" })),
    source,
  });

describe("a copy that is read once", () => {
  it.each(["csv", "simulated"] as const)(
    "adds its rows until the next reading, in %s data",
    async (source) => {
      const [own, copy] = await writeFiles(workspace, [
        { name: "BTCUSDT_1min.csv", text: minutes(0, 300) },
        { name: "copy.csv", text: minutes(0, 300, 17) },
      ]);
      const before = (await read([own], [], source)).balance;
      expect(before).toMatchObject({ in: 300, rejected: 0 });
      await clean(workspace, {});
      const rows = () => tableRows(workspace, "btc_clean", "open_time, close");
      const cleaned = await rows();

      expect((await read([], [copy], source)).balance).toMatchObject({ in: 600, kept: 599, rejected: 1 });
      expect((await clean(workspace, {})).balance.duplicates).toBe(299);
      expect(await rows()).toEqual(cleaned);

      expect((await read([], [], source)).balance).toEqual(before);
      expect((await clean(workspace, {})).balance.duplicates).toBe(0);
      expect((await read([], [], source)).skipped).toBe(true);
    },
  );

  it("is refused in a simulated workspace that has no minutes of its time, and changes nothing", async () => {
    const [own, other] = await writeFiles(workspace, [
      { name: "BTCUSDT_1min.csv", text: minutes(0, 300) },
      { name: "other.csv", text: minutes(400, 300) },
    ]);
    await read([own], [], "simulated");
    await expect(read([], [other], "simulated")).rejects.toMatchObject({ code: "mixed_markets", exit: 2 });
    expect(await read([], [], "simulated")).toMatchObject({ balance: { in: 300 }, skipped: true });
  });
});
