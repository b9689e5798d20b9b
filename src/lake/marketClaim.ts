import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { z } from "zod";
import { failure, inputError } from "../core/errors.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import { inWorkspace, type MarketClaim, type Workspace } from "../core/workspace.ts";
import { publishedTables } from "./catalog.ts";
import { withTableLock } from "./lock.ts";

export type { MarketClaim } from "../core/workspace.ts";

const claimForm: z.ZodType<MarketClaim> = z.discriminatedUnion("market", [
  z.object({ schema: z.literal(1), market: z.literal("real") }),
  z.object({
    schema: z.literal(1),
    market: z.literal("simulated"),
    seed: z.number().int(),
    now: z.number().int(),
  }),
]);

export const REAL_MARKET: MarketClaim = { schema: 1, market: "real" };

/** Places with rows of a market that no table has yet: the archive's files, the topic, and a broker's producers. */
const ROWS_OUTSIDE_TABLES = ["data/raw/archive.json", "data/topic.db", "data/producers.db"];

type Place = Pick<Workspace, "root" | "market">;

const claimPath = (workspace: Place) => inWorkspace(workspace, "data", "market.json");

/**
 * The market of the workspace, or of its first rows to come; null if neither is known.
 * @throws CandlebookError `unknown_market` if another version wrote it in another form
 */
export async function readClaim(workspace: Place): Promise<MarketClaim | null> {
  return (await heldClaim(workspace)) ?? workspace.market ?? null;
}

/**
 * The claim of a workspace with rows; without rows a claim is not binding: a crash left it, or the tables were
 * deleted.
 */
async function heldClaim(workspace: Place): Promise<MarketClaim | null> {
  const value = await readJson(claimPath(workspace));
  if (value === null) return null;
  const claim = claimForm.safeParse(value);
  if (!claim.success) {
    throw failure(
      "unknown_market",
      "data/market.json, which states the market of the workspace, has a form that this candlebook does not read.",
      "Update candlebook, or use another workspace: --workspace DIR.",
    );
  }
  return (await holdsRows(workspace)) ? claim.data : null;
}

async function holdsRows(workspace: Place): Promise<boolean> {
  if ((await publishedTables(workspace)).length > 0) return true;
  return ROWS_OUTSIDE_TABLES.some((path) => existsSync(inWorkspace(workspace, path)));
}

/** Seed of the workspace's simulated market; null: the real one, or none yet. @throws as `readClaim` */
export async function simulatedSeedOf(workspace: Place): Promise<number | null> {
  const claim = await readClaim(workspace);
  return claim?.market === "simulated" ? claim.seed : null;
}

/**
 * The workspace bound to one market, before any work for it. Nothing is written: an empty workspace is bound by its
 * first rows (`underClaim`).
 * @throws CandlebookError `mixed_markets`, `other_seed` (exit 2) if it holds another
 */
export async function forMarket(workspace: Workspace, market: MarketClaim): Promise<Workspace> {
  const claim = await readClaim(workspace);
  refuseOther(claim, market);
  return { ...workspace, market: claim ?? market };
}

/**
 * Runs the step that writes rows to a workspace: the first one binds the workspace to their market, atomically for
 * all processes. If the step fails, an empty workspace stays unbound.
 * @param market null: unknown, so nothing is claimed
 * @throws CandlebookError `mixed_markets`, `other_seed` if another market's rows were first
 */
export async function underClaim<Result>(
  workspace: Workspace,
  market: MarketClaim | null,
  step: () => Promise<Result>,
): Promise<Result> {
  if (market === null) return step();
  const held = await heldClaim(workspace);
  if (held !== null) {
    if (workspace.market !== undefined) refuseOther(held, market);
    return step();
  }
  return withTableLock(workspace, "market", async () => {
    const meanwhile = await heldClaim(workspace);
    refuseOther(meanwhile, market);
    if (meanwhile !== null) return step();
    await writeFileWhole(claimPath(workspace), `${JSON.stringify(market, null, 2)}\n`);
    try {
      return await step();
    } catch (error) {
      await rm(claimPath(workspace), { force: true });
      throw error;
    }
  });
}

function refuseOther(held: MarketClaim | null, market: MarketClaim): void {
  if (held === null) return;
  if (held.market !== market.market) {
    throw inputError(
      "mixed_markets",
      `This workspace holds ${held.market} data; ${market.market} data can't be added to it.`,
      `Use a separate workspace: --workspace DIR${held.market === "simulated" ? "" : ", or --simulated alone"}.`,
    );
  }
  if (held.market === "simulated" && market.market === "simulated" && held.seed !== market.seed) {
    throw inputError(
      "other_seed",
      `This workspace holds the simulated market of seed ${held.seed}, not ${market.seed}.`,
      "Use another workspace for another seed: --workspace DIR.",
    );
  }
}
