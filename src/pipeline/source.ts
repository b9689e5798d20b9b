import { stat } from "node:fs/promises";
import type { InputFile } from "../batch/ingest.ts";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { claimMarket, readClaim } from "../lake/source.ts";
import { openWorkspace } from "./openWorkspace.ts";
import { SIMULATED_SEED, simulatedMarket } from "./simulatedMarket.ts";

/** Where a run's candles come from. Nothing said: what the workspace has. */
export interface SourceChoice {
  /** A person's files; they replace those of the run before. */
  files?: readonly InputFile[];
  /** The made-up market. */
  simulated?: boolean;
  /** In an empty workspace without a source: the made-up market, in `simulated/` below it. */
  orSimulated?: boolean;
}

/** What a run works on. */
export interface ChosenSource {
  workspace: Workspace;
  /** For `ingest`; empty: goes on with those of the last time. */
  files: readonly InputFile[];
  source: Source;
  remarks: string[];
}

/**
 * Decides what a run works on, and claims the workspace for it before the first row is written.
 * @throws CandlebookError `no_source`, `mixed_markets`, `two_sources` (exit 2)
 */
export async function chooseSource(
  workspace: Workspace,
  { files = [], simulated = false, orSimulated = false }: SourceChoice,
  effects: Effects,
): Promise<ChosenSource> {
  if (files.length > 0 && simulated) {
    throw inputError("two_sources", "Both files and the simulated market were named.", "Name one of them.");
  }
  if (files.length > 0) {
    await claimMarket(workspace, { schema: 1, market: "real" });
    return { workspace, files, source: "csv", remarks: [] };
  }
  const claim = await readClaim(workspace);
  if (claim?.market === "simulated") return simulatedSource(workspace, claim.seed, [], effects);
  if (simulated) return simulatedSource(workspace, SIMULATED_SEED, [], effects);
  if (claim?.market === "real") return { workspace, files: [], source: "csv", remarks: [] };
  if (!orSimulated) throw noSource();
  const own = { ...workspace, root: inWorkspace(workspace, "simulated") };
  return simulatedSource(own, SIMULATED_SEED, ["No source was named and nothing is here yet."], effects);
}

async function simulatedSource(
  workspace: Workspace,
  seed: number,
  why: string[],
  effects: Effects,
): Promise<ChosenSource> {
  const files = await simulatedMarket(workspace, seed, effects);
  const { root, resources } = workspace;
  // Opened again: the made-up market has its own present.
  const opened = await openWorkspace({ root, ...resources });
  const remarks = [...why, "SIMULATED: these are made-up prices of a seeded market, not the exchange's."];
  return { workspace: opened, files, source: "simulated", remarks };
}

function noSource(): Error {
  return inputError(
    "no_source",
    "This workspace is empty, and no source was named.",
    "Name files (run --csv PATH…), or take the made-up market (run --simulated --workspace simulated).",
  );
}

/** Whether a run in this folder fell back to the simulated market, which lies in `simulated/` below it. */
export async function simulatedBeside(workspace: Workspace): Promise<boolean> {
  const claim = inWorkspace(workspace, "simulated", "data", "market.json");
  return (await stat(claim).catch(() => null)) !== null;
}
