import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clean } from "../src/batch/clean.ts";
import { daily } from "../src/batch/daily.ts";
import { ingest } from "../src/batch/ingest.ts";
import { readClaim } from "../src/lake/marketClaim.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { archiveAnswers, archiveSource } from "../src/pipeline/archiveSource.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import { madeUpMarket } from "../src/simulator/madeUpMarket.ts";
import { backfill } from "../src/sources/backfill.ts";
import type { Day } from "../src/time/day.ts";
import { DAY_MS, type EpochMs } from "../src/time/epoch.ts";
import { startArchive, states, stored } from "../testkit/archive.ts";

/** Prices of a day's minutes as the made-up exchange has them, by open time. */
function exchangeMinutes(seed: number, day: string) {
  const from = Date.parse(`${day}T00:00Z`) as EpochMs;
  const minutes = [...madeUpMarket({ seed }).minutes("BTCUSDT", from, (from + DAY_MS) as EpochMs)];
  return new Map(
    minutes.map(({ openTime, open, high, low, close, volume }) => [
      Number(openTime),
      { open, high, low, close, volume },
    ]),
  );
}

describe("the archive as a run's source", () => {
  it("goes on with all symbols and days that were asked for, whichever came before it broke off", async () => {
    const { exchange, workspace } = await startArchive("2025-05-07T12:00", [
      { on: "archive", path: "BTCUSDT-1h-2025-05-05.zip", times: 5, fault: { kind: "reset" } },
    ]);
    const options = {
      archiveUrl: exchange.simulator.archiveUrl,
      network: exchange.network,
      interval: "1h" as const,
      parallel: 2,
    };
    const asked = { symbols: ["BTCUSDT", "ETHUSDT"], from: "2025-05-05" as Day };
    await expect(archiveSource(workspace, { ...options, ...asked })).rejects.toMatchObject({ exit: 3 });
    expect(await archiveSource(workspace, options)).toMatchObject(asked);
    // A name that nobody knows is not asked for again.
    expect(await archiveSource(workspace, { ...options, symbols: ["SOLUSDT"] })).toMatchObject({ paths: [] });
    expect(await archiveSource(workspace, options)).toMatchObject(asked);
  });

  it.each([
    ["short", "short", "10 rows missing"],
    ["doubled", "doubled", "29 rows repeated"],
    ["off the grid", "offGrid", "1 rows missing, 1 rows off the grid or outside the period"],
  ] as const)(
    "counts after the checksum: rows that are %s are said, and fetched over REST",
    async (_name, kind, remark) => {
      const rule: FaultRule = { on: "archive", path: "2025-05-02.zip", fault: { kind } };
      const { exchange, workspace } = await startArchive("2025-05-04T12:00", [rule]);
      const { files, inputs } = await archiveSource(workspace, {
        archiveUrl: exchange.simulator.archiveUrl,
        network: exchange.network,
        symbols: ["BTCUSDT"],
        from: "2025-05-01" as Day,
      });
      expect(files[1]).toMatchObject({ state: "fetched", remark });
      await ingest(workspace, { files: inputs, source: "binance" });
      await clean(workspace);
      await daily(workspace);
      await backfill(workspace, { restUrl: exchange.simulator.restUrl, network: exchange.network });
      await ingest(workspace, { files: [] });
      await clean(workspace);
      const { symbols } = await daily(workspace);
      expect(symbols[0]).toMatchObject({ days: 3, completeDays: 3, minutes: 3 * 1440, gaps: 0 });
    },
  );

  it("decides by the rule for duplicates where REST and a later archive disagree, and counts it", async () => {
    const later = Date.UTC(2025, 4, 5, 11);
    const { exchange, workspace } = await startArchive("2025-05-04T12:00", [
      { on: "archive", path: "2025-05-02", to: later, fault: { kind: "short" } },
      { on: "archive", path: "2025-05-02", from: later, fault: { kind: "republished" } },
    ]);
    const { archiveUrl, restUrl } = exchange.simulator;
    const options = {
      archiveUrl,
      network: exchange.network,
      symbols: ["BTCUSDT"],
      from: "2025-05-01" as Day,
    };
    const to = "2025-05-03" as Day;
    const first = await archiveSource(workspace, { ...options, to });
    await ingest(workspace, { files: first.inputs, source: "binance" });
    await clean(workspace);
    await daily(workspace);
    await backfill(workspace, { restUrl, network: exchange.network, to });
    exchange.clock.advance(DAY_MS);
    const second = await archiveSource(workspace, { ...options, to });
    expect(states(second.files)).toContain("2025-05-02 republished");
    await ingest(workspace, { files: second.inputs });
    const { balance, symbols } = await clean(workspace);
    // Both candles stand in the manifest, the one that stays first.
    const [{ disagreements }] = symbols;
    const day = exchangeMinutes(6, "2025-05-02");
    expect(disagreements).toHaveLength(1);
    const { openTime, kept, dropped } = disagreements[0];
    expect([kept.origin, dropped.origin].sort()).toEqual(["backfill", "batch"]);
    expect(kept.volume).toBeGreaterThan(dropped.volume);
    const own = kept.origin === "backfill" ? kept : dropped;
    expect(own).toMatchObject(day.get(Date.parse(openTime)) as object);
    const manifest = (await readTable(workspace, "btc_clean"))?.manifest;
    expect(manifest?.facts.years).toMatchObject({ 2025: { disagreements } });
    // The ten minutes that REST gave stand in the new file too; one of them with another volume.
    expect(balance).toMatchObject({ kept: 3 * 1440, duplicates: 10, conflicts: 1, rejected: 0 });
  });

  it("reads headers and both units: the same rows across the change from ms to µs", async () => {
    const { exchange, workspace } = await startArchive("2025-01-03T12:00", [], { header: true });
    const { inputs } = await archiveSource(workspace, {
      archiveUrl: exchange.simulator.archiveUrl,
      network: exchange.network,
      from: "2024-12-31" as Day,
      symbols: ["BTCUSDT"],
    });
    const { balance, files } = await ingest(workspace, { files: inputs, source: "binance" });
    expect(files.map(({ units }) => units.join())).toEqual(["ms", "us", "us"]);
    expect(balance).toMatchObject({ in: 3 * 1440, kept: 3 * 1440, rejected: 0 });
    await clean(workspace);
    const version = await readTable(workspace, "btc_clean");
    const [{ span }] = await withLake(workspace, {}, (lake) =>
      lake.rows<{ span: number }>(
        `SELECT (epoch_ms(max(open_time)) - epoch_ms(min(open_time)))::DOUBLE AS span FROM ${version?.sql}`,
      ),
    );
    expect(span).toBe(3 * DAY_MS - 60_000);
  });

  it("takes a simulated exchange's files into an empty workspace of its market, and into no real one", async () => {
    const { exchange, workspace } = await startArchive("2025-05-04T12:00", [], { madeUp: true });
    const { archiveUrl } = exchange.simulator;
    const { network } = exchange;
    const days = { from: "2025-05-02" as Day, symbols: ["BTCUSDT"] };
    const dry = await archiveSource(workspace, { ...days, archiveUrl, network, dryRun: true });
    expect([states(dry.files), await readClaim(workspace)]).toEqual([
      ["2025-05-02 wanted", "2025-05-03 wanted"],
      null,
    ]);
    await archiveSource(workspace, { ...days, archiveUrl, network });
    const now = Date.parse("2025-05-04T12:00Z");
    expect(await readClaim(workspace)).toEqual({ schema: 1, market: "simulated", seed: 6, now });
    const real = await startArchive("2025-05-04T12:00");
    const realUrl = real.exchange.simulator.archiveUrl;
    const own = (url: string) => archiveSource(real.workspace, { ...days, archiveUrl: url, network });
    await own(realUrl);
    real.exchange.clock.advance(DAY_MS);
    const stood = await stored(real.workspace);
    await expect(own(archiveUrl)).rejects.toMatchObject({ code: "mixed_markets", exit: 2 });
    expect(await stored(real.workspace)).toEqual(stood);
    const other = await startArchive("2025-05-04T12:00", [], { madeUp: true, seed: 7 });
    exchange.clock.advance(DAY_MS);
    for (const url of [realUrl, other.exchange.simulator.archiveUrl]) {
      await expect(archiveSource(workspace, { ...days, archiveUrl: url, network })).rejects.toMatchObject({
        code: "mixed_markets",
      });
    }
  });

  it("says within one request that nothing answers", async () => {
    const { exchange, workspace } = await startArchive("2025-01-03T12:00");
    const { archiveUrl } = exchange.simulator;
    await archiveAnswers({ archiveUrl, network: exchange.network });
    await exchange.simulator.close();
    await expect(archiveAnswers({ archiveUrl, network: exchange.network })).rejects.toMatchObject({
      code: "archive_unreachable",
      exit: 3,
    });
    await expect(archiveSource(workspace, { archiveUrl, network: exchange.network })).rejects.toMatchObject({
      code: "archive_unreachable",
    });
    expect(exchange.waited()).toBe(0);
    await expect(stat(join(workspace.root, "data", "market.json"))).rejects.toThrow();
  });
});
