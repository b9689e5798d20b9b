import type { InputFile } from "../batch/ingest.ts";
import { readRawManifest } from "../batch/rawManifest.ts";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { forMarket, REAL_MARKET, readClaim } from "../lake/marketClaim.ts";
import { openWorkspace } from "../lake/openWorkspace.ts";
import { startOverRest } from "../sources/startOverRest.ts";
import type { Day } from "../time/day.ts";
import { type ArchiveResult, archiveSource } from "./archiveSource.ts";
import { SIMULATED_SEED, simulatedMarket } from "./simulatedMarket.ts";
import { withExchange } from "./withExchange.ts";

/** Where a run's candles come from. Nothing said: what the workspace has; the public archive in an empty one. */
export interface SourceChoice {
  /** A person's files; they replace those of the run before. */
  files?: readonly InputFile[];
  /** The exchange's public archive. */
  archive?: boolean;
  /** The made-up market. */
  simulated?: boolean;
  /** In an empty workspace, where the archive can't be reached: the made-up market, in `simulated/` below it. */
  orSimulated?: boolean;
  /** Which symbols and days of the archive; see `archiveSource` for the defaults. */
  symbols?: readonly string[];
  from?: Day;
  to?: Day;
  archiveUrl?: string;
  /** Asked for the minutes of symbols that the archive has no file of. */
  restUrl?: string;
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
 * Decides what a run works on: the workspace is refused, or is that market's with its first rows. The archive is brought
 * up to date.
 * @throws CandlebookError `two_sources`, `mixed_markets` (exit 2); `archive_unreachable` (exit 3) and what a download throws
 */
export async function chooseSource(
  workspace: Workspace,
  choice: SourceChoice,
  effects: Effects,
): Promise<ChosenSource> {
  const { files = [], archive = false, simulated = false, orSimulated = false } = choice;
  if ([files.length > 0, archive, simulated].filter(Boolean).length > 1) {
    throw inputError(
      "two_sources",
      "More than one source was named.",
      "Name one: files, archive or simulated.",
    );
  }
  if (files.length > 0) {
    return { workspace: await forMarket(workspace, REAL_MARKET), files, source: "csv", remarks: [] };
  }
  const claim = await readClaim(workspace);
  if (claim?.market === "simulated" && !archive) return simulatedSource(workspace, claim.seed, [], effects);
  if (simulated) return simulatedSource(workspace, SIMULATED_SEED, [], effects);
  const known = await readRawManifest(workspace);
  // A list of which nothing was ever read is none.
  if (known?.source === "csv" && known.files.some(({ facts }) => facts !== null) && !archive) {
    return { workspace: await forMarket(workspace, REAL_MARKET), files: [], source: "csv", remarks: [] };
  }
  try {
    const came = await archiveSource(workspace, choice, effects);
    const refused = came.files.filter(({ state }) => state === "refused");
    const remarks = refused.map(({ name, remark }) => `The archive's ${name} was refused: ${remark}`);
    const started = await withoutFiles(choice, came, effects);
    return {
      workspace: came.workspace,
      files: came.inputs,
      source: "binance",
      remarks: [...remarks, ...started],
    };
  } catch (error) {
    const unreachable = error instanceof CandlebookError && error.code === "archive_unreachable";
    if (!unreachable || !orSimulated || claim !== null) throw error;
    const own = { ...workspace, root: inWorkspace(workspace, "simulated") };
    return simulatedSource(own, SIMULATED_SEED, [error.message], effects);
  }
}

/** Symbols that the archive gave no file of begin with minutes over REST; says so. */
async function withoutFiles(
  { restUrl }: SourceChoice,
  { workspace, symbols, from, to, paths }: ArchiveResult,
  effects: Effects,
): Promise<string[]> {
  const bare = symbols.filter((symbol) => !paths.some((path) => path.includes(`/${symbol}/`)));
  if (bare.length === 0) return [];
  await withExchange(workspace, { restUrl }, (exchange) =>
    startOverRest(workspace, { ...exchange, symbols: bare, from, to }, effects),
  );
  return bare.map((symbol) => `The archive has no file of ${symbol} to take: its minutes came over REST.`);
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
