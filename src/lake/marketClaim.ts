import { rm, stat } from "node:fs/promises";
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

/** Where rows of a market are that no table has yet: the archive's files, the topic, and a broker's producers. */
const ROWS_OUTSIDE_TABLES = ["data/raw/archive.json", "data/topic.db", "data/producers.db"];

type Place = Pick<Workspace, "root" | "market">;

const claimPath = (workspace: Place) => inWorkspace(workspace, "data", "market.json");

/**
 * What the workspace holds, or what its first rows will make it; null where neither is known.
 * @throws CandlebookError `unknown_market` where another version wrote it in a form of its own
 */
export async function readClaim(workspace: Place): Promise<MarketClaim | null> {
  return (await heldClaim(workspace)) ?? workspace.market ?? null;
}

/** The claim of a workspace that has rows; one without any binds nobody: a crash left it, or its tables were deleted. */
async function heldClaim(workspace: Place): Promise<MarketClaim | null> {
  const value = await readJson(claimPath(workspace));
  if (value === null) return null;
  const claim = claimForm.safeParse(value);
  if (!claim.success) {
    throw failure(
      "unknown_market",
      "data/market.json does not say in a form that this candlebook reads which market the workspace holds.",
      "Update candlebook, or use another workspace: --workspace DIR.",
    );
  }
  return (await holdsRows(workspace)) ? claim.data : null;
}

async function holdsRows(workspace: Place): Promise<boolean> {
  if ((await publishedTables(workspace)).length > 0) return true;
  const found = ROWS_OUTSIDE_TABLES.map((path) =>
    stat(inWorkspace(workspace, path)).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(found)).includes(true);
}

/** Seed of the simulated market that the workspace holds; null: the real one, or none yet. @throws as `readClaim` */
export async function simulatedSeedOf(workspace: Place): Promise<number | null> {
  const claim = await readClaim(workspace);
  return claim?.market === "simulated" ? claim.seed : null;
}

/**
 * The workspace as one market's, before any work for it. Nothing is written: an empty workspace becomes that market's
 * with its first rows (`underClaim`).
 * @throws CandlebookError `mixed_markets`, `other_seed` (exit 2) where it holds another
 */
export async function forMarket(workspace: Workspace, market: MarketClaim): Promise<Workspace> {
  const claim = await readClaim(workspace);
  refuseOther(claim, market);
  return { ...workspace, market: claim ?? market };
}

/**
 * Does the step that gives a workspace rows: the first one claims the workspace for their market, in the same moment
 * for all processes. Where the step fails, an empty workspace stays nobody's.
 * @param market null: not known, so nothing is claimed
 * @throws CandlebookError `mixed_markets`, `other_seed` where another market's rows came first
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
      `This workspace holds ${held.market} data; ${market.market} data never goes in with it.`,
      `Use a workspace of its own: --workspace DIR${held.market === "simulated" ? "" : ", or --simulated alone"}.`,
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

/** Whether a run in this folder fell back to the simulated market, which lies in `simulated/` below it. */
export async function simulatedBeside(workspace: Workspace): Promise<boolean> {
  const claim = claimPath({ root: inWorkspace(workspace, "simulated") });
  return (await stat(claim).catch(() => null)) !== null;
}
