import { stat } from "node:fs/promises";
import { z } from "zod";
import { failure, inputError } from "../core/errors.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";

const claimForm = z.discriminatedUnion("market", [
  z.object({ schema: z.literal(1), market: z.literal("real") }),
  z.object({
    schema: z.literal(1),
    market: z.literal("simulated"),
    seed: z.number().int(),
    /** The simulated market's own present, milliseconds since 1970 UTC. */
    now: z.number().int(),
  }),
]);

/** Which market a workspace holds: the real one, or a made-up one with its seed and its own present. */
export type MarketClaim = z.infer<typeof claimForm>;

const claimPath = (workspace: Pick<Workspace, "root">) =>
  inWorkspace(workspace as Workspace, "data", "market.json");

/**
 * What the workspace holds, or null while it is empty.
 * @throws CandlebookError `unknown_market` where another version wrote it in a form of its own
 */
export async function readClaim(workspace: Pick<Workspace, "root">): Promise<MarketClaim | null> {
  const value = await readJson(claimPath(workspace));
  if (value === null) return null;
  const claim = claimForm.safeParse(value);
  if (claim.success) return claim.data;
  throw failure(
    "unknown_market",
    "data/market.json does not say in a form that this candlebook reads which market the workspace holds.",
    "Update candlebook, or use another workspace: --workspace DIR.",
  );
}

/** Seed of the simulated market that the workspace holds; null: the real one, or none yet. @throws as `readClaim` */
export async function simulatedSeedOf(workspace: Pick<Workspace, "root">): Promise<number | null> {
  const claim = await readClaim(workspace);
  return claim?.market === "simulated" ? claim.seed : null;
}

/**
 * Claims a workspace for one market, before its first row is written.
 * @throws CandlebookError `mixed_markets` (exit 2) where it holds another
 */
export async function claimMarket(workspace: Workspace, claim: MarketClaim): Promise<void> {
  const held = await readClaim(workspace);
  if (held === null) {
    await writeFileWhole(claimPath(workspace), `${JSON.stringify(claim, null, 2)}\n`);
    return;
  }
  if (held.market !== claim.market) {
    throw inputError(
      "mixed_markets",
      `This workspace holds ${held.market} data; ${claim.market} data never goes in with it.`,
      `Use a workspace of its own: --workspace DIR${held.market === "simulated" ? "" : ", or --simulated alone"}.`,
    );
  }
  if (held.market === "simulated" && claim.market === "simulated" && held.seed !== claim.seed) {
    throw inputError(
      "other_seed",
      `This workspace holds the simulated market of seed ${held.seed}, not ${claim.seed}.`,
      "Use another workspace for another seed: --workspace DIR.",
    );
  }
}

/** Whether a run in this folder fell back to the simulated market, which lies in `simulated/` below it. */
export async function simulatedBeside(workspace: Workspace): Promise<boolean> {
  const claim = claimPath({ root: inWorkspace(workspace, "simulated") });
  return (await stat(claim).catch(() => null)) !== null;
}
