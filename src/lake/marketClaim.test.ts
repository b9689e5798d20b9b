import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayRow, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { MarketClaim, Workspace } from "../core/workspace.ts";
import { forMarket, REAL_MARKET, readClaim, underClaim } from "./marketClaim.ts";

const MADE_UP: MarketClaim = { schema: 1, market: "simulated", seed: 7, now: 5 };
const DAY = [dayRow("2025-06-01", 10)];

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

const put = (of: Workspace, source: "csv" | "simulated", rows = DAY) =>
  putTable(of, "daily_batch", rows, { source });

describe("a workspace becomes a market's", () => {
  it("with its first table that has rows, and takes no other market's from then on", async () => {
    const real = await forMarket(workspace, REAL_MARKET);
    expect(await readClaim(workspace)).toBeNull();
    await put(real, "csv", []);
    expect(await readClaim(workspace)).toBeNull();
    await put(real, "csv");
    expect(await readClaim(workspace)).toEqual(REAL_MARKET);
    await expect(forMarket(workspace, MADE_UP)).rejects.toMatchObject({ code: "mixed_markets", exit: 2 });
  });

  it("for the made-up market with its seed and present", async () => {
    await put(await forMarket(workspace, MADE_UP), "simulated");
    expect(await readClaim(workspace)).toEqual(MADE_UP);
    expect((await forMarket(workspace, { ...MADE_UP, now: 9 })).market).toEqual(MADE_UP);
    await expect(forMarket(workspace, { ...MADE_UP, seed: 8 })).rejects.toMatchObject({ code: "other_seed" });
  });

  it("once, where two begin at the same time", async () => {
    const [real, madeUp] = [await forMarket(workspace, REAL_MARKET), await forMarket(workspace, MADE_UP)];
    const results = await Promise.allSettled([
      put(real, "csv"),
      putTable(madeUp, "daily_backfill", DAY, { source: "simulated" }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = results.find((result) => result.status === "rejected");
    expect(lost?.reason).toMatchObject({ code: "mixed_markets", exit: 2 });
    expect((await readClaim(workspace))?.market).toBe(
      results[0].status === "fulfilled" ? "real" : "simulated",
    );
  });

  it("not where a crash left the claim alone, nor where the first step fails", async () => {
    await mkdir(join(workspace.root, "data"));
    const claim = join(workspace.root, "data", "market.json");
    await writeFile(claim, JSON.stringify(REAL_MARKET));
    const madeUp = await forMarket(workspace, MADE_UP);
    const broken = underClaim(madeUp, MADE_UP, () => Promise.reject(new Error("no room")));
    await expect(broken).rejects.toThrow("no room");
    await expect(stat(claim)).rejects.toThrow();
    await put(madeUp, "simulated");
    expect(await readClaim(workspace)).toEqual(MADE_UP);
  });
});
