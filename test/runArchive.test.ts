import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { readClaim } from "../src/lake/marketClaim.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { archiveSource } from "../src/pipeline/archiveSource.ts";
import { run } from "../src/pipeline/run.ts";
import { minuteBook } from "../src/simulator/book.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import { madeUpMarket } from "../src/simulator/madeUpMarket.ts";
import { firstAskedDay, readJournal } from "../src/sources/journal.ts";
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
    const exchange = await exchangeAnd(start, []);
    let now = start;
    const workspace: Workspace = { ...exchange.workspace, clock: () => now };
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

  it.each([
    ["refused", { on: "archive", path: "ETHUSDT", fault: { kind: "wrongChecksum" } }, ["ETHUSDT"]],
    ["not there", { on: "archive", fault: { kind: "status", status: 404 } }, ["BTCUSDT", "ETHUSDT"]],
  ] as const)("begins over REST where every file of a symbol is %s", async (_name, rule, bare) => {
    const now = Date.parse("2025-03-05T06:00:00Z");
    const { simulator, workspace } = await exchangeAnd(now, [rule]);
    const { archiveUrl, restUrl } = simulator;
    const done = await run(workspace, { archiveUrl, restUrl, from: "2025-03-02" as Day, until: "merge" });
    expect(done.source).toBe("binance");
    expect(done.remarks.filter((text) => text.endsWith("its minutes were fetched over REST."))).toEqual(
      bare.map((symbol) => `The archive has no valid file of ${symbol}: its minutes were fetched over REST.`),
    );
    expect(done.balance?.kept).toBe(2 * 3 * 1_440);
    expect(await lastDay(workspace)).toBe("2025-03-04");
    const asked = simulator.requests.length;
    await run(workspace, { archiveUrl, restUrl, until: "merge" });
    expect(simulator.requests.slice(asked).filter(({ path }) => path.includes("/klines?"))).toEqual([]);
  });

  it("ends with exit 3 and the reason where neither the archive nor REST has anything", async () => {
    const now = Date.parse("2025-03-05T06:00:00Z");
    const { simulator, workspace } = await exchangeAnd(now, [
      { on: "archive", fault: { kind: "status", status: 404 } },
      { on: "rest", fault: { kind: "empty" } },
    ]);
    const { archiveUrl, restUrl } = simulator;
    const from = "2025-03-02" as Day;
    const requests = () => simulator.requests.filter(({ path }) => path.includes("/klines?")).length;
    let before = 0;
    for (let time = 0; time < 2; time += 1) {
      const attempt = run(workspace, { archiveUrl, restUrl, from, symbols: ["BTCUSDT"] });
      await expect(attempt).rejects.toMatchObject({ code: "no_candles", exit: 3 });
      expect(requests()).toBeGreaterThan(before);
      before = requests();
    }
    expect(firstAskedDay(await readJournal(workspace))).toBeNull();
    expect(await readClaim(workspace)).toBeNull();
  });
});

describe("a symbol that the exchange does not have", () => {
  it("ends a run with exit 2, and nothing of it is remembered", async () => {
    const { simulator, workspace } = await exchangeAnd(Date.parse("2025-03-05T06:00:00Z"), []);
    const { archiveUrl, restUrl } = simulator;
    const from = "2025-03-03" as Day;
    const symbols = ["NOPEUSDT"];
    await expect(run(workspace, { archiveUrl, restUrl, from, symbols })).rejects.toMatchObject({
      code: "no_such_symbol",
      exit: 2,
    });
    const { files } = await archiveSource(workspace, { archiveUrl, from, symbols });
    expect(files.every(({ state }) => state === "absent")).toBe(true);
    expect(await readClaim(workspace)).toBeNull();
    expect(await readdir(join(workspace.root, "data", "raw")).catch(() => [])).toEqual([]);
    const done = await run(workspace, { archiveUrl, restUrl, from, until: "ingest" });
    expect(done.stages).toMatchObject([{ note: "4 files, 5,760 rows, 0 rejected" }]);
  });
});

async function exchangeAnd(now: number, faults: readonly FaultRule[]) {
  // Listed late: the daily candles of all years would be folded from their minutes.
  const market = madeUpMarket({ seed: 6, firstDay: () => "2024-11-01" as Day });
  const exchange = await startExchange(now, { book: minuteBook(market), faults });
  const scratch = await scratchWorkspace();
  cleanups.push(() => rm(scratch.root, { recursive: true, force: true }));
  cleanups.push(() => exchange.simulator.close());
  return { ...exchange, workspace: { ...scratch, clock: () => now } };
}

async function lastDay(workspace: Workspace): Promise<string> {
  const served = await readTable(workspace, "daily_filled");
  const [row] = await withLake(workspace, {}, (lake) =>
    lake.rows<{ day: string }>(`SELECT max(day)::VARCHAR AS day FROM ${served?.sql}`),
  );
  return row.day;
}
