import { rm } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { run } from "../src/pipeline/run.ts";
import type { Day } from "../src/time/day.ts";
import { DAY_MS } from "../src/time/epoch.ts";
import { startExchange } from "../testkit/simulator.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

let cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

describe("a run on the public archive", () => {
  it("takes it in an empty workspace, goes on to yesterday, and asks for nothing twice a day", async () => {
    const start = Date.parse("2025-03-05T06:00:00Z");
    const exchange = await startExchange(start, { seed: 6 }, 2_000);
    const scratch = await scratchWorkspace();
    cleanups.push(() => rm(scratch.root, { recursive: true, force: true }));
    cleanups.push(() => exchange.simulator.close());
    let now = start;
    const workspace: Workspace = { ...scratch, clock: () => now };
    const { archiveUrl, restUrl } = exchange.simulator;
    const again = () => run(workspace, { archiveUrl, restUrl, until: "merge" });

    const first = await run(workspace, { archiveUrl, restUrl, from: "2025-02-01" as Day, until: "merge" });
    expect(first.source).toBe("binance");
    expect(await lastDay(workspace)).toBe("2025-03-04");
    expect(first.balance?.in).toBe(2 * (28 + 4) * 1_440);

    const asked = exchange.simulator.requests.length;
    const second = await again();
    expect(second.stages.filter(({ skipped }) => !skipped)).toEqual([]);
    expect(exchange.simulator.requests.length).toBe(asked);

    now += DAY_MS;
    exchange.clock.advance(DAY_MS);
    await again();
    expect(await lastDay(workspace)).toBe("2025-03-05");
  });
});

async function lastDay(workspace: Workspace): Promise<string> {
  const served = await readTable(workspace, "daily_filled");
  const [row] = await withLake(workspace, {}, (lake) =>
    lake.rows<{ day: string }>(`SELECT max(day)::VARCHAR AS day FROM ${served?.sql}`),
  );
  return row.day;
}
